import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { circuitOf, filesOf } from "@lode/zk-circuits";
import {
  classes,
  classifierInput,
  classifierNetwork,
  featureCount,
  featuresOf,
  fieldOrder,
  runNetwork,
} from "@lode/zk-circuits/classifier";
import { examples } from "../../zk-circuits/model/data.ts";
import { Random } from "../../zk-circuits/model/random.ts";

interface Calculator {
  calculateWitness(input: object, isChecked: boolean): Promise<bigint[]>;
}

/** One, three public inputs, the features, the salt; then the network's outputs, as the circuit declares them. */
const firstOutput = 1 + 3 + featureCount + 1;

/** A thousand inputs: nothing, everything, what drives each unit as far as it goes, noise of every density, texts. */
export function thousandInputs(): Uint8Array[] {
  const random = new Random(99);
  const { hidden, output } = classifierNetwork;
  const extreme = (weights: readonly number[], sign: number): Uint8Array =>
    Uint8Array.from(weights, (weight) => (weight * sign > 0 ? 1 : 0));
  // Through an output's weights to the inputs: what drives the output itself.
  const through = output.map((row) =>
    Array.from({ length: featureCount }, (_, input) =>
      hidden.reduce((sum, weights, unit) => sum + (weights[input] ?? 0) * (row[unit] ?? 0), 0),
    ),
  );
  const made = [
    new Uint8Array(featureCount),
    new Uint8Array(featureCount).fill(1),
    ...[...hidden.map((row) => [...row]), ...through].flatMap((weights) => [extreme(weights, 1), extreme(weights, -1)]),
    ...examples("test", 84, 7).map(({ text }) => featuresOf(text)),
  ];
  while (made.length < 1_000) {
    const density = (made.length % 20) / 20;
    made.push(Uint8Array.from({ length: featureCount }, () => (random.next() < density ? 1 : 0)));
  }
  return made;
}

/**
 * Compares the circuit's witness with the network in TypeScript, output by output: the circuit takes the network's class, and
 * every output is the same number.
 * @returns one sentence for each input on which they differ
 */
export async function disagreements(inputs: readonly Uint8Array[]): Promise<string[]> {
  // One calculator for all: snarkjs, whose package this is, would compile it anew for each.
  const require = createRequire(createRequire(import.meta.url).resolve("snarkjs"));
  const { WitnessCalculatorBuilder } = require("circom_runtime") as {
    WitnessCalculatorBuilder: (wasm: Uint8Array, options: { memorySize: number }) => Promise<Calculator>;
  };
  const wasm = readFileSync(filesOf(circuitOf("classifier")).wasm);
  const calculator = await WitnessCalculatorBuilder(wasm, { memorySize: 256 });
  const wrong: string[] = [];
  for (const [number, features] of inputs.entries()) {
    const { outputs, index } = runNetwork(classifierNetwork, features);
    const input = classifierInput(features, 11n, { answer: index, binding: 5n });
    const witness = await calculator.calculateWitness(input, true).catch(() => []);
    const proved = witness.slice(firstOutput, firstOutput + classes.length).map(signed);
    if (proved.join() !== outputs.join()) {
      wrong.push(`Input ${number}: the circuit gives [${proved.join()}], the network [${outputs.join()}].`);
    }
  }
  return wrong;
}

function signed(value: bigint): number {
  return Number(value > fieldOrder / 2n ? value - fieldOrder : value);
}
