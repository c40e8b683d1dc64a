import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EngineError } from "./errors.ts";

export type Variant = "cuda" | "vulkan";

const scope = "@node-llama-cpp";
/** As the packages call those systems that have variants. */
const systems: ReadonlyMap<string, string> = new Map([
  ["linux-x64", "linux-x64"],
  ["win32-x64", "win-x64"],
]);

/** The packages that make up a variant of the engine on a platform; none where it has no such variant. */
export function variantPackages(variant: Variant, platform: string, arch: string): readonly string[] {
  const system = systems.get(`${platform}-${arch}`);
  if (system === undefined) return [];
  return variant === "cuda" ? [`${system}-cuda`, `${system}-cuda-ext`] : [`${system}-vulkan`];
}

export interface InstallOptions {
  readonly packages: readonly string[];
  /** Folder of packages that holds the engine's; this installation's own unless given. */
  readonly folder?: string;
  /** Of the engine, which the variant's must be too; this installation's own unless given. */
  readonly version?: string;
  /** Program that fetches packages. */
  readonly npm?: string;
  readonly signal: AbortSignal;
}

/**
 * Fetches a variant's packages with npm, which checks them against its registry's digests, and puts them beside the engine's own. Nothing else of
 * the installation changes, and what was there stays until the new one is whole. Throws EngineError `download-failed`.
 */
export async function installVariant(options: InstallOptions): Promise<void> {
  const { packages, folder = packagesHere(), npm = "npm", signal } = options;
  const version = options.version ?? versionIn(join(folder, "node-llama-cpp"));
  const place = join(folder, scope);
  const work = mkdtempSync(join(place, ".install-"));
  try {
    for (const name of packages) {
      const wanted = `${scope}/${name}@${version}`;
      const run = promisify(execFile);
      // On Windows npm is a script of the shell.
      const shell = process.platform === "win32";
      const packed = await run(npm, ["pack", wanted, "--silent", "--pack-destination", work], { signal, shell });
      const file = packed.stdout.trim().split("\n").at(-1) ?? "";
      await run("tar", ["-xzf", file], { cwd: work, signal });
      const unpacked = join(work, "package");
      if (versionIn(unpacked) !== version) throw new Error(`it is not of version ${version}`);
      const [to, before] = [join(place, name), join(work, `${name}.before`)];
      try {
        renameSync(to, before);
      } catch {
        // There was none.
      }
      renameSync(unpacked, to);
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new EngineError("download-failed", `The engine's variant cannot be installed: ${why}`, { cause });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function versionIn(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return version;
}

function packagesHere(): string {
  const parts = dirname(fileURLToPath(import.meta.resolve("node-llama-cpp"))).split(sep);
  return parts.slice(0, parts.lastIndexOf("node_modules") + 1).join(sep);
}
