import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import type { CardUse, Tuning } from "../llama/messages.ts";
import { pinned } from "../llama/pinned.ts";

const library = /^(lib(ggml|llama)[^/]*\.(so|dylib)[^/]*|(ggml|llama)[^/\\]*\.dll|llama-addon\.node)$/;

/**
 * One line that names everything that decides the bits of a result. Call it after the backend is loaded: the package
 * brings one library for each kind of processor, and only the loaded one counts.
 */
export function engineId(
  version: string,
  device: "cpu" | CardUse["backend"],
  tuning: Partial<Tuning> & { gpuLayers?: number } = {},
): string {
  const { package: name, ...configuration } = { ...pinned, ...tuning };
  const settings = Object.entries(configuration).map(([key, value]) => `${key}=${String(value)}`);
  return [`${name}@${version}`, `libraries=${librariesDigest()}`, ...settings, `device=${device}`].join(" ");
}

/** sha256 over the names and contents of the backend libraries in this process, in the order of their names. */
function librariesDigest(): string {
  const digest = createHash("sha256");
  const files = [...new Set(loadedObjects().filter((path) => library.test(basename(path))))];
  for (const file of files.sort((a, b) => (basename(a) < basename(b) ? -1 : 1))) {
    digest.update(`${basename(file)}\n${createHash("sha256").update(readFileSync(file)).digest("hex")}\n`);
  }
  return digest.digest("hex");
}

function loadedObjects(): string[] {
  // Looking up the network's interfaces is the slow part of a report, and may even ask a name server.
  Object.assign(process.report, { excludeNetwork: true });
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
  return sharedObjects.flatMap((path) => {
    try {
      return [realpathSync(path)];
    } catch {
      // Some entries are no files: the kernel's own page, for one.
      return [];
    }
  });
}
