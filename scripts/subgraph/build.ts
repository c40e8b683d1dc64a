import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { claim } from "../processes/single.ts";
import { root } from "../root.ts";

const run = promisify(execFile);
const folder = join(root, "subgraph");
const stamp = join(root, ".cache", "subgraph-built");
const graphCli = join(root, "node_modules", "@graphprotocol", "graph-cli", "bin", "run.js");
/** The mappings are the same for every network; a manifest only says where the contracts are. */
const MANIFEST = "subgraph.31337.yaml";

/** Fingerprint of everything that the build depends on. */
function fingerprint(): string {
  const hash = createHash("sha256");
  const inputs = ["subgraph/src/**/*.ts", "subgraph/abis/*.json", "subgraph/*.graphql", `subgraph/${MANIFEST}`];
  const files = ["package-lock.json", ...inputs.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()];
  for (const file of files) {
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** Builds the subgraph when a source changed since the last time. Of several callers at once, one builds. */
export async function ensureSubgraphBuilt(): Promise<void> {
  while (!isBuilt()) {
    const release = claim(`${stamp}-by`);
    if (typeof release === "number") {
      await pause(100);
      continue;
    }
    try {
      if (!isBuilt()) await build();
    } finally {
      release();
    }
  }
}

function isBuilt(): boolean {
  const isThere = existsSync(join(folder, "build")) && existsSync(stamp);
  return isThere && readFileSync(stamp, "utf8") === fingerprint();
}

async function build(): Promise<void> {
  const now = fingerprint();
  rmSync(stamp, { force: true });
  for (const each of ["generated", "build"]) rmSync(join(folder, each), { recursive: true, force: true });
  await graph("codegen", MANIFEST, "--output-dir", "generated");
  await graph("build", MANIFEST, "--output-dir", "build");
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}

/** Runs graph-cli, which asks the network for nothing in these commands. */
async function graph(...args: string[]): Promise<void> {
  try {
    await run(process.execPath, [graphCli, ...args], { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new Error(`graph ${args[0] ?? ""} fails:\n${stdout ?? ""}${stderr ?? ""}`, { cause: error });
  }
}
