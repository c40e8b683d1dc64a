/**
 * `npm run zk:lint`: looks over every circuit with circomspect. Each warning is explained in `explained.json` beside this
 * file, by the line that it is about, or fails; so does an explanation that nothing needs any more.
 */
import { execFile } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, packageFolder } from "../../zk-circuits/src/circuits.ts";

interface Explained {
  readonly rule: string;
  /** The circuit's file, relative to `circuits/`. */
  readonly file: string;
  /** The line of the source, without the space around it. */
  readonly line: string;
  readonly why: string;
}

interface Sarif {
  readonly runs: readonly { readonly results: readonly Result[] }[];
}

interface Result {
  readonly ruleId: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number };
    };
  }[];
}

const require = createRequire(join(packageFolder, "package.json"));
const program = require.resolve("circomspect/cli.js");
const circomlib = dirname(require.resolve("circomlib/package.json"));
const explained = JSON.parse(readFileSync(join(import.meta.dirname, "explained.json"), "utf8")) as Explained[];
const folder = join(cacheFolder, "lint");

// It finds what a circuit includes only beside the circuit.
rmSync(folder, { recursive: true, force: true });
cpSync(join(packageFolder, "circuits"), folder, { recursive: true });
const files = globSync("**/*.circom", { cwd: folder }).sort();
for (const place of new Set(files.map(dirname))) {
  mkdirSync(join(folder, place), { recursive: true });
  cpSync(join(circomlib, "circuits"), join(folder, place, "circomlib", "circuits"), { recursive: true });
}
const args = [program, ...files, "--sarif-file", "found.sarif"];
// Ends with 1 when it found something, which the file tells.
const said = await promisify(execFile)(process.execPath, args, { cwd: folder }).catch((error: unknown) => error);
const { runs } = readSarif();
const unused = new Set(explained);
let unexplained = 0;
for (const { ruleId, message, locations } of runs.flatMap(({ results }) => results)) {
  const { artifactLocation, region } = locations[0]?.physicalLocation ?? {
    artifactLocation: { uri: "" },
    region: { startLine: 0 },
  };
  const file = artifactLocation.uri.replace("file://", "");
  if (file.includes("circomlib/")) continue;
  const line = readFileSync(join(folder, file), "utf8").split("\n")[region.startLine - 1]?.trim() ?? "";
  const reason = explained.find((each) => each.rule === ruleId && each.file === file && each.line === line);
  if (reason !== undefined) unused.delete(reason);
  else {
    unexplained++;
    console.error(`${file}:${region.startLine} ${ruleId}: ${message.text}\n  ${line}`);
  }
}
for (const { rule, file, line } of unused)
  console.error(`nothing needs this explanation any more: ${rule} ${file} ${line}`);
console.log(`circomspect: ${explained.length - unused.size} lines with warnings are explained, ${unexplained} are not`);
if (unexplained + unused.size > 0) process.exitCode = 1;

function readSarif(): Sarif {
  try {
    return JSON.parse(readFileSync(join(folder, "found.sarif"), "utf8")) as Sarif;
  } catch (cause) {
    throw new Error(`circomspect wrote no result: ${JSON.stringify(said)}`, { cause });
  }
}
