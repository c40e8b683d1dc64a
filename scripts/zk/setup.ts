/**
 * `npm run zk:setup [-- NAME ...]`: makes development keys of the circuits, the same on every machine, in less than a minute
 * each. Without names it makes the committed ones.
 *
 * `--phase1` makes their first phase too and records its hash, which a power that the manifest does not know yet needs once.
 * `--ceremony FOLDER` takes keys that a ceremony made instead (CEREMONY.md): FOLDER/NAME.zkey each.
 */
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { filesOf, type Circuit } from "../../zk-circuits/src/circuits.ts";
import type { CircuitRecord } from "../../zk-circuits/src/manifest.ts";
import { chosenCircuits } from "./chosen.ts";
import { compile, fingerprint, keepWasm, sha256 } from "./compile.ts";
import { exportKey, keyPlace, makeDevelopmentKey, powerOf } from "./key.ts";
import { developmentPhase1 } from "./phase1.ts";
import { recordCircuit, recordPhase1 } from "./record.ts";

const words = process.argv.slice(2);
const at = words.indexOf("--ceremony");
const ceremony = at < 0 ? undefined : resolve(words.splice(at, 2)[1] ?? ".");

for (const circuit of chosenCircuits(words, ({ isCommitted, power }) => isCommitted && power !== undefined)) {
  const record = ceremony === undefined ? await makeDevelopmentKey(circuit) : await takeKey(circuit, ceremony);
  recordCircuit(circuit.name, record);
  if (words.includes("--phase1")) recordPhase1(powerOf(circuit), sha256(await developmentPhase1(powerOf(circuit))));
  const what = ceremony === undefined ? "development only: everybody can compute its secrets" : "a ceremony's";
  console.log(`${circuit.name}: ${filesOf(circuit).zkey} (${what})`);
}
console.log("The contracts take the keys with: npm run generate");
// The curve's threads stay for the next call.
process.exit(0);

/** A key that a ceremony made. */
async function takeKey(circuit: Circuit, folder: string): Promise<CircuitRecord> {
  powerOf(circuit);
  const compiled = await compile(circuit);
  keepWasm(circuit);
  copyFileSync(join(folder, `${circuit.name}.zkey`), keyPlace(circuit));
  return { sources: fingerprint(circuit), ...compiled, ...(await exportKey(circuit)), setup: "ceremony" };
}
