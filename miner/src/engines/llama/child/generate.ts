import { fingerprintOf, fingerprintSize, type TokenChance, type TokenLogprob } from "@lode/protocol";
import { EngineError } from "../../errors.ts";
import type { GenerateRequest } from "../../engine.ts";
import { createConstraint, type MaskVocabulary } from "../../constraint/index.ts";
import { bestCandidates, createChooser, createSampler } from "../../sampler/index.ts";
import { createOutput, type OutputToken, type TokenNotes } from "../../text/output.ts";
import type { TextStream } from "../../text/text-stream.ts";
import type { TokenBytes } from "../../text/token-bytes.ts";
import type { Allowance } from "./allowance.ts";
import type { Sequence } from "./backend.ts";
import { evaluate } from "./logits.ts";

/** What generation needs to know about the loaded model. */
export interface Generator {
  contextTokens: number;
  vocabularySize: number;
  encodePrompt(prompt: GenerateRequest["prompt"]): Promise<number[]>;
  createText(): TextStream;
  isEnd(id: number): boolean;
  /** The bytes that a token adds to a text. */
  bytesOf: TokenBytes;
  /** What masks need; made when a job first asks for one. */
  maskVocabulary(): MaskVocabulary;
}

/** Counts over all jobs of this process. */
export interface Tally {
  /** Every token that was computed and chosen, an answer's end included. */
  drawn: number;
}

/** One job in its slot. */
export interface Job {
  request: GenerateRequest;
  prompt: readonly number[];
  sequence: Sequence;
  allowance: Allowance;
  signal: AbortSignal;
  tally: Tally;
  deliver(tokens: readonly OutputToken[]): void;
}

/**
 * Generates one answer and returns why it ended. Token `n` of the answer is drawn at position `n`, prefix included, so
 * that an answer taken over from another engine goes on exactly as it would have there.
 */
export async function generate(
  generator: Generator,
  job: Job,
): Promise<{ reason: "stop" | "length"; stop?: number | undefined }> {
  const { request, prompt, sequence, allowance, signal } = job;
  const { prefixTokens, maxTokens } = request;
  const constraint = createConstraint(request, () => generator.maskVocabulary());
  const chooser = createChooser(createSampler(request.sampler, request.seed), constraint);
  for (const id of prefixTokens) chooser.take(id);
  const output = createOutput(generator.createText(), request.stop, prefixTokens);
  if (output.stopOfPrefix !== undefined) return { reason: "stop", stop: output.stopOfPrefix };
  const deliver = (tokens: readonly OutputToken[]): void => {
    if (tokens.length === 0) return;
    allowance.use(tokens.length);
    job.deliver(tokens);
  };
  const end = Math.min(prefixTokens.length + maxTokens, generator.contextTokens - prompt.length);
  let pending: readonly number[] = [...prompt, ...prefixTokens];
  const alternatives = alternativesOf(request);
  for (let position = prefixTokens.length; position < end; position += 1) {
    await allowance.wait();
    const evaluated = await evaluate(sequence, pending, chooser.wanted(), signal, alternatives);
    const id = chooser.pick(evaluated.logits);
    if (id === undefined) throw nothingToChoose(constraint !== undefined);
    job.tally.drawn += 1;
    if (generator.isEnd(id)) {
      deliver(output.flush());
      return { reason: "stop" };
    }
    chooser.take(id);
    const { ready, stopped, stop } = output.push(id, notesOf(generator, request, evaluated, id));
    deliver(ready);
    if (stopped) return { reason: "stop", stop };
    pending = [id];
  }
  deliver(output.flush());
  return { reason: "length" };
}

/** How many of the likeliest tokens must be known at every position; undefined where nobody asks. */
function alternativesOf({ logprobs, fingerprints }: GenerateRequest): number | undefined {
  return fingerprints === true ? Math.max(fingerprintSize, logprobs ?? 0) : logprobs;
}

/** What was asked to be told of a token. */
function notesOf(
  generator: Generator,
  { logprobs, fingerprints }: GenerateRequest,
  evaluated: Awaited<ReturnType<typeof evaluate>>,
  id: number,
): TokenNotes {
  const { logits, logSum } = evaluated;
  const notes: TokenNotes = {};
  if (logprobs !== undefined) notes.logprob = logprobOf(generator, evaluated, id, logprobs);
  if (fingerprints === true && logSum !== undefined) {
    const top = bestCandidates(logits, fingerprintSize).map((one) => [one.id, one.logit] as const);
    notes.fingerprint = fingerprintOf({ top, logSum });
  }
  return notes;
}

/** How likely the model held a token, and the likeliest at its place, whatever parameters and masks made of it. */
function logprobOf(
  { bytesOf }: Generator,
  { logits, logSum = 0 }: Awaited<ReturnType<typeof evaluate>>,
  id: number,
  count: number,
): TokenLogprob {
  const chance = (token: number, logit: number): TokenChance => ({
    bytes: Buffer.from(bytesOf(token)).toString("base64"),
    logprob: Math.min(0, logit - logSum),
  });
  const top = bestCandidates(logits, count).map((one) => chance(one.id, one.logit));
  return { ...chance(id, logits.get(id) ?? 0), top };
}

function nothingToChoose(isConstrained: boolean): EngineError {
  if (!isConstrained) return new EngineError("model-corrupt", "The model computes no finite numbers.");
  const sentence =
    "No token may come next: the prefix does not fit, or the model's vocabulary cannot spell what must follow.";
  return new EngineError("bad-request", sentence);
}
