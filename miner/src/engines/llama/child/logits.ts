import type { ControlledEvaluateInputItem, Token } from "node-llama-cpp";
import type { LogitsWanted } from "../../sampler/index.ts";
import { pinned } from "../pinned.ts";
import type { Sequence } from "./backend.ts";

/** Prompt tokens between two looks at the abort signal: several batches, because each call has a cost of its own. */
export const stride = 8 * pinned.batchSize;

/** The wanted logits, raw, of which `logSum` is ln of the sum of exp over the whole vocabulary. */
export interface LogitsAt {
  readonly logits: ReadonlyMap<number, number>;
  readonly logSum: number;
}

/**
 * Puts tokens behind what the sequence holds and returns, for each, the logits of what follows it; undefined where none
 * are wanted. As many tokens at a time as the caller gives: one call is one stretch between two looks at the abort signal.
 */
export async function evaluateEach(
  sequence: Sequence,
  tokens: readonly (readonly [id: number, wanted: LogitsWanted | undefined])[],
  signal: AbortSignal,
): Promise<(LogitsAt | undefined)[]> {
  const input = tokens.map(([id, wanted]): ControlledEvaluateInputItem => {
    if (wanted === undefined) return id as Token;
    const logits = wanted === "all" || { filter: { tokens: wanted.ids as Token[], includeTop: wanted.top } };
    return [id as Token, { generateNext: { logits, totalLogitWeight: true, options: { temperature: 0 } } }];
  });
  const results = await sequence.controlledEvaluate(input);
  signal.throwIfAborted();
  return tokens.map(([, wanted], index) => {
    const next = results[index]?.next;
    if (wanted === undefined || next?.logits === undefined) return undefined;
    let largest = -Infinity;
    for (const logit of next.logits.values()) largest = Math.max(largest, logit);
    return { logits: next.logits, logSum: largest + Math.log(next.totalLogitWeight ?? Number.NaN) };
  });
}

/**
 * Puts tokens behind what the sequence holds and returns the wanted logits for what follows.
 * They are raw values only at temperature 0: another temperature scales them.
 * @param alternatives `logSum` and so many of the likeliest are wanted too
 */
export async function evaluate(
  sequence: Sequence,
  tokens: readonly number[],
  wanted: LogitsWanted,
  signal: AbortSignal,
  alternatives?: number,
): Promise<Pick<LogitsAt, "logits"> & Partial<LogitsAt>> {
  // The likeliest one is what `totalLogitWeight` is told in relation to.
  const least = alternatives === undefined ? 0 : Math.max(1, alternatives);
  const logits = wanted === "all" || {
    filter: { tokens: wanted.ids as Token[], includeTop: Math.max(wanted.top, least) },
  };
  const next = { logits, totalLogitWeight: least > 0, options: { temperature: 0 } };
  for (let from = 0; ; from += stride) {
    const part = tokens.slice(from, from + stride) as Token[];
    const isLast = from + stride >= tokens.length;
    const input: ControlledEvaluateInputItem[] = part;
    const final = part.at(-1);
    if (isLast && final !== undefined) input[part.length - 1] = [final, { generateNext: next }];
    const results = await sequence.controlledEvaluate(input);
    signal.throwIfAborted();
    if (!isLast) continue;
    const { logits: found = new Map<number, number>(), totalLogitWeight } = results.at(-1)?.next ?? {};
    if (least === 0 || totalLogitWeight === undefined) return { logits: found };
    const largest = found.values().reduce((most, logit) => Math.max(most, logit), -Infinity);
    return { logits: found, logSum: largest + Math.log(totalLogitWeight) };
  }
}
