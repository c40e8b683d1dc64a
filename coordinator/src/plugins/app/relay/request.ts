import type { Hex } from "@lode/sdk/hash";
import { hostedEngineClass, tier as tiers, type ServiceStep } from "@lode/sdk/typed-data";
import {
  embeddingTokenBound,
  imageTokens,
  inputTokenBound,
  limits,
  type AnyPrompt,
  type EmbeddingInput,
  type ImagePrompt,
  type OfferedModel,
  type SamplerParams,
  type TokenLogprob,
} from "@lode/protocol";
import { abilitiesFor } from "../../../domain/matching/abilities.ts";
import type { JobSummary } from "../../../domain/jobs/job.ts";
import type { LatencyTier } from "../../../domain/pricing/tier.ts";
import { serviceSteps } from "../../../domain/qos/service.ts";
import type { Span } from "../../external/tracing.ts";
import type { SignedQuote } from "../ledger/types.ts";
import type { Wishes } from "../market/wishes.ts";
import { RequestTooLargeError, UnsupportedTierError, WrongModelError } from "./errors.ts";

interface AnyRequest {
  readonly jobId: string;
  readonly client: Hex;
  /** Prefix of the API key that asks; its caps count. */
  readonly key: string | undefined;
  readonly model: OfferedModel;
  /** What the client asked for; undefined for the best that the model's miners can do. */
  readonly tier: number | undefined;
  readonly wishes?: Wishes | undefined;
}

/** A text that a client asked for, checked. */
export interface TextRequest extends AnyRequest {
  readonly prompt: AnyPrompt;
  readonly sampler: SamplerParams;
  readonly clientSeed?: number | string | undefined;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** The tokens' probabilities are wanted, and those of so many alternatives to each. */
  readonly logprobs?: number | undefined;
}

/** Vectors that a client asked for, checked. */
export interface VectorRequest extends AnyRequest {
  readonly prompt: EmbeddingInput;
}

/** A picture that a client asked for, checked. */
export interface ImageRequest extends AnyRequest {
  readonly prompt: ImagePrompt;
}

/** Candidates of a token where the client does not say. */
export const usualTopK = 40;

/** Nothing is drawn for vectors and pictures, but every assignment fixes how. */
export const noDraw = {
  sampler: { kind: "inverse-cdf-v1", temperature: 0, topK: 1, topP: 1 },
  clientSeed: 0,
  maxTokens: 0,
  stop: [],
  logprobs: undefined,
} as const;

type Undrawn = Omit<typeof noDraw, "maxTokens"> & Pick<TextRequest, "maxTokens">;
export type JobRequest = TextRequest | ((VectorRequest | ImageRequest) & Undrawn);

/** A picture is as many output tokens as its size says, neither more nor fewer. */
export const imageJob = (request: ImageRequest): JobRequest => ({
  ...request,
  ...noDraw,
  maxTokens: imageTokens(request.prompt.image),
});

/** A job that has a miner: its first assignment's digest, the miner, the prices. */
export interface JobStart {
  readonly digest: Hex;
  readonly miner: Hex;
  readonly quote: SignedQuote;
  readonly latency: LatencyTier;
  /** What the cloud that does it calls the model; undefined where a miner does it. */
  readonly cloud?: string | undefined;
}

/** Where the text goes, and how the client's side of it stands. */
export interface Sink {
  readonly onStart: (start: JobStart) => void;
  /** Takes text, and what is told of its tokens; false asks for a pause until `onDrain` calls back. */
  readonly onText: (text: string, logprobs?: readonly TokenLogprob[]) => boolean;
  readonly onDrain: (resume: () => void) => void;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** What the job's spans hang below. */
  readonly trace?: Span;
}

export interface JobResult extends JobSummary {
  /** Digest of the job's first assignment. */
  readonly job: Hex;
}

/** What a job led to that is no text. */
export interface WholeResult extends JobResult {
  /** One for each text, in their order. */
  readonly vectors: readonly Float32Array[];
  /** Undefined where none was asked for, or nobody waits for it any more. */
  readonly picture: Uint8Array | undefined;
}

/** Nobody can repeat what a polling miner did, or paint a picture again: nothing of it is drawn for checking. */
export function tierOf({ model, tier }: Pick<AnyRequest, "model" | "tier">): number {
  if (model.engineClass !== hostedEngineClass && model.images !== true) return tier ?? tiers.sampled;
  if (tier === tiers.sampled) throw new UnsupportedTierError(model.id);
  return tiers.hash;
}

/** What a miner must offer the model with: not all take token ids, or tell probabilities. */
export function neededFor({ prompt, logprobs }: JobRequest): number {
  const hasTokenIds =
    "tokens" in prompt || ("texts" in prompt && prompt.texts.some((text) => typeof text !== "string"));
  return abilitiesFor({ isPicture: isPicture(prompt), hasTokenIds, logprobs });
}

const isPicture = (prompt: JobRequest["prompt"]): boolean => "image" in prompt;

/** A model makes pictures or reads texts, never both. Throws WrongModelError. */
export function refuseWrongModel({ prompt, model }: Pick<JobRequest, "prompt" | "model">): void {
  if (isPicture(prompt) !== (model.images === true)) throw new WrongModelError(model.id, model.images === true);
}

/** What a quote for this request promises of its first token: only a bought tier does, and only of a miner's own link. */
export function promiseOf(
  { engineClass }: Pick<OfferedModel, "engineClass">,
  latency: LatencyTier | undefined,
): ServiceStep[] {
  return latency === undefined || engineClass === hostedEngineClass ? [] : serviceSteps(latency);
}

/** Room in a frame for the assignment, its proofs and the tokens of a prefix. */
const frameReserveBytes = 1024 * 1024;

/**
 * JSON within JSON, as tools and schemas travel, grows by its escapes; a frame beyond the limit would end a miner's link.
 * Throws RequestTooLargeError.
 */
export function refuseHuge({ prompt, sampler, stop }: JobRequest): void {
  // The bound counts the bytes of all texts, and an escape makes six of one at most.
  if (6 * tokenBoundOf(prompt) < limits.frameBytes - frameReserveBytes) return;
  const bytes = Buffer.byteLength(JSON.stringify({ prompt, sampler, stop }), "utf8");
  if (bytes > limits.frameBytes - frameReserveBytes) throw new RequestTooLargeError();
}

export function tokenBoundOf(prompt: JobRequest["prompt"]): number {
  if ("texts" in prompt) return embeddingTokenBound(prompt);
  return inputTokenBound("image" in prompt ? { text: prompt.image.prompt } : prompt);
}
