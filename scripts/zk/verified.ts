import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zkCache } from "./phase1.ts";

const file = join(zkCache, "verified.json");

/**
 * Does a long check once for the same bytes: what was found right on this machine is not done again after an interruption.
 * @param name what is checked
 * @param hashes of every file that the check reads
 * @param check tells whether it is right; only then it is remembered
 */
export async function checkedOnce(
  name: string,
  hashes: readonly string[],
  check: () => Promise<boolean>,
): Promise<boolean> {
  const started = performance.now();
  const key = createHash("sha256")
    .update([name, ...hashes].join())
    .digest("hex");
  if (remembered().includes(key)) {
    console.log(`  ${name}: right, as checked here before`);
    return true;
  }
  const isRight = await check();
  console.log(`  ${name}: ${isRight ? "right" : "WRONG"} (${((performance.now() - started) / 1000).toFixed(0)} s)`);
  if (isRight) {
    mkdirSync(zkCache, { recursive: true });
    writeFileSync(file, JSON.stringify([...remembered(), key]));
  }
  return isRight;
}

/** Forgets what was checked, so that everything is checked again. */
export function forgetChecks(): void {
  if (existsSync(file)) writeFileSync(file, "[]");
}

function remembered(): readonly string[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as string[];
  } catch {
    // None yet, or cut off: nothing is lost but time.
    return [];
  }
}
