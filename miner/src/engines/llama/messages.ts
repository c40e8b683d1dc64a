import type { Fingerprint, TokenLogprob } from "@lode/protocol";
import type { EmbedRequest, EngineInfo, GenerateRequest, Recheck, RecheckRequest } from "../engine.ts";
import type { EngineErrorCode } from "../errors.ts";

/** What crosses between the daemon's process and the engine's. Both ends are one version of this folder. */
export interface OpenOptions {
  modelPath: string;
  /** Undefined takes the model's own, at most 4,096. */
  contextTokens: number | undefined;
  sequences: number;
  tuning?: Tuning | undefined;
  /** Folder that holds nothing but the one library for processors to compute with; undefined takes the best of all. */
  cpuFolder?: string | undefined;
  /** Undefined computes on processors alone. */
  card?: CardUse | undefined;
}

/** What a card computes of a model. */
export interface CardUse {
  backend: "cuda" | "vulkan" | "metal";
  /** The last ones, and the output matrix as one more. */
  layers: number;
  /** Which of CUDA's cards, by the order of their addresses; all that there are unless given. */
  device?: number | undefined;
}

/** How a verifier computes that needs no equal bits. */
export interface Tuning {
  threads: number;
  batchSize: number;
}

export interface WireError {
  code: EngineErrorCode;
  message: string;
}

export type ToChild =
  | { type: "open"; options: OpenOptions }
  | { type: "start"; job: number; request: GenerateRequest }
  | { type: "embed"; job: number; request: EmbedRequest }
  | { type: "recheck"; job: number; request: RecheckRequest }
  | { type: "count"; job: number; prompt: GenerateRequest["prompt"] }
  /** To be answered at once, by `alive`. */
  | { type: "live" }
  /** The consumer has taken this many tokens: as many more may be generated. */
  | { type: "credit"; job: number; tokens: number }
  | { type: "cancel"; job: number };

export type JobEvent =
  | { job: number; type: "prompt"; tokenIds: number[] }
  | {
      job: number;
      type: "tokens";
      ids: number[];
      texts: string[];
      logprobs?: TokenLogprob[];
      fingerprints?: Fingerprint[];
    }
  | { job: number; type: "end"; reason: "stop" | "length"; stop?: number | undefined }
  | { job: number; type: "error"; error: WireError };

export type EmbedAnswer =
  | { type: "embedding"; job: number; tokenIds: number[]; vector: number[] }
  | { type: "embedding-failed"; job: number; error: WireError };

/** A recheck's answer; a `drawn` that is not there is null on the wire. */
export type RecheckAnswer =
  { type: "rechecked"; job: number; recheck: Recheck } | { type: "recheck-failed"; job: number; error: WireError };

export type CountAnswer =
  { type: "counted"; job: number; tokens: number } | { type: "count-failed"; job: number; error: WireError };

/** What the engine's process knows about itself; not by what it is shut in. */
export type OpenedInfo = Omit<EngineInfo, "sandbox"> & { vocabulary: number };

/** How far what a process computes has come. */
export interface Computing {
  /** Calls of native code that have ended so far. */
  done: number;
  /** One of those that run now should end within so many milliseconds; absent while none runs. */
  mayTakeMs?: number | undefined;
}

export type FromChild =
  | { type: "opened"; info: OpenedInfo }
  | { type: "refused"; error: WireError }
  | ({ type: "alive" } & Computing)
  /** With all tokens drawn so far. */
  | { type: "events"; events: JobEvent[]; drawn: number }
  | EmbedAnswer
  | RecheckAnswer
  | CountAnswer;

/** Tokens that may be generated ahead of the consumer. */
export const window = 32;
