import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { claim } from "../processes/single.ts";
import { root } from "../root.ts";

const run = promisify(execFile);
const stamp = join(root, ".cache", "compiled");

/** Fingerprint of everything the compiler's output depends on. */
function fingerprint(): string {
  const hash = createHash("sha256");
  const files = ["hardhat.config.ts", "package-lock.json", ...globSync("contracts/**/*.sol", { cwd: root }).sort()];
  for (const file of files)
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Compiles the contracts when a source changed since the last time. Of several callers at once, one compiles. */
export async function ensureCompiled(): Promise<void> {
  while (!isCompiled()) {
    const release = claim(`${stamp}-by`);
    if (typeof release === "number") {
      await pause(100);
      continue;
    }
    try {
      if (!isCompiled()) await compile();
    } finally {
      release();
    }
  }
}

function isCompiled(): boolean {
  const isThere = existsSync(join(root, "artifacts", "contracts")) && existsSync(stamp);
  return isThere && readFileSync(stamp, "utf8") === fingerprint();
}

async function compile(): Promise<void> {
  const now = fingerprint();
  const hardhat = join(root, "node_modules", "hardhat", "dist", "src", "cli.js");
  try {
    await run(process.execPath, [hardhat, "build", "--no-tests", "--quiet"], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new Error(`The contracts do not compile:\n${stderr ?? ""}${stdout ?? ""}`, { cause: error });
  }
  writeFileSync(stamp, now);
}
