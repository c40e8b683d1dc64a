import { createRequire } from "node:module";
import { readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** What the library's native part can do before the library itself uses it. */
interface Addon {
  loadBackends(folder: string): void;
}

/**
 * Computes with the one library for processors in this folder. The library takes the best of its own folder unless it has one
 * already, so this comes before its first use.
 */
export function loadCpuLibrary(folder: string): void {
  const [name = ""] = readdirSync(folder);
  const addon = join(dirname(realpathSync(join(folder, name))), "llama-addon.node");
  (createRequire(import.meta.url)(addon) as Addon).loadBackends(folder);
}
