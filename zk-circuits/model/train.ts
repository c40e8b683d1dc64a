import { classes } from "../src/classifier/classes.ts";
import { featureCount, featuresOf } from "../src/classifier/features.ts";
import type { Example } from "./data.ts";
import { Random } from "./random.ts";

export const hiddenCount = 32;

/** The network before quantisation. Weights lie row after row: hidden by inputs, classes by hidden. */
export interface FloatNetwork {
  readonly hidden: Float64Array;
  readonly hiddenBias: Float64Array;
  readonly output: Float64Array;
  readonly outputBias: Float64Array;
}

interface Options {
  readonly epochs: number;
  readonly rate: number;
  /** Part of each weight that a step takes away: keeps weights small, so that 8 bits hold them. */
  readonly decay: number;
  /** Chance that a set bucket is left out of a step, so that no single word decides. */
  readonly dropout: number;
  readonly seed: number;
}

/** Gradient descent, one example at a time, its rate falling to a twentieth: the same weights on every machine. */
export function train(data: readonly Example[], { epochs, rate, decay, dropout, seed }: Options): FloatNetwork {
  const random = new Random(seed);
  const start = (length: number, scale: number): Float64Array =>
    Float64Array.from({ length }, () => (random.next() * 2 - 1) * scale);
  const network = {
    hidden: start(hiddenCount * featureCount, 0.08),
    hiddenBias: start(hiddenCount, 0),
    output: start(classes.length * hiddenCount, 0.3),
    outputBias: start(classes.length, 0),
  };
  const inputs = data.map(({ text }) => activeOf(featuresOf(text)));
  const order = data.map((_, index) => index);
  for (let epoch = 0; epoch < epochs; epoch++) {
    random.shuffle(order);
    const now = rate * (1 - (0.95 * epoch) / epochs);
    for (const index of order) {
      const kept = (inputs[index] ?? []).filter(() => random.next() >= dropout);
      learn(network, kept, data[index]?.label ?? 0, now, decay);
    }
  }
  return network;
}

/** Hidden values and class probabilities of one input, given by the buckets that are set. */
export function runFloat(network: FloatNetwork, active: readonly number[]): { hidden: number[]; chances: number[] } {
  const hidden = Array.from({ length: hiddenCount }, (_, unit) => {
    let sum = at(network.hiddenBias, unit);
    for (const input of active) sum += at(network.hidden, unit * featureCount + input);
    return Math.max(0, sum);
  });
  const outputs = classes.map((_, unit) =>
    hidden.reduce(
      (sum, value, from) => sum + value * at(network.output, unit * hiddenCount + from),
      at(network.outputBias, unit),
    ),
  );
  const largest = Math.max(...outputs);
  const powers = outputs.map((value) => Math.exp(value - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return { hidden, chances: powers.map((power) => power / total) };
}

/** The buckets that are set: most are not. */
export function activeOf(features: Uint8Array): number[] {
  return [...features.keys()].filter((index) => features[index] === 1);
}

/** One step down the gradient of the cross entropy. */
function learn(network: FloatNetwork, active: readonly number[], label: number, rate: number, decay: number): void {
  const { hidden, chances } = runFloat(network, active);
  const back = new Float64Array(hiddenCount);
  chances.forEach((chance, unit) => {
    const error = chance - (unit === label ? 1 : 0);
    network.outputBias[unit] = at(network.outputBias, unit) - rate * error;
    hidden.forEach((value, from) => {
      const place = unit * hiddenCount + from;
      const weight = at(network.output, place);
      back[from] = at(back, from) + error * weight;
      network.output[place] = weight - rate * (error * value + decay * weight);
    });
  });
  hidden.forEach((value, unit) => {
    if (value === 0) return;
    const error = at(back, unit);
    network.hiddenBias[unit] = at(network.hiddenBias, unit) - rate * error;
    for (const input of active) {
      const place = unit * featureCount + input;
      const weight = at(network.hidden, place);
      network.hidden[place] = weight - rate * (error + decay * weight);
    }
  });
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}
