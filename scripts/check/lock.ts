/**
 * Checks that package-lock.json names every optional package its packages ask for; with `--write`, adds what is missing.
 *
 * Where a registry lacks another platform's build of a package, npm leaves it out of the lock file without a word, and
 * `npm ci` then refuses that file.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../root.ts";
import { findMissing, withAdded, type LockFile } from "./lock-file.ts";

const file = join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8")) as LockFile;
const missing = findMissing(lock);

for (const { name, version, wantedBy, platform } of missing) {
  const hint = platform === undefined ? " (its name tells no platform: add it by hand)" : "";
  console.log(`missing from package-lock.json: ${name} ${version}, wanted by ${wantedBy}${hint}`);
}
if (process.argv.includes("--write")) writeFileSync(file, `${JSON.stringify(withAdded(lock, missing), null, 2)}\n`);
const left = process.argv.includes("--write") ? missing.filter(({ platform }) => platform === undefined) : missing;
process.exitCode = left.length === 0 ? 0 : 1;
