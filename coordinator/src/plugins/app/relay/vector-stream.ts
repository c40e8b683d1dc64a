import type { Hex } from "@lode/sdk/hash";
import { finishReason } from "@lode/sdk/typed-data";
import { commitEmbeddings, embeddingBytes, type VectorFrame } from "@lode/protocol";
import type { FailureCode } from "../../../domain/jobs/failure.ts";
import type { AttemptEnd, Patience, RunningAttempt } from "./attempt.ts";

export interface VectorStreamOptions {
  readonly digest: Hex;
  readonly jobSalt: Hex;
  /** How many vectors are asked for. */
  readonly count: number;
  readonly patience: Patience;
}

/** Texts for which a miner may be silent as long as it may be before the first token of one. */
const textsPerTurn = 16;

/**
 * One attempt at vectors. They come in their order and then the receipt, which must commit to all of them: its price is
 * the input's, so that there are no tokens to count or to acknowledge, and a part of them is worth nothing.
 */
export class VectorStream implements RunningAttempt {
  readonly digest: Hex;
  readonly ids: readonly number[] = [];
  readonly vectors: Float32Array[] = [];
  readonly ended: Promise<AttemptEnd>;
  readonly #options: VectorStreamOptions;
  readonly #resolve: (end: AttemptEnd) => void;
  #isFrozen = false;
  #timer: NodeJS.Timeout;

  constructor(options: VectorStreamOptions) {
    this.#options = options;
    this.digest = options.digest;
    const { promise, resolve } = Promise.withResolvers<AttemptEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    // All are computed before the first is sent.
    const turns = Math.ceil(options.count / textsPerTurn);
    this.#timer = this.#watch("silent", turns * options.patience.firstTokenMs);
  }

  get delivered(): { count: number; root: Hex } {
    return { count: 0, root: commitEmbeddings(this.#options.jobSalt, this.vectors.map(embeddingBytes)) };
  }

  /** Vectors have no tokens. */
  onFrame(): void {
    this.fail("bad_frame");
  }

  onVector({ place, vector }: VectorFrame): void {
    if (this.#isFrozen) return;
    const length = this.vectors[0]?.length ?? vector.length;
    if (place !== this.vectors.length || vector.length !== length) return this.fail("bad_frame");
    if (place >= this.#options.count) return this.fail("ran_ahead");
    this.vectors.push(vector);
    clearTimeout(this.#timer);
    this.#timer = this.#watch("silent", this.#options.patience.stallMs);
  }

  freeze(withinMs: number): void {
    this.#isFrozen = true;
    clearTimeout(this.#timer);
    this.#timer = this.#watch("no_receipt", withinMs);
  }

  fail(code: FailureCode): void {
    this.end({ kind: "failed", code });
  }

  end(end: AttemptEnd): void {
    this.#isFrozen = true;
    clearTimeout(this.#timer);
    const isWhole = this.vectors.length === this.#options.count;
    // Whatever is not finished would be asked for, and paid for, again.
    const isWrong = end.kind === "receipt" && !(isWhole && end.receipt.finishReason === finishReason.stop);
    this.#resolve(isWrong ? { kind: "failed", code: "bad_receipt" } : end);
  }

  #watch(code: FailureCode, ms: number): NodeJS.Timeout {
    return setTimeout(() => this.fail(code), ms).unref();
  }
}
