/**
 * Puts together the miner as it is installed: `node scripts/package/miner.ts OUT [--json]`. OUT then holds everything but Node:
 * the bundled code, the embedded model, the classifier's proving key, the engine's package without llama.cpp's sources, and the libraries of this platform.
 * `node OUT/lode.js --help` starts it. Variants for GPUs stay out: the engine does not use any yet.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { root } from "../root.ts";

/** Packages that cannot be bundled, native ones and one that only `require` finds; they and all that they need are copied. */
const native = ["node-llama-cpp", "secp256k1", "@zk-kit/eddsa-poseidon"];

/** Where the code looks for its other processes, from the folder that holds the bundle. */
const entryPoints = {
  lode: "miner/src/cli/main.ts",
  "child/main": "miner/src/engines/llama/child/main.ts",
  "child/render": "miner/src/engines/prompt/template/render.ts",
  worker: "miner/src/audit/check/worker.ts",
  "llama/child/accelerators": "miner/src/engines/llama/child/accelerators.ts",
};

export interface PackagedMiner {
  folder: string;
  /** What all its files take on the disk. */
  bytes: number;
  /** The same by part: bundle, model, proving (the classifier's key), engine (the platform's libraries), packages (all else in node_modules). */
  parts: Record<"bundle" | "model" | "proving" | "engine" | "packages", number>;
}

/** Writes the miner into `folder`, which must be new or empty. Throws where this platform's engine is not installed. */
export async function packageMiner(folder: string): Promise<PackagedMiner> {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error(`${folder} is not empty.`);
  mkdirSync(folder, { recursive: true });
  await bundle(folder);
  const bundleBytes = sizeOf(folder);
  cpSync(join(root, "miner/models/lode-demo.Q8_0.gguf"), join(folder, "lode-demo.Q8_0.gguf"));
  const known = join(root, "contracts/sdk/addresses");
  for (const name of readdirSync(known)) if (/^\d+\.json$/.test(name)) cpSync(join(known, name), join(folder, name));
  const model = sizeOf(folder) - bundleBytes;
  for (const name of ["classifier.wasm", "classifier.zkey"]) {
    cpSync(join(root, "zk-circuits/artifacts/classifier", name), join(folder, "zk-artifacts/classifier", name));
  }
  // Its licence goes with copies of it.
  cpSync(join(root, "node_modules/snarkjs/COPYING"), join(folder, "zk-artifacts/snarkjs-COPYING"));
  const proving = sizeOf(join(folder, "zk-artifacts"));
  for (const name of native) copyPackages(root, name, folder);
  const packages = sizeOf(join(folder, "node_modules"));
  const engine = copyEngine(folder);
  const parts = { bundle: bundleBytes, model, proving, engine, packages };
  return { folder, bytes: sizeOf(folder), parts };
}

async function bundle(folder: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, "miner/package.json"), "utf8")) as { version: string };
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: folder,
    bundle: true,
    // All chunks lie beside lode.js, so that files are found from any of them.
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node24",
    minify: true,
    external: native,
    // What proves, without what makes keys: that loads files by paths which a bundle does not have.
    alias: { snarkjs: join(root, "scripts/package/snarkjs-prove.mjs") },
    legalComments: "none",
    logLevel: "error",
    // Packages of the older kind ask for Node's own modules by `require`.
    banner: {
      js: 'import { createRequire as lodeRequire } from "node:module"; const require = lodeRequire(import.meta.url);',
    },
  });
  const description = { name: "lode-miner", version, private: true, type: "module", bin: { lode: "lode.js" } };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
}

/** Copies a package and everything that it depends on, each to where it lies now. Optional packages are not followed. */
function copyPackages(from: string, name: string, folder: string, seen = new Set<string>()): void {
  const place = findPackage(from, name);
  if (place === undefined || seen.has(place)) return;
  seen.add(place);
  cpSync(place, join(folder, relative(root, place)), {
    recursive: true,
    filter: (path) => isNeeded(place, path),
  });
  const { dependencies = {} } = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as {
    dependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(dependencies)) copyPackages(place, dependency, folder, seen);
}

/** Nested packages are copied when somebody asks for them. Sources, types and other platforms' builds do not run. */
function isNeeded(place: string, path: string): boolean {
  const [first = "", second = ""] = relative(place, path).split(sep);
  if (first === "node_modules") return false;
  if (/\.([cm]?ts|map|md)$/.test(path)) return false;
  if (basename(place) === "node-llama-cpp" && first === "llama") return second === "" || second.endsWith(".json");
  if (first === "prebuilds") return second === "" || second === `${process.platform}-${process.arch}`;
  return true;
}

/** The libraries of this platform, for processors. */
function copyEngine(folder: string): number {
  const names: Partial<Record<string, string>> = {
    "linux-x64": "linux-x64",
    "linux-arm64": "linux-arm64",
    "linux-arm": "linux-armv7l",
    "darwin-x64": "mac-x64",
    "darwin-arm64": "mac-arm64-metal",
    "win32-x64": "win-x64",
    "win32-arm64": "win-arm64",
  };
  const platform = `${process.platform}-${process.arch}`;
  const place = join(root, "node_modules/@node-llama-cpp", names[platform] ?? platform);
  if (!existsSync(place)) throw new Error(`The engine for ${platform} is not installed in this checkout.`);
  const to = join(folder, relative(root, place));
  cpSync(place, to, { recursive: true });
  return sizeOf(to);
}

function findPackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, "node_modules", name);
    if (existsSync(join(place, "package.json"))) return place;
    if (folder === root) return undefined;
  }
}

/** Bytes on the disk. */
function sizeOf(path: string): number {
  const stats = statSync(path);
  // Small files take whole blocks.
  if (!stats.isDirectory()) return Math.max(stats.size, stats.blocks * 512);
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: "boolean" } } });
  const [out] = positionals;
  if (out === undefined) {
    console.error("usage: node scripts/package/miner.ts OUT [--json]");
    process.exit(2);
  }
  const packaged = await packageMiner(resolve(out)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  });
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const parts = Object.entries(packaged.parts).map(([name, bytes]) => `${name} ${megabytes(bytes)}`);
  console.log(
    values.json === true
      ? JSON.stringify(packaged)
      : `${packaged.folder}: ${megabytes(packaged.bytes)} (${parts.join(", ")})`,
  );
}
