/** Names every line of a tracked file that holds an absolute path of somebody's machine or a package registry's address. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../root.ts";
import { findMachineWords } from "./machine-words.ts";

const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
let found = 0;
for (const file of files) {
  const bytes = readOrNothing(join(root, file));
  if (bytes.subarray(0, 8000).includes(0)) continue;
  for (const { line, word } of findMachineWords(bytes.toString("utf8"), root)) {
    console.log(`${file}:${line}: ${word}`);
    found += 1;
  }
}
process.exitCode = found === 0 ? 0 : 1;

/** A file deleted in the working tree but not yet in the index has nothing to say. */
function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
