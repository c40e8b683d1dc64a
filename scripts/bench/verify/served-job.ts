/** Jobs as a market makes them, without a market: served by an engine, committed to and billed as the daemon does; unsigned. */
import { loadAddresses } from "@lode/sdk/addresses";
import { keccak, type Hex } from "@lode/sdk/hash";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import {
  assignmentDigest,
  finishReason,
  ledgerDomain,
  tier,
  type Assignment,
  type Receipt,
} from "@lode/sdk/typed-data";
import { commitFingerprints, noFingerprints, promptCommitment, samplerHash, type Fingerprint } from "@lode/protocol";
import { defaultSampler, type Engine, type GenerateRequest } from "@lode/miner/engines";
import type { Transcript } from "@lode/miner/verify";

/** The devnet's. */
export const domain = ledgerDomain(loadAddresses(31337));
export const hash = (text: string): Hex => keccak(Buffer.from(text));
const account = (digit: string): Hex => `0x${digit.repeat(40)}`;
export const jobSalt = hash("job salt");
const promptSalt = hash("prompt salt");

/** What an assignment says of an engine. */
export type Promised = Pick<Engine["info"], "modelDigest" | "engineClass" | "contextTokens">;

/** What a miner signs is one thing and what it computes another: each may be changed alone. */
export interface Service {
  /** Serves the job, honestly or not. */
  readonly engine: Engine;
  /** The model and class that it is paid for; its own unless given. */
  readonly promised?: Promised | undefined;
  /** What the client asked; nothing else is signed. */
  readonly request: GenerateRequest;
  /** What the miner computes instead. */
  readonly computed?: Partial<GenerateRequest> | undefined;
  /** Ends after so many tokens as a client that hung up does. */
  readonly hangUpAfter?: number | undefined;
}

/** One job served and receipted as the daemon does it. */
export async function serve(service: Service): Promise<Transcript> {
  const { engine, promised = engine.info, request, computed, hangUpAfter } = service;
  const honest = { ...request, ...computed };
  const [inputIds, ids, told]: [number[], number[], Fingerprint[]] = [[], [], []];
  let reason = "stop";
  for await (const event of engine.start(honest, new AbortController().signal)) {
    if (event.type === "prompt") inputIds.push(...event.tokenIds);
    else if (event.type === "token") {
      ids.push(event.id);
      if (event.fingerprint !== undefined) told.push(event.fingerprint);
    } else reason = event.reason;
  }
  const outputIds = hangUpAfter === undefined ? ids : ids.slice(0, hangUpAfter);
  const ended = reason === "length" ? finishReason.length : finishReason.stop;
  return receipted({
    request,
    promised,
    inputIds,
    outputIds,
    fingerprints: request.fingerprints === true ? told.slice(0, outputIds.length) : undefined,
    finish: hangUpAfter === undefined ? ended : finishReason.cancelled,
  });
}

/** The signed structs over an answer, wherever it comes from. */
export function receipted(answer: {
  request: GenerateRequest;
  promised: Promised;
  inputIds: readonly number[];
  outputIds: readonly number[];
  finish: number;
  fingerprints?: readonly Fingerprint[] | undefined;
}): Transcript {
  const { request, promised, inputIds, outputIds, finish, fingerprints } = answer;
  const { contextTokens } = promised;
  const { prefixTokens, maxTokens, maxInputTokens, sampler, seed, stop } = request;
  const value = request.prompt as never;
  const assignment: Assignment = {
    ...{ coordinator: account("a"), counter: 1n, attempt: 0, client: account("c"), miner: account("d") },
    ...{ modelDigest: promised.modelDigest, engineClass: promised.engineClass },
    promptCommitment: promptCommitment(promptSalt, value),
    prefixCommitment: commitTokens(jobSalt, tokenSide.output, prefixTokens),
    outputOffset: prefixTokens.length,
    maxInputTokens,
    maxOutputTokens: maxTokens,
    samplerHash: samplerHash(sampler, { stop, contextTokens, jobSalt }),
    seed,
    quoteHash: hash("quote"),
    ...{ inputPriceWei: 2n, outputPriceWei: 5n, feePpm: 0 },
    maxAmountWei: BigInt(maxInputTokens) * 2n + BigInt(maxTokens) * 5n,
    ...{ deadline: 2_000_000_000n, tier: tier.sampled },
  };
  const receipt: Receipt = {
    assignment: assignmentDigest(domain, assignment),
    inputCommitment: commitTokens(jobSalt, tokenSide.input, inputIds),
    outputCommitment: commitTokens(jobSalt, tokenSide.output, outputIds, prefixTokens.length),
    fingerprintCommitment:
      fingerprints === undefined ? noFingerprints : commitFingerprints(jobSalt, fingerprints, prefixTokens.length),
    inputTokens: inputIds.length,
    outputTokens: outputIds.length,
    amountWei: BigInt(inputIds.length) * 2n + BigInt(outputIds.length) * 5n,
    ...{ startedAtMs: 1n, finishedAtMs: 2n, finishReason: finish, hosted: false },
  };
  return {
    ...{ assignment, receipt, jobSalt, inputIds, prefixIds: prefixTokens, outputIds, sampler, stop, contextTokens },
    ...(fingerprints !== undefined && { fingerprints }),
    prompt: { salt: promptSalt, value },
  };
}

/** A transcript whose receipt commits to other tokens than it was made for. */
export function reclaim(transcript: Transcript, changes: { inputIds?: number[]; outputIds?: number[] }): Transcript {
  const { inputIds = transcript.inputIds, outputIds = transcript.outputIds } = changes;
  const { receipt, prefixIds } = transcript;
  return {
    ...transcript,
    inputIds,
    outputIds,
    receipt: {
      ...receipt,
      inputCommitment: commitTokens(jobSalt, tokenSide.input, inputIds),
      outputCommitment: commitTokens(jobSalt, tokenSide.output, outputIds, prefixIds.length),
      inputTokens: inputIds.length,
      outputTokens: outputIds.length,
      amountWei: BigInt(inputIds.length) * 2n + BigInt(outputIds.length) * 5n,
    },
  };
}

/** What a client asks with one question; everything else is as usual. */
export function asking(question: string, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    prompt: { messages: [{ role: "user", content: question }] },
    prefixTokens: [],
    sampler: { ...defaultSampler, temperature: 0.9 },
    seed: hash("seed"),
    maxTokens: 96,
    maxInputTokens: 512,
    stop: [],
    ...changes,
  };
}

export const story = (changes: Partial<GenerateRequest> = {}): GenerateRequest =>
  asking("Tell me a long story.", changes);
