import { limits, type OfferedModel } from "@lode/protocol";
import { keccak, type Hex } from "@lode/sdk/hash";
import { hostedEngineClass } from "@lode/sdk/typed-data";
import type { NodeReport } from "../nodes/registry.ts";

export type Workload = "text" | "benchmark";

/** Ids under which clients ask for what any polling miner of a workload does. */
export const benchmarkModel = "hosted/benchmark";
export const textModel = "hosted/text";

/** Prompt and answer of a hosted job together, in tokens. */
const contextTokens = limits.outputTokens;
const namesOfText: ReadonlySet<string> = new Set(["text", "text_generation", "text-generation", "chat", "completion"]);

/** A hosted model: its digest names nothing but its id, because nobody has shown any weights. */
export function hostedModel(id: string): OfferedModel {
  const digest = keccak(new TextEncoder().encode(`lode hosted model ${id}`));
  return { id, digest, engineClass: hostedEngineClass, contextTokens, sizeBytes: 0 };
}

/** Ids that a machine serves by what it says of itself; without a word it does both workloads. */
export function modelsOf({ workloads, models = [] }: NodeReport): string[] {
  const isText = workloads?.some((name) => namesOfText.has(name.toLowerCase())) ?? true;
  const isBenchmark = workloads?.some((name) => name.toLowerCase() === "benchmark") ?? true;
  const named = models.map((name) => `hosted/${name.replace(/^hosted\//, "")}`).filter((id) => shape.test(id));
  return [
    ...(isBenchmark ? [benchmarkModel] : []),
    ...(isText ? [textModel, ...named.filter((id) => id !== benchmarkModel && id !== textModel)] : []),
  ];
}

const shape = /^hosted\/[A-Za-z0-9._:/-]{1,100}$/;
const benchmarkDigest = hostedModel(benchmarkModel).digest;

export function workloadOf(modelDigest: Hex): Workload {
  return modelDigest === benchmarkDigest ? "benchmark" : "text";
}
