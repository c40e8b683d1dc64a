import { rmSync } from "node:fs";
import { join } from "node:path";
import { powersOfTau, zKey } from "snarkjs";
import { filesOf, type Circuit } from "../../zk-circuits/src/circuits.ts";
import { readManifest } from "../../zk-circuits/src/manifest.ts";
import { disagreements, thousandInputs } from "./agreement.ts";
import { compile, sha256 } from "./compile.ts";
import { writeDevelopmentKey } from "./key.ts";
import { developmentPhase1, zkCache } from "./phase1.ts";
import { progress } from "./progress.ts";
import { checkedOnce } from "./verified.ts";

/**
 * Compiles a circuit again, and checks its key against the constraints and against phase 1; the classifier's witness is also
 * compared with the network in TypeScript on a thousand inputs. What was found right here before for the same bytes is not
 * checked again.
 * @param given a ceremony's phase 1 file; a development key's is made
 * @returns one sentence for each thing that is wrong
 */
export async function verifyFully(circuit: Circuit, given: string | undefined): Promise<string[]> {
  const { circuits, phase1: known } = readManifest();
  const record = circuits[circuit.name];
  const wrong: string[] = [];
  const check = async (name: string, hashes: readonly string[], test: () => Promise<boolean>, otherwise: string) => {
    if (!(await checkedOnce(`${circuit.name}, ${name}`, hashes, test))) wrong.push(otherwise);
  };

  const compiled = await compile(circuit);
  for (const key of ["r1cs", "wasm", "constraints"] as const) {
    if (compiled[key] !== record?.[key])
      wrong.push(`Compiling gives other ${key} than the manifest's: ${compiled[key]}.`);
  }
  if (circuit.name === "classifier") {
    const compare = async (): Promise<boolean> => {
      const different = await disagreements(thousandInputs());
      wrong.push(...different);
      return different.length === 0;
    };
    await check("a thousand inputs", [compiled.wasm], compare, "The circuit and the network disagree.");
  }
  if (circuit.power === undefined) return wrong;
  const { r1cs, zkey } = filesOf(circuit);
  const key = sha256(zkey);
  if (record?.setup === "ceremony" && given === undefined) {
    return [...wrong, "The key is a ceremony's: name its phase 1 file with --phase1 FILE."];
  }
  if (record?.setup === "development") {
    const again = `The beacon makes another key of ${circuit.name}.`;
    await check("the key made again", [compiled.r1cs, key], async () => (await madeAgain(circuit)) === key, again);
  }
  const phase1 = given ?? (await developmentPhase1(circuit.power));
  const begun = sha256(phase1);
  const expected = known[circuit.power];
  if (given === undefined && expected === undefined) {
    wrong.push(
      `The manifest knows no phase 1 of 2^${circuit.power}; run npm run zk:setup -- ${circuit.name} --phase1.`,
    );
  } else if (given === undefined && begun !== expected) {
    wrong.push(`${phase1} is not the manifest's but ${begun}; remove it and run again.`);
  }
  const verifyPhase1 = (): Promise<boolean> => powersOfTau.verify(phase1, progress("phase 1"));
  await check("phase 1", [begun], verifyPhase1, "Phase 1 does not verify.");
  const verifyKey = (): Promise<boolean> => zKey.verifyFromR1cs(r1cs, phase1, zkey, progress(`${circuit.name}, key`));
  const stray = "The key does not belong to these constraints and this phase 1.";
  await check("the key against its constraints and phase 1", [compiled.r1cs, begun, key], verifyKey, stray);
  return wrong;
}

/** The hash of the development key as it comes out now. */
async function madeAgain(circuit: Circuit): Promise<string> {
  const file = join(zkCache, circuit.name, "again.zkey");
  try {
    await writeDevelopmentKey(circuit, file);
    return sha256(file);
  } finally {
    rmSync(file, { force: true });
  }
}
