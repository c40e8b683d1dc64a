import { classes, type PromptClass } from "./classes.ts";
import { featureCount } from "./features.ts";

/** A network of one hidden layer whose weights are whole numbers of 8 bits. */
export interface Network {
  /** Hidden units by inputs, each -127..127. */
  readonly hidden: readonly Int8Array[];
  /** One for each hidden unit, below 2^17 in size. */
  readonly hiddenBias: Int32Array;
  /** A hidden unit's sum is divided by 2^shift, rounded down. */
  readonly shift: number;
  /** Classes by hidden units, each -127..127. */
  readonly output: readonly Int8Array[];
  /** One for each class, below 2^17 in size. */
  readonly outputBias: Int32Array;
}

/** Largest value of a hidden unit: what is above saturates. */
export const hiddenMaximum = 127;

/**
 * What the circuit proves, in whole numbers: hidden = min(127, max(0, sum) >> shift), and the class is the first of the
 * largest outputs.
 * @param features 0 or 1 each
 */
export function runNetwork(network: Network, features: Uint8Array): { outputs: number[]; index: number } {
  if (features.length !== featureCount) throw new RangeError(`${features.length} features instead of ${featureCount}`);
  const hidden = network.hidden.map((weights, unit) => {
    const sum = dot(weights, features) + (network.hiddenBias[unit] ?? 0);
    return Math.min(hiddenMaximum, Math.max(0, sum) >> network.shift);
  });
  const outputs = network.output.map((weights, unit) => dot(weights, hidden) + (network.outputBias[unit] ?? 0));
  return { outputs, index: outputs.indexOf(Math.max(...outputs)) };
}

/** The class of a network's output. */
export function className(index: number): PromptClass {
  const name = classes[index];
  if (name === undefined) throw new RangeError(`there is no class ${index}`);
  return name;
}

function dot(weights: Int8Array, values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at++) sum += (weights[at] ?? 0) * (values[at] ?? 0);
  return sum;
}
