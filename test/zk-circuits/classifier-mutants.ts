import { poseidon6 } from "poseidon-lite";
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
export const weights = renderCircom(network)
  .replace("return 1024;", "return 8;")
  .replace("return 6;", "return 3;")
  .replace(/(Bits\(\) \{\n {4}return )\d+/g, "$114");

export const first = [1, 1, 0, 0, 0, 0, 0, 0];
export const last = [0, 0, 0, 0, 0, 0, 1, 1];
export const few = [0, 0, 0, 0, 0, 1, 0, 0];
export const inputOf = (features: readonly number[], answer: number) => ({
  commitment: poseidon6([9, features.reduce((sum, bit, place) => sum + bit * 2 ** place, 0), 0, 0, 0, 0]),
  answer: BigInt(answer),
  binding: 7n,
  features: features.map(BigInt),
  salt: 9n,
});

const loose = (name: string, out: string): [string, string] => [
  "template Requantise(",
  `template ${name} { signal input in; ${out} }\ntemplate Requantise(`,
];
const hint = "isAnswer[unit] <-- answer == unit;";

/** What is dropped, as pieces of the circuit's text and what stands there instead; and an input that then has a witness. */
export type ClassifierMutant = readonly [
  name: string,
  edits: readonly (readonly [from: string, to: string])[],
  input: object,
];

export const classifierMutants: readonly ClassifierMutant[] = [
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
  ["the outputs, others do", [["outputs[unit] <== sum;", "outputs[unit] <-- unit == 1 ? 500 : 0;"]], inputOf(first, 1)],
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
  ["the limit, a hidden unit is what one likes", [["signal limited <==", "signal limited <-- 0 *"]], inputOf(last, 0)],
  ["the sign, a hidden unit is what one likes", [["value <==", "value <-- 0 *"]], inputOf(last, 0)],
  [
    "the words of the commitment, other features than the committed ones pass",
    [["commit.inputs[1 + word] <== packed;", "commit.inputs[1 + word] <== word == 0 ? 3 : 0;"]],
    { ...inputOf(last, 1), commitment: inputOf(first, 0).commitment },
  ],
  ["a hidden unit's sum, another does", [["hidden[unit].sum <== sum;", "hidden[unit].sum <== 0;"]], inputOf(last, 0)],
  [
    "what is decomposed, another sum does",
    [["moved.in <== sum + 2 ** (bits - 1);", "moved.in <== 2 ** (bits - 1);"]],
    inputOf(last, 0),
  ],
  ["what shows saturation, small sums saturate", [["isSmall.in <== high;", "isSmall.in <== 1;"]], inputOf(few, 0)],
];
