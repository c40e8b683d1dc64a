import { classes } from "../src/classifier/classes.ts";
import { featureCount } from "../src/classifier/features.ts";
import { hiddenMaximum, type Network } from "../src/classifier/network.ts";
import { hiddenCount, runFloat, type FloatNetwork } from "./train.ts";

const weightMaximum = 127;

/**
 * Whole numbers for a trained network. Each layer has one scale; the shift is the smallest at which the hidden values of
 * all but one in a thousand of `samples` do not saturate.
 * @param samples inputs as the buckets that are set
 */
export function quantise(network: FloatNetwork, samples: readonly (readonly number[])[]): Network {
  const hiddenScale = weightMaximum / largest(network.hidden);
  const outputScale = weightMaximum / largest(network.output);
  const values = samples.flatMap((active) => runFloat(network, active).hidden).sort((a, b) => a - b);
  const high = (values[Math.floor(values.length * 0.999)] ?? 0) * hiddenScale;
  let shift = 0;
  while (high / 2 ** shift > hiddenMaximum) shift++;
  // Rounding down loses half a step on average, which the bias gives back.
  const half = shift === 0 ? 0 : 2 ** (shift - 1);
  const round = (values: Float64Array, scale: number): Int32Array =>
    Int32Array.from(values, (x) => Math.round(x * scale));
  return {
    hidden: rows(round(network.hidden, hiddenScale), hiddenCount, featureCount),
    hiddenBias: round(network.hiddenBias, hiddenScale).map((bias) => bias + half),
    shift,
    output: rows(round(network.output, outputScale), classes.length, hiddenCount),
    outputBias: round(network.outputBias, (outputScale * hiddenScale) / 2 ** shift),
  };
}

function rows(values: Int32Array, count: number, width: number): Int8Array[] {
  return Array.from({ length: count }, (_, row) => Int8Array.from(values.subarray(row * width, (row + 1) * width)));
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
