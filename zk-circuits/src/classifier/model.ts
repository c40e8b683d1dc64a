import { className, runNetwork, type Network } from "./network.ts";
import { featuresOf } from "./features.ts";
import type { PromptClass } from "./classes.ts";
import weights from "./weights.json" with { type: "json" };

const row = (base64: string): Int8Array => new Int8Array(Buffer.from(base64, "base64"));
const numbers = (text: string): Int32Array => Int32Array.from(text.split(" "), Number);

/** The network that the circuit proves. */
export const classifierNetwork: Network = {
  hidden: weights.hidden.map(row),
  hiddenBias: numbers(weights.hiddenBias),
  shift: weights.shift,
  output: weights.output.map(row),
  outputBias: numbers(weights.outputBias),
};

/** How well it does on texts that it never saw, and what it was before quantisation. */
export const classifierReport: typeof weights.report = weights.report;

/** The class of an input, as an index, without a proof. */
export function classifyFeatures(features: Uint8Array): number {
  return runNetwork(classifierNetwork, features).index;
}

/** The class of a text, without a proof. */
export function classifyText(text: string): PromptClass {
  return className(classifyFeatures(featuresOf(text)));
}
