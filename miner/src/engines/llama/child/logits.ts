import type { ControlledEvaluateInputItem, Token } from "node-llama-cpp";
import type { LogitsWanted } from "../../sampler/index.ts";
import { pinned } from "../pinned.ts";
import type { Sequence } from "./backend.ts";

/** Prompt tokens between two looks at the abort signal: several batches, because each call has a cost of its own. */
const stride = 8 * pinned.batchSize;

/**
 * Puts tokens behind what the sequence holds and returns the wanted logits for what follows.
 * They are raw values only at temperature 0: another temperature scales them.
 */
export async function evaluate(
  sequence: Sequence,
  tokens: readonly number[],
  wanted: LogitsWanted,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  const logits = wanted === "all" || { filter: { tokens: wanted.ids as Token[], includeTop: wanted.top } };
  const next = { logits, options: { temperature: 0 } };
  for (let from = 0; ; from += stride) {
    const part = tokens.slice(from, from + stride) as Token[];
    const isLast = from + stride >= tokens.length;
    const input: ControlledEvaluateInputItem[] = part;
    const final = part.at(-1);
    if (isLast && final !== undefined) input[part.length - 1] = [final, { generateNext: next }];
    const results = await sequence.controlledEvaluate(input);
    signal.throwIfAborted();
    if (isLast) return results.at(-1)?.next.logits ?? new Map<number, number>();
  }
}
