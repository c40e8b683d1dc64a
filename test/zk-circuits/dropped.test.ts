import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { circuitOf, filesOf, witnessOf, type Circuit } from "@lode/zk-circuits";
import { wtns } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, keepWasm } from "../../scripts/zk/compile.ts";
import { classifierMutants, few, first, inputOf, last, weights } from "./classifier-mutants.ts";

const home = join(import.meta.dirname, "..", "..", ".cache", "zk");
mkdirSync(home, { recursive: true });
const folder = mkdtempSync(join(home, "dropped-"));
const made: Circuit[] = [];
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const circuit of made) rmSync(join(filesOf(circuit).r1cs, ".."), { recursive: true, force: true });
});

let count = 0;
/** The circuit with pieces of its text replaced, compiled. */
async function build(edits: readonly (readonly [string, string])[]): Promise<Circuit> {
  const place = join(folder, `${++count}`);
  cpSync("zk-circuits/circuits", place, { recursive: true });
  writeFileSync(join(place, "classifier-weights.circom"), weights);
  for (const [from, to] of edits) {
    const file = ["classifier.circom", "lib/signed.circom"].map((name) => join(place, name));
    const holder = file.find((name) => readFileSync(name, "utf8").includes(from));
    if (holder === undefined) throw new Error(`no circuit has the text ${from}`);
    writeFileSync(holder, readFileSync(holder, "utf8").replace(from, to));
  }
  const name = `dropped-${process.pid}-${count}`;
  const source = join(place, `${name}.circom`);
  renameSync(join(place, "classifier.circom"), source);
  const circuit: Circuit = { ...circuitOf("classifier"), name, source, isCommitted: false };
  made.push(circuit);
  await compile(circuit);
  keepWasm(circuit);
  return circuit;
}

describe("without", { timeout: 120_000 }, () => {
  let whole: Circuit;
  beforeAll(async () => {
    whole = await build([]);
  }, 120_000);

  it("nothing, the true answers have a witness and the others none", async () => {
    for (const [features, answer] of [
      [first, 0],
      [last, 1],
      [few, 1],
    ] as const) {
      for (const other of [0, 1, 2]) {
        const made = witnessOf(whole, inputOf(features, other));
        if (other === answer) await expect(made).resolves.toBeInstanceOf(Uint8Array);
        else await expect(made).rejects.toThrow("no witness");
      }
    }
  });

  it.each(classifierMutants)("%s", async (_name, edits, input) => {
    const mutant = await build(edits);
    const data = await witnessOf(mutant, input as never);
    expect(await wtns.check(filesOf(mutant).r1cs, { type: "mem", data })).toBe(true);
    await expect(witnessOf(whole, input as never)).rejects.toThrow("no witness");
  });
});
