import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineError } from "../errors.ts";

const pattern = /^(?:lib)?ggml-cpu-(.+)\.(?:so|dll)$/;

/** The binding's libraries for kinds of processors, by name; none where it has only one. */
export function cpuLibraries(): ReadonlyMap<string, string> {
  try {
    const library = fileURLToPath(import.meta.resolve("node-llama-cpp"));
    const kind = `${platform() === "win32" ? "win" : platform()}-${arch()}`;
    const folder = join(dirname(library), "..", "..", "@node-llama-cpp", kind, "bins", kind);
    return new Map(
      readdirSync(folder).flatMap((file): [string, string][] => {
        const name = pattern.exec(file)?.[1];
        return name === undefined ? [] : [[name, join(folder, file)]];
      }),
    );
  } catch {
    return new Map();
  }
}

/** A folder with this one library in it, and what removes it. Throws EngineError for a name that the binding does not have. */
export function cpuFolderOf(name: string): { path: string; remove: () => void } {
  const known = cpuLibraries();
  const file = known.get(name);
  if (file === undefined) {
    const names = [...known.keys()].join(", ");
    throw new EngineError("bad-request", `There is no library for processors named "${name}"; there are: ${names}.`);
  }
  const path = mkdtempSync(join(tmpdir(), "lode-cpu-"));
  symlinkSync(file, join(path, file.split(/[/\\]/).at(-1) ?? ""));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
