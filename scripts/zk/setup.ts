/**
 * `npm run zk:setup [-- NAME ...]`: makes development keys of the circuits, the same on every machine. Phase 1 is kept in
 * .cache/zk. Without names it makes the committed ones.
 *
 * `--ceremony FOLDER` takes keys that a ceremony made instead (CEREMONY.md): FOLDER/NAME.zkey each.
 */
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { zKey } from "snarkjs";
import { filesOf, type Circuit } from "../../zk-circuits/src/circuits.ts";
import { chosenCircuits } from "./chosen.ts";
import { compile, fingerprint, keepWasm, sha256 } from "./compile.ts";
import { developmentBeacon, developmentPhase1 } from "./phase1.ts";
import { progress } from "./progress.ts";
import { manifestOrNone, recordCircuit, recordPhase1 } from "./record.ts";

const words = process.argv.slice(2);
const at = words.indexOf("--ceremony");
const ceremony = at < 0 ? undefined : resolve(words.splice(at, 2)[1] ?? ".");

for (const circuit of chosenCircuits(words, ({ isCommitted, power }) => isCommitted && power !== undefined)) {
  const { name, power } = circuit;
  if (power === undefined) throw new RangeError(`the circuit ${name} has no setup: it is only ever a witness`);
  const compiled = await compile(circuit);
  keepWasm(circuit);
  if (ceremony === undefined) await makeDevelopmentKey(circuit, power);
  else copyFileSync(join(ceremony, `${name}.zkey`), place(circuit));
  const { zkey, verificationKey } = filesOf(circuit);
  const key = await zKey.exportVerificationKey(zkey);
  writeFileSync(verificationKey, `${JSON.stringify(key, null, 2)}\n`);
  recordCircuit(name, {
    sources: fingerprint(circuit),
    ...compiled,
    zkey: sha256(zkey),
    verificationKey: sha256(verificationKey),
    setup: ceremony === undefined ? "development" : "ceremony",
  });
  console.log(`${name}: ${zkey}`);
}
console.log("The contracts take the keys with: npm run generate");
// The curve's threads stay for the next call.
process.exit(0);

async function makeDevelopmentKey(circuit: Circuit, power: number): Promise<void> {
  const phase1 = await developmentPhase1(power);
  const hash = sha256(phase1);
  const known = manifestOrNone().phase1[power];
  if (known !== undefined && known !== hash)
    throw new Error(`${phase1} is not the manifest's; remove it and try again`);
  recordPhase1(power, hash);
  const zkey = place(circuit);
  const [first, draft] = [`${zkey}.first`, `${zkey}.draft`];
  const { name, hash: beacon, iterationsExponent } = developmentBeacon;
  await zKey.newZKey(filesOf(circuit).r1cs, phase1, first, progress(`${circuit.name}, key`));
  await zKey.beacon(first, draft, name, beacon, iterationsExponent, progress(`${circuit.name}, beacon`));
  rmSync(first);
  renameSync(draft, zkey);
}

function place(circuit: Circuit): string {
  const { zkey } = filesOf(circuit);
  mkdirSync(dirname(zkey), { recursive: true });
  return zkey;
}
