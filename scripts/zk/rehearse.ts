/**
 * `npm run zk:rehearse [-- --phase1 FILE]`: runs every command of CEREMONY.md, as it stands there, in a copy of the last commit:
 * two contributors, a beacon, and the key taken into the copy's repository. Without a phase 1 file the development one
 * stands in for the public one, whose hash is then not compared. Minutes.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { packageFolder } from "../../zk-circuits/src/circuits.ts";
import { root } from "../root.ts";
import { developmentPhase1 } from "./phase1.ts";

const words = process.argv.slice(2);
const at = words.indexOf("--phase1");
const given = at < 0 ? undefined : resolve(words[at + 1] ?? "");
const text = readFileSync(join(packageFolder, "CEREMONY.md"), "utf8");
const commands = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) => block.trim().split("\n"));
const [, ptau = "", hash] = /`(powersOfTau\S+_12\.ptau)` \| `([0-9a-f]{128})`/.exec(text) ?? [];
/** What the document leaves to the reader. */
const chosen: readonly (readonly [string, string])[] = [
  ["VALUE", createHash("sha256").update("rehearsal").digest("hex")],
  ["FOLDER_OF_CLASSIFIER_ZKEY", "."],
];

const phase1 = given ?? (await developmentPhase1(12));
const copy = mkdtempSync(join(tmpdir(), "lode-ceremony-"));
try {
  run(`git clone -q ${root} ${copy}`, root);
  // The packages are not written to: links will do where the system has them.
  run(`cp -al node_modules ${copy}/ || cp -a node_modules ${copy}/`, root);
  copyFileSync(phase1, join(copy, ptau));
  if (given !== undefined && createHash("blake2b512").update(readFileSync(phase1)).digest("hex") !== hash) {
    throw new Error(`${given} is not the file that CEREMONY.md names`);
  }
  for (const command of commands) {
    const started = performance.now();
    const filled = chosen.reduce((line, [name, value]) => line.replaceAll(name, value), command);
    console.log(`$ ${filled}`);
    run(filled, copy);
    console.log(`  ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  expectText("zk-circuits/artifacts/manifest.json", '"setup": "ceremony"');
  expectText("contracts/generated/ClassifierKey.sol", "IS_DEVELOPMENT = false");
  console.log(`All ${commands.length} commands of CEREMONY.md did what it says.`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
// The curve's threads stay for the next call.
process.exit();

/** Runs a line of the document; where it asks for random text it gets some. Throws with what it said when it fails. */
function run(command: string, cwd: string): void {
  const { status, stdout, stderr } = spawnSync(command, {
    ...{ cwd, shell: true, input: "not random at all\n", encoding: "utf8" },
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}${stderr}`);
}

function expectText(file: string, expected: string): void {
  const path = join(copy, file);
  if (!existsSync(path) || !readFileSync(path, "utf8").includes(expected)) {
    throw new Error(`${file} does not say ${expected}`);
  }
}
