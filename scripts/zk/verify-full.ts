import { powersOfTau, zKey } from "snarkjs";
import { filesOf, type Circuit } from "../../zk-circuits/src/circuits.ts";
import { readManifest } from "../../zk-circuits/src/manifest.ts";
import { disagreements, thousandInputs } from "./agreement.ts";
import { compile, sha256 } from "./compile.ts";
import { developmentPhase1 } from "./phase1.ts";
import { progress } from "./progress.ts";

/**
 * Compiles a circuit again, and checks its key against the constraints and against phase 1; the classifier's witness is also
 * compared with the network in TypeScript on a thousand inputs.
 * @param given a ceremony's phase 1 file; a development key's is made
 * @returns one sentence for each thing that is wrong
 */
export async function verifyFully(circuit: Circuit, given: string | undefined): Promise<string[]> {
  const { circuits, phase1: known } = readManifest();
  const record = circuits[circuit.name];
  const compiled = await compile(circuit);
  const wrong = (["r1cs", "wasm", "constraints"] as const)
    .filter((key) => compiled[key] !== record?.[key])
    .map((key) => `Compiling gives other ${key} than the manifest's: ${compiled[key]}.`);
  if (circuit.name === "classifier") wrong.push(...(await disagreements(thousandInputs())));
  if (circuit.power === undefined) return wrong;
  if (record?.setup === "ceremony" && given === undefined) {
    return [...wrong, "The key is a ceremony's: name its phase 1 file with --phase1 FILE."];
  }
  const phase1 = given ?? (await developmentPhase1(circuit.power));
  if (given === undefined && sha256(phase1) !== known[circuit.power]) {
    wrong.push(`${phase1} is not the manifest's; remove it and run again.`);
  }
  if (!(await powersOfTau.verify(phase1, progress("phase 1")))) wrong.push("Phase 1 does not verify.");
  const { r1cs, zkey } = filesOf(circuit);
  const isRight = await zKey.verifyFromR1cs(r1cs, phase1, zkey, progress(`${circuit.name}, key`));
  return isRight ? wrong : [...wrong, "The key does not belong to these constraints and this phase 1."];
}
