import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { zKey } from "snarkjs";
import { filesOf, type Circuit } from "../../zk-circuits/src/circuits.ts";
import type { CircuitRecord } from "../../zk-circuits/src/manifest.ts";
import { compile, fingerprint, keepWasm, sha256 } from "./compile.ts";
import { writeBeaconKey } from "./direct/zkey.ts";
import { developmentBeacon } from "./phase1.ts";
import { progress } from "./progress.ts";

/** Where a circuit's key belongs; makes the folder. */
export function keyPlace(circuit: Circuit): string {
  const { zkey } = filesOf(circuit);
  mkdirSync(dirname(zkey), { recursive: true });
  return zkey;
}

/** Phase 1 for a circuit of so many constraints, as a power of two. Throws RangeError for one that is only ever a witness. */
export function powerOf({ name, power }: Circuit): number {
  if (power === undefined) throw new RangeError(`the circuit ${name} has no setup: it is only ever a witness`);
  return power;
}

/** Writes the development key of a compiled circuit, the same on every machine. */
export async function writeDevelopmentKey(circuit: Circuit, zkey: string): Promise<void> {
  const shown = progress(`${circuit.name}, key`);
  const say = (step: string): void => shown.info(step);
  await writeBeaconKey(filesOf(circuit).r1cs, powerOf(circuit), developmentBeacon, zkey, say);
}

/** Compiles a circuit and makes its development key. Returns what the manifest has to say of them. */
export async function makeDevelopmentKey(circuit: Circuit): Promise<CircuitRecord> {
  powerOf(circuit);
  const compiled = await compile(circuit);
  keepWasm(circuit);
  await writeDevelopmentKey(circuit, keyPlace(circuit));
  const keys = await exportKey(circuit);
  return { sources: fingerprint(circuit), ...compiled, ...keys, setup: "development" };
}

/** Writes the verifying key beside the proving one; returns both files' hashes. */
export async function exportKey(circuit: Circuit): Promise<{ zkey: string; verificationKey: string }> {
  const { zkey, verificationKey } = filesOf(circuit);
  writeFileSync(verificationKey, `${JSON.stringify(await zKey.exportVerificationKey(zkey), null, 2)}\n`);
  return { zkey: sha256(zkey), verificationKey: sha256(verificationKey) };
}
