import { createRequire } from "node:module";
import { readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { EngineError } from "../../errors.ts";

/** What the library's native part can do before the library itself uses it. */
interface Addon {
  loadBackends(folder: string): void;
  /** Undefined while there is nothing to compute with. */
  getGpuType(): string | false | undefined;
}

/**
 * Computes with the one library for processors in this folder. The library takes the best of its own folder unless it has one
 * already, so this comes before its first use. Throws EngineError where the processor lacks its instructions.
 */
export function loadCpuLibrary(folder: string): void {
  const [name = ""] = readdirSync(folder);
  const file = join(dirname(realpathSync(join(folder, name))), "llama-addon.node");
  const addon = createRequire(import.meta.url)(file) as Addon;
  addon.loadBackends(folder);
  if (addon.getGpuType() !== undefined) return;
  throw new EngineError("bad-request", `This processor cannot run ${name}.`);
}
