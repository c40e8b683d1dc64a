import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { zKey, type VerificationKey } from "snarkjs";
import { filesOf, type Circuit } from "../../zk-circuits/src/circuits.ts";
import { readManifest, type Manifest } from "../../zk-circuits/src/manifest.ts";
import { root } from "../root.ts";
import { renderVerifyingKeys } from "../generate/verifying-keys.ts";
import { fingerprint, sha256 } from "./compile.ts";

/**
 * Whether a circuit's committed files are what its sources and the manifest say; without compiling, and without phase 1.
 * @returns one sentence for each thing that is wrong
 */
export async function verifyQuickly(circuit: Circuit, manifest: Manifest = readManifest()): Promise<string[]> {
  const record = manifest.circuits[circuit.name];
  if (record === undefined) return [`The manifest does not know ${circuit.name}.`];
  const files = filesOf(circuit);
  const wrong: string[] = [];
  if (record.sources !== fingerprint(circuit)) {
    wrong.push("The sources are not those that were compiled; run npm run zk:build.");
  }
  for (const kind of circuit.power === undefined ? [] : (["wasm", "zkey", "verificationKey"] as const)) {
    if (!existsSync(files[kind])) wrong.push(`${files[kind]} is not there.`);
    else if (sha256(files[kind]) !== record[kind]) wrong.push(`${files[kind]} is not the manifest's.`);
  }
  if (circuit.power === undefined || !existsSync(files.zkey) || !existsSync(files.verificationKey)) return wrong;
  const exported = JSON.parse(readFileSync(files.verificationKey, "utf8")) as VerificationKey;
  if (statSync(files.zkey).size > 0 && !isSame(await zKey.exportVerificationKey(files.zkey), exported)) {
    wrong.push("The exported key is not the one in the zkey.");
  }
  return [...wrong, ...strangers(circuit, manifest), ...weaknesses(circuit, exported)];
}

/** Whether the contracts' constants are the exported key's, number by number, and it is called what it is. */
function strangers({ name }: Circuit, manifest: Manifest): string[] {
  const own = [...renderVerifyingKeys(manifest)].filter(([, source]) => source.includes(`the circuit ${name},`));
  const facts = (source: string): string => (source.match(/0x[0-9a-f]{64}|IS_DEVELOPMENT = \w+/g) ?? []).join();
  return own
    .filter(([file, source]) => facts(readFileSync(join(root, file), "utf8")) !== facts(source))
    .map(([file]) => `${file} holds another key than the exported one; run npm run generate.`);
}

/** What makes a key worthless whatever made it. Exported for its test. */
export function weaknesses({ signals }: Pick<Circuit, "signals">, key: VerificationKey): string[] {
  const wrong: string[] = [];
  if (isSame(key.vk_gamma_2, key.vk_delta_2)) {
    wrong.push("Gamma is delta: nobody contributed, and any statement has a proof.");
  }
  if (key.nPublic !== signals.length || key.IC.length !== signals.length + 1) {
    wrong.push(`The key is for ${key.nPublic} public signals, the circuit has ${signals.length}.`);
  }
  const points = key.IC.map((point) => JSON.stringify(point));
  if (new Set(points).size !== points.length || points.some((point) => point === '["0","1","0"]')) {
    wrong.push("A public signal does not matter to the key, or not more than another one.");
  }
  return wrong;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
