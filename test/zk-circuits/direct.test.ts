import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { slabField as field } from "@lode/sdk/slab";
import { curves, groth16, powersOfTau, zKey, type Place } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSections, writeSections } from "../../scripts/zk/direct/sections.ts";
import { preparePhase1 } from "../../scripts/zk/direct/phase1.ts";
import { writeBeaconKey } from "../../scripts/zk/direct/zkey.ts";
import { developmentBeacon } from "../../scripts/zk/phase1.ts";
import { TestCircuit } from "../helpers/circom.ts";

/** Signals that no sum names, constants, a public input without a constraint, a sum of several signals. */
const source = `pragma circom 2.2.2;
template Odd() {
  signal input a;
  signal input unused;
  signal input b[3];
  signal output cube;
  signal output mixed;
  signal square <== a * a;
  cube <== square * a + 7;
  mixed <== (b[0] + 3 * b[1] - b[2] + 1) * (a - 5 * b[0]);
}
component main {public [a, unused]} = Odd();
`;
const power = 3;
const folder = mkdtempSync(join(tmpdir(), "lode-direct-"));
const file = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("keys from a beacon whose secrets are computed", { timeout: 120_000 }, () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await TestCircuit.compile(".cache/zk/direct", "odd", source);
    const { name, hash, iterationsExponent } = developmentBeacon;
    const curve = await curves.getCurveFromName("bn128");
    await powersOfTau.newAccumulator(curve, power, file("new.ptau"));
    await powersOfTau.beacon(file("new.ptau"), file("beacon.ptau"), name, hash, iterationsExponent);
    await powersOfTau.preparePhase2(file("beacon.ptau"), file("slow.ptau"));
    await zKey.newZKey(circuit.r1cs, file("slow.ptau"), file("first.zkey"));
    await zKey.beacon(file("first.zkey"), file("slow.zkey"), name, hash, iterationsExponent);
  }, 120_000);

  it("are those that snarkjs makes with its ceremony, byte for byte, and so is the first phase", async () => {
    await preparePhase1(file("beacon.ptau"), power, developmentBeacon, file("quick.ptau"));
    expect(readFileSync(file("quick.ptau")).equals(readFileSync(file("slow.ptau")))).toBe(true);
    await writeBeaconKey(circuit.r1cs, power, developmentBeacon, file("quick.zkey"));
    expect(readFileSync(file("quick.zkey")).equals(readFileSync(file("slow.zkey")))).toBe(true);
  });

  it("of another beacon are others, which prove as well and are not those of this first phase", async () => {
    const other = { ...developmentBeacon, hash: "ab".repeat(32) };
    await writeBeaconKey(circuit.r1cs, power, other, file("other.zkey"));
    // The check leaves its files open, and what nobody closes is closed with a warning later: these are in memory.
    const held = (name: string): Place => ({ type: "mem", data: readFileSync(file(name)) });
    expect(await zKey.verifyFromR1cs(circuit.r1cs, held("slow.ptau"), held("slow.zkey"))).toBe(true);
    expect(await zKey.verifyFromR1cs(circuit.r1cs, held("slow.ptau"), held("other.zkey"))).toBe(false);
    await expect(preparePhase1(file("beacon.ptau"), power, other, file("never.ptau"))).rejects.toThrow(RangeError);

    const data = await circuit.witnessFile({ a: 3n, unused: 4n, b: [2n, 5n, 1n] });
    const place: Place = { type: "mem", data };
    const { proof, publicSignals } = await groth16.prove(file("other.zkey"), place, undefined, { singleThread: true });
    expect(publicSignals).toEqual(["34", `${(2n + 15n - 1n + 1n) * (3n - 10n) + field}`, "3", "4"]);
    const keyOf = async (name: string) => zKey.exportVerificationKey(file(name));
    expect(await groth16.verify(await keyOf("other.zkey"), publicSignals, proof)).toBe(true);
    expect(await groth16.verify(await keyOf("slow.zkey"), publicSignals, proof)).toBe(false);
    const wrong = ["35", ...publicSignals.slice(1)];
    expect(await groth16.verify(await keyOf("other.zkey"), wrong, proof)).toBe(false);
  });

  it.each([
    ["fewer constraints than it has", 60],
    ["fewer signals than it names", 36],
  ])("are not made of a circuit that says %s", async (_, at) => {
    const sections = [...readSections(circuit.r1cs, "r1cs")].map(([id, bytes]) => ({
      id,
      pieces: [Buffer.from(bytes)],
    }));
    const head = sections.find(({ id }) => id === 1)!.pieces[0]!;
    head.writeUInt32LE(head.readUInt32LE(at) - 1, at);
    writeSections(file("wrong.r1cs"), "r1cs", sections);
    await expect(writeBeaconKey(file("wrong.r1cs"), power, developmentBeacon, file("never.zkey"))).rejects.toThrow(
      /wrong\.r1cs (says|names)/,
    );
  });

  it("need the power that the circuit has", async () => {
    await expect(writeBeaconKey(circuit.r1cs, 4, developmentBeacon, file("never.zkey"))).rejects.toThrow(RangeError);
  });
});
