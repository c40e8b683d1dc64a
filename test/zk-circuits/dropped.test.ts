import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { circuitOf, filesOf, witnessOf, type Circuit } from "@lode/zk-circuits";
import { poseidon6 } from "poseidon-lite";
import { wtns } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, keepWasm } from "../../scripts/zk/compile.ts";
import { renderCircom } from "../../zk-circuits/model/render.ts";

/**
 * Drops the classifier's constraints, one class at a time, and proves something false with what is left. The circuit's text
 * is the real one with a network of eight inputs, two hidden units and three outputs, which compiles in a second.
 */
const network = {
  hidden: [Int8Array.of(40, 30, 20, 10, -10, -20, -30, -40), Int8Array.of(-40, -30, -20, -10, 10, 20, 30, 40)],
  hiddenBias: Int32Array.of(45, 45),
  shift: 1,
  output: [Int8Array.of(3, 1), Int8Array.of(1, 3), Int8Array.of(2, 2)],
  outputBias: Int32Array.of(10, 0, 5),
};
/** Room for the forged values too: they must not fail by a bound that the real network would not have. */
const weights = renderCircom(network)
  .replace("return 1024;", "return 8;")
  .replace("return 6;", "return 3;")
  .replace(/(Bits\(\) \{\n {4}return )\d+/g, "$114");

const first = [1, 1, 0, 0, 0, 0, 0, 0];
const last = [0, 0, 0, 0, 0, 0, 1, 1];
const few = [0, 0, 0, 0, 0, 1, 0, 0];
const inputOf = (features: readonly number[], answer: number) => ({
  commitment: poseidon6([9, features.reduce((sum, bit, place) => sum + bit * 2 ** place, 0), 0, 0, 0, 0]),
  answer: BigInt(answer),
  binding: 7n,
  features: features.map(BigInt),
  salt: 9n,
});

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

const loose = (name: string, out: string): [string, string] => [
  "template Requantise(",
  `template ${name} { signal input in; ${out} }\ntemplate Requantise(`,
];
const hint = "isAnswer[unit] <-- answer == unit;";

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

  it.each<[string, readonly (readonly [string, string])[], object]>([
    [
      "bits, features of 9 pass for 1 and 8",
      [["for (var i = 0; i < features_; i++) features[i] * (features[i] - 1) === 0;", ""]],
      inputOf([9, 0, 0, 0, 0, 0, 1, 1], 0),
    ],
    [
      "the commitment, another input does",
      [["commitment === commit.out;", ""]],
      { ...inputOf(first, 0), commitment: 1n },
    ],
    [
      "bits, a mixture of classes passes for one",
      [
        [hint, "isAnswer[unit] <-- unit == 1 ? -1 : 1;"],
        ["isAnswer[unit] * (isAnswer[unit] - 1) === 0;", ""],
      ],
      inputOf(first, 1),
    ],
    [
      "the sum, two classes pass for one",
      [
        [hint, "isAnswer[unit] <-- unit == 1 ? 0 : 1;"],
        ["total === 1;", ""],
      ],
      inputOf(first, 2),
    ],
    [
      "the index, another class does",
      [
        [hint, "isAnswer[unit] <-- unit == 0;"],
        ["index === answer;", ""],
      ],
      inputOf(first, 1),
    ],
    [
      "the choice, an output does that is none",
      [["chosen[unit] <== isAnswer[unit] * outputs[unit];", "chosen[unit] <-- 1000;"]],
      inputOf(first, 1),
    ],
    [
      "margins, a smaller output does",
      [["margins[unit].in <== largest - outputs[unit] - isBefore;", "margins[unit].in <== 0;"]],
      inputOf(first, 1),
    ],
    [
      "the outputs, others do",
      [["outputs[unit] <== sum;", "outputs[unit] <-- unit == 1 ? 500 : 0;"]],
      inputOf(first, 1),
    ],
    [
      "the decomposition, bits of another sum do",
      [
        ["component moved = Num2Bits(bits);", "component moved = LooseBits(bits);"],
        loose("LooseBits(n)", "signal output out[n]; for (var i = 0; i < n; i++) out[i] <-- 0;"),
      ],
      inputOf(last, 0),
    ],
    [
      "the test for saturation, small sums saturate",
      [
        ["component isSmall = IsZero();", "component isSmall = Loose();"],
        loose("Loose()", "signal output out; out <-- 0;"),
      ],
      inputOf(few, 0),
    ],
    [
      "the limit, a hidden unit is what one likes",
      [["signal limited <==", "signal limited <-- 0 *"]],
      inputOf(last, 0),
    ],
    ["the sign, a hidden unit is what one likes", [["value <==", "value <-- 0 *"]], inputOf(last, 0)],
  ])("%s", async (_name, edits, input) => {
    const mutant = await build(edits);
    const data = await witnessOf(mutant, input as never);
    expect(await wtns.check(filesOf(mutant).r1cs, { type: "mem", data })).toBe(true);
    await expect(witnessOf(whole, input as never)).rejects.toThrow("no witness");
  });
});
