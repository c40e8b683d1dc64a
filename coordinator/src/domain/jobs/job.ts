import type { Hex } from "@lode/sdk/hash";
import { finishReason } from "@lode/sdk/typed-data";
import { figures } from "../figures.ts";
import { hopeless, type FailureCode } from "./failure.ts";

/** How one attempt of a job ended. `tokens` are those that reached the client. */
export type AttemptResult =
  | {
      readonly kind: "settled";
      readonly tokens: readonly number[];
      readonly digest: Hex;
      readonly inputTokens: number;
      readonly amountWei: bigint;
      /** What lateness took off. */
      readonly refundWei?: bigint;
      readonly finishReason: number;
      /** Which stop text ended it. */
      readonly stop?: number | undefined;
    }
  | { readonly kind: "failed"; readonly tokens: readonly number[]; readonly code: FailureCode }
  /** The client is gone and nothing is left to be signed. */
  | { readonly kind: "abandoned"; readonly tokens: readonly number[] };

/** What happens next. */
export type Step =
  | { readonly kind: "attempt"; readonly outputOffset: number; readonly maxOutputTokens: number }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly code: FailureCode };

export type Finish = "stop" | "length" | "cancelled";

/** A finished job as its client is told. */
export interface JobSummary {
  readonly finish: Finish;
  /** Which stop text ended it, where one did. */
  readonly stop?: number | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly amountWei: bigint;
  /** What lateness took off, by the terms of the quote. */
  readonly refundWei: bigint;
  /** Assignment digests of the receipts that make up the answer, in order. */
  readonly receipts: readonly Hex[];
  /** Every miner that was given the job, in order, each once. */
  readonly miners: readonly Hex[];
  /** What the cloud that did it calls the model; undefined where miners did it. */
  readonly cloud?: string | undefined;
}

/** A job goes to this many miners at most. */
export const maximumAttempts = figures.objective.fallbacks.value;

/** Miners that must call a request impossible before no other is asked. */
const neededObjections = 2;

/**
 * One job over all its attempts: the tokens that the client has, and what follows from each attempt's end. It knows
 * nothing of sockets, money or time.
 */
export class Job {
  readonly #maxTokens: number;
  readonly #delivered: number[] = [];
  readonly #settled: Extract<AttemptResult, { kind: "settled" }>[] = [];
  readonly #miners: Hex[] = [];
  #isAbandoned = false;
  /** Miners that called the request itself impossible. */
  #objections = 0;

  /** @param maxTokens output tokens that the client wants; 0 where the answer is no text, which only a receipt makes whole */
  constructor(maxTokens: number) {
    this.#maxTokens = maxTokens;
  }

  /** Tokens that the client has, over all attempts. */
  get delivered(): readonly number[] {
    return this.#delivered;
  }

  /** Attempts that were started. */
  get attempts(): number {
    return this.#miners.length;
  }

  /** An attempt starts on a miner; a miner that comes up twice is listed once by the summary. */
  start(miner: Hex): void {
    this.#miners.push(miner);
  }

  /** Takes an attempt's end and says what follows. */
  end(result: AttemptResult): Step {
    this.#delivered.push(...result.tokens);
    switch (result.kind) {
      case "abandoned":
        this.#isAbandoned = true;
        return { kind: "done" };
      case "settled":
        this.#settled.push(result);
        if (result.finishReason === finishReason.cancelled) this.#isAbandoned = true;
        return result.finishReason === finishReason.cut ? this.#goOn("stopped_early") : { kind: "done" };
      case "failed":
        if (hopeless.has(result.code) && ++this.#objections === neededObjections) {
          return { kind: "failed", code: result.code };
        }
        return this.#goOn(result.code);
    }
  }

  summary(): JobSummary {
    const { finishReason: last, stop } = this.#settled.at(-1) ?? {};
    const isFull = last === finishReason.length || this.#delivered.length >= this.#maxTokens;
    return {
      finish: this.#isAbandoned ? "cancelled" : last !== finishReason.stop && isFull ? "length" : "stop",
      inputTokens: this.#settled.reduce((most, { inputTokens }) => Math.max(most, inputTokens), 0),
      outputTokens: this.#delivered.length,
      amountWei: this.#settled.reduce((sum, { amountWei }) => sum + amountWei, 0n),
      refundWei: this.#settled.reduce((sum, { refundWei = 0n }) => sum + refundWei, 0n),
      receipts: this.#settled.map(({ digest }) => digest),
      miners: [...new Set(this.#miners)],
      ...(stop !== undefined && { stop }),
    };
  }

  /** Whoever failed after the last token left nothing to be done: the answer is whole. */
  #goOn(code: FailureCode): Step {
    const outputOffset = this.#delivered.length;
    const maxOutputTokens = this.#maxTokens - outputOffset;
    if (maxOutputTokens <= 0 && this.#maxTokens > 0) return { kind: "done" };
    if (this.#miners.length >= maximumAttempts) return { kind: "failed", code };
    return { kind: "attempt", outputOffset, maxOutputTokens };
  }
}
