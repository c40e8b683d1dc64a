import { finishReason } from "@lode/sdk/typed-data";
import { EngineError, type Engine, type Recheck } from "../engines/index.ts";
import { MinerError } from "../errors.ts";
import { fingerprintOf, fingerprintSize } from "@lode/protocol";
import { doubt, fault, type CheckClass, type Reason } from "./report.ts";
import type { Transcript } from "./transcript.ts";

/** Computes the answer again. Throws EngineError, and MinerError where this engine cannot. */
export async function reexecute(
  engine: Engine,
  transcript: Transcript,
  way: "prefill" | "decode",
  signal: AbortSignal,
): Promise<Recheck> {
  if (engine.recheck === undefined) throw new MinerError("cannot-recheck", "This engine checks no answers.");
  const { assignment, inputIds, prefixIds, outputIds, sampler, stop, contextTokens, prompt } = transcript;
  return engine.recheck(
    {
      prompt: prompt?.value,
      promptTokens: inputIds,
      prefixTokens: prefixIds,
      tokens: outputIds,
      sampler,
      seed: assignment.seed,
      stop,
      contextTokens,
      maxTokens: assignment.maxOutputTokens,
      way,
      top: fingerprintSize,
    },
    signal,
  );
}

/** What any engine of the model must agree with: how a prompt becomes tokens does not depend on arithmetic. */
export function checkPrompt({ inputIds, prompt }: Transcript, { rendered }: Recheck): Reason[] {
  if (prompt === undefined || rendered === undefined) return [];
  const isSame = rendered.length === inputIds.length && rendered.every((id, index) => id === inputIds[index]);
  if (isSame) return [];
  const message = `The prompt has ${rendered.length} tokens, and not the ${inputIds.length} that the receipt commits to.`;
  return [fault("prompt-tokens", message)];
}

/** Positions at which another token comes out, counted over all attempts. */
export function mismatchesOf({ prefixIds, outputIds }: Transcript, { tokens }: Recheck): number[] {
  return outputIds.flatMap((id, index) => (tokens[index]?.drawn === id ? [] : [prefixIds.length + index]));
}

/** An engine of the miner's own class: every token, every fingerprint and the end must be equal to the bit. */
export function checkExactly(transcript: Transcript, recheck: Recheck): Reason[] {
  const { outputIds, prefixIds, fingerprints } = transcript;
  const found: Reason[] = [];
  const mismatches = mismatchesOf(transcript, recheck);
  const [first] = mismatches;
  if (first !== undefined) {
    const share = `${mismatches.length} of ${outputIds.length} tokens`;
    found.push(fault("other-token", `${share} come out differently, the first at position ${first}.`));
  }
  const invented = fingerprints?.findIndex(
    (fingerprint, index) => !isSameFingerprint(fingerprint, fingerprintOf(recheck.tokens[index] ?? nothing)),
  );
  if (invented !== undefined && invented >= 0)
    found.push(fault("other-fingerprint", `The fingerprint at position ${prefixIds.length + invented} is another.`));
  // Behind another token nothing can be said about the end.
  return first === undefined ? [...found, ...checkEnd(transcript, recheck)] : [...found, ...checkPadding(recheck)];
}

const nothing = { top: [], logSum: 0 };

function isSameFingerprint(
  claimed: readonly (readonly [number, number])[],
  own: readonly (readonly [number, number])[],
): boolean {
  return (
    claimed.length === own.length &&
    claimed.every(([id, logprob], rank) => id === own[rank]?.[0] && logprob === own[rank][1])
  );
}

/** Tokens behind the answer's end are billed for nothing, whatever computed them. */
export function checkPadding({ end, tokens }: Recheck): Reason[] {
  return end.kind === "earlier" ? [padding(end.delivered, tokens.length)] : [];
}

const padding = (delivered: number, billed: number): Reason =>
  fault("padding", `The answer had ended after ${delivered} tokens; ${billed} are billed.`);

/** How an answer of equal bits ends. */
function checkEnd(transcript: Transcript, recheck: Recheck): Reason[] {
  const { receipt, assignment, inputIds, prefixIds, outputIds, contextTokens } = transcript;
  const { end } = recheck;
  const held = inputIds.length + prefixIds.length + outputIds.length;
  if (contextTokens !== undefined && held > contextTokens)
    return [fault("padding", `The job has ${held} tokens where the agreed context holds ${contextTokens}.`)];
  if (end.kind === "earlier" || end.kind === "held") return [padding(end.delivered, outputIds.length)];
  const { kind } = end;
  if (receipt.finishReason === finishReason.stop && kind !== "here")
    return [fault("early-end", "The receipt says that the model ended, but its answer goes on.")];
  if (
    receipt.finishReason === finishReason.length &&
    outputIds.length < assignment.maxOutputTokens &&
    kind !== "full"
  ) {
    const message = "The length is said to be used up before the agreed number of tokens.";
    // Where the assignment says nothing of the miner's context, it may have been shorter than this verifier's.
    return [contextTokens === undefined ? doubt("short-context", message) : fault("early-end", message)];
  }
  return [];
}

/** Whether an engine of the miner's class re-executes by prefill or token by token. */
export const wayOf = (checkClass: CheckClass): "prefill" | "decode" =>
  checkClass === "A-decode" ? "decode" : "prefill";

/** A transcript that the engine refuses to compute: ids outside of the vocabulary, more than the context holds. */
export function refusalOf(error: unknown): Reason {
  if (error instanceof EngineError && error.code === "input-too-long") return doubt("too-long", error.message);
  if (error instanceof EngineError && error.code === "bad-request") return fault("impossible", error.message);
  if (error instanceof MinerError && error.code === "cannot-recheck") return doubt("cannot-recheck", error.message);
  throw error;
}
