import type { ChatMessage, Fingerprint, TokenLogprob, Tool } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import type { EngineError } from "./errors.ts";
import type { Sandbox } from "./sandbox/index.ts";
import type { SamplerParams } from "./sampler/index.ts";

export type { ChatMessage, Tool } from "@lode/protocol";

/** A conversation and the tools that the model may ask for, dressed by the model's chat template. */
export interface Conversation {
  messages: readonly ChatMessage[];
  tools?: readonly Tool[];
}

export interface GenerateRequest {
  /**
   * A text is the whole prompt: no template, and control tokens in it mean what they mean. So are tokens, exactly as they
   * are; only where `info.vocabulary` says so.
   */
  prompt: Conversation | { text: string } | { tokens: readonly number[] };
  /** Output tokens that another engine has delivered; generation goes on behind them, as if it had never stopped. */
  prefixTokens: readonly number[];
  sampler: SamplerParams;
  /** bytes32; with the position it decides every draw. */
  seed: Hex;
  /** Most new tokens of this call; the prefix does not count. */
  maxTokens: number;
  /** A longer prompt is refused with `input-too-long`; the prefix does not count. */
  maxInputTokens: number;
  /** Texts that end the output; neither they nor what follows is delivered. */
  stop: readonly string[];
  /** Processor time that the job may use, shared costs in equal parts; `cpu-limit` when it is used up. No limit unless given. */
  maxCpuMs?: number | undefined;
  /** Tells each token's probability, and those of so many alternatives; only where `info.logprobs` allows as many. */
  logprobs?: number | undefined;
  /** Tells each token's fingerprint; only where `info.fingerprints` says so. */
  fingerprints?: boolean | undefined;
}

/**
 * `prompt` comes first and once. A `token`'s text is what it adds to the output's text, and may be empty while a
 * character is incomplete. An end token is not reported. `stop`: the model ended, or a stop text came;
 * `length`: `maxTokens` or the context is used up. `stop` at the end is the place of the stop text that came in the request's list.
 */
export type GenerateEvent =
  | { type: "prompt"; tokenIds: number[] }
  | { type: "token"; id: number; text: string; logprob?: TokenLogprob; fingerprint?: Fingerprint }
  | { type: "end"; reason: "stop" | "length"; stop?: number };

export interface EmbedRequest {
  /** Or its tokens, exactly as they are; only where `info.vocabulary` says so. */
  text: string | readonly number[];
  /** A longer text is refused with `input-too-long`. */
  maxInputTokens: number;
}

export interface Embedding {
  /** The text's tokens, those included that the model puts around it. */
  tokenIds: number[];
  /** Of length 1. */
  vector: Float32Array;
}

export interface ImageRequest {
  prompt: string;
  /** Pixels; the picture has exactly these. */
  width: number;
  height: number;
  /** A longer prompt is refused with `input-too-long`. */
  maxInputTokens: number;
}

export interface Image {
  bytes: Uint8Array;
  mediaType: "image/png" | "image/jpeg" | "image/webp";
  /** The prompt's tokens. */
  tokenIds: number[];
}

/** A finished answer as a receipt claims it, to be computed again token by token. */
export interface RecheckRequest {
  /** Rendered for comparison; its tools are needed where a constraint names them. Left out where only token ids are known. */
  prompt?: GenerateRequest["prompt"] | undefined;
  /** Token ids of the prompt, of what another engine had delivered, and of the answer. */
  promptTokens: readonly number[];
  prefixTokens: readonly number[];
  tokens: readonly number[];
  sampler: SamplerParams;
  seed: Hex;
  stop: readonly string[];
  /** What the context held in which it was written; this engine's own unless given. */
  contextTokens?: number | undefined;
  /** Tokens that the answer might have had; how it ended is looked for up to there. */
  maxTokens: number;
  /** One pass over all of it, or token by token as it was written. */
  way: "prefill" | "decode";
  /** How many of the best tokens to report for each position. */
  top: number;
}

/** What the engine finds at one position of the answer, with the claimed tokens before it. */
export interface RecheckedToken {
  /** What it draws itself; undefined when no token may come. */
  drawn: number | undefined;
  /** See `sampler/assess.ts`. */
  margin: number;
  sensitivity: number;
  /** The best tokens with their raw logits, by falling logit and rising id. */
  top: (readonly [id: number, logit: number])[];
  /** ln of the sum of exp(logit) over the vocabulary. */
  logSum: number;
}

export interface Recheck {
  /** The prompt as this engine renders it; absent when none was given. */
  rendered?: number[] | undefined;
  /** One for each claimed token. */
  tokens: RecheckedToken[];
  /**
   * `here`: the answer ends behind the claimed tokens; `later`: another token would be delivered; `earlier`: it had ended
   * when only `delivered` of the claimed tokens were; `held`: so it would have, for a stop text that is drawn behind them begins
   * in them; `full`: nothing more may come, for the length is used up.
   */
  end: { kind: "here" | "later" | "full" } | { kind: "earlier" | "held"; delivered: number };
}

export interface EngineInfo {
  /** sha256 of the model file. */
  modelDigest: Hex;
  /** Package version, backend libraries, pinned configuration and device, as one readable line. */
  engineId: string;
  /** Engines of one class give bit-equal results; see `identity/engine-class.ts`. */
  engineClass: Hex;
  /** How results of this class can be checked. */
  verification: "A-prefill" | "A-decode" | "none";
  /** Prompt and output together. */
  contextTokens: number;
  modelName: string;
  /** Jobs that run at the same time; more wait for a free slot. */
  sequences: number;
  sizeBytes: number;
  /** How many alternatives to a token it can tell the probabilities of; absent: it tells none. */
  logprobs?: number;
  /** It tells what a receipt may commit to beside the tokens: see `fingerprintOf`. Absent: it does not. */
  fingerprints?: true;
  /** A prompt may name tokens itself, whose ids are below this; absent: it takes texts only. */
  vocabulary?: number;
  /** It makes pictures, and refuses everything else. Absent: it makes none. */
  images?: true;
  /** It has no memory left for vectors, and refuses to compute any. Absent: nothing says so. */
  embeds?: false;
  /** What its process is shut in by; absent for an engine without a process of its own. */
  sandbox?: Sandbox;
}

export interface Engine {
  readonly info: EngineInfo;
  /** Absent where the model is always loaded: see Shelf. Of a server's model: whether the server is there. */
  readonly isLoaded?: boolean;
  /** How long loading took last, milliseconds. Absent where the model is always loaded. */
  readonly loadMs?: number;
  /** It is loaded, or can be beside the models that work now; no job is taken where it is false. Absent where the model is always loaded. */
  readonly hasRoom?: boolean;
  /** Tokens drawn since it was opened, those of jobs included that nobody waited for any more; absent where it is not told. */
  readonly drawn?: number;
  /**
   * Starts a job at once. The iterable is for one consumer; a slow consumer pauses the job. Leaving the loop early or
   * aborting the signal frees the slot within one token. Throws EngineError from the iterator.
   */
  start(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
  /**
   * One vector for a text: the same bytes from every engine of one class, whatever ran beside it. Throws EngineError; an
   * abort is answered at once, while the engine finishes what it computes.
   */
  embed(request: EmbedRequest, signal: AbortSignal): Promise<Embedding>;
  /**
   * How many tokens a prompt has as this model reads it, its template's own included; absent where the engine cannot tell. Takes no
   * slot and loads nothing. Throws EngineError; an abort is answered at once.
   */
  count?(prompt: GenerateRequest["prompt"], signal: AbortSignal): Promise<number>;
  /**
   * Computes a finished answer again; absent where the engine cannot. One at a time in a slot of its own, as a job. Throws EngineError;
   * an abort is answered at once.
   */
  recheck?(request: RecheckRequest, signal: AbortSignal): Promise<Recheck>;
  /** One picture; absent where the engine makes none: see `info.images`. Throws EngineError. */
  image?(request: ImageRequest, signal: AbortSignal): Promise<Image>;
  /** Resolves when the engine has stopped: with the reason if it died, with nothing after `close`. */
  readonly stopped: Promise<EngineError | undefined>;
  /** Ends running jobs with `engine-closed` and waits for the engine's end. */
  close(): Promise<void>;
}
