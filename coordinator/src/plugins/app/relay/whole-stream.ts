import type { Hex } from "@lode/sdk/hash";
import { finishReason } from "@lode/sdk/typed-data";
import type { FailureCode } from "../../../domain/jobs/failure.ts";
import type { AttemptEnd, Patience, RunningAttempt } from "./attempt.ts";
import { SilenceTimer } from "./silence-timer.ts";

export interface WholeStreamOptions {
  readonly digest: Hex;
  readonly jobSalt: Hex;
  readonly patience: Patience;
}

/**
 * One attempt at what is worth something only as a whole, and is computed before the first part of it is sent. What kind of
 * part it takes is up to the class below: every other one ends it.
 */
export abstract class WholeStream implements RunningAttempt {
  readonly digest: Hex;
  readonly ended: Promise<AttemptEnd>;
  abstract readonly ids: readonly number[];
  protected isFrozen = false;
  readonly #patience: Patience;
  readonly #resolve: (end: AttemptEnd) => void;
  #timer: SilenceTimer;

  /** @param turns how many times as long as for a first token the first part is waited for */
  constructor({ digest, patience }: WholeStreamOptions, turns: number) {
    this.digest = digest;
    this.#patience = patience;
    const { promise, resolve } = Promise.withResolvers<AttemptEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#timer = this.#watch("silent", turns * patience.firstTokenMs);
  }

  abstract get delivered(): { count: number; root: Hex };

  /** Whether a receipt that ends so can stand: whatever is not finished would be asked for, and paid for, again. */
  protected abstract canEnd(reason: number): boolean;

  onFrame(): void {
    this.fail("bad_frame");
  }

  onVector(_frame: unknown): void {
    this.fail("bad_frame");
  }

  onImage(_frame: unknown): void {
    this.fail("bad_frame");
  }

  /** A part came: the miner's time starts anew. */
  protected heard(): void {
    this.#timer.clear();
    this.#timer = this.#watch("silent", this.#patience.stallMs);
  }

  freeze(withinMs: number): void {
    this.isFrozen = true;
    this.#timer.clear();
    this.#timer = this.#watch("no_receipt", withinMs);
  }

  fail(code: FailureCode): void {
    this.end({ kind: "failed", code });
  }

  end(end: AttemptEnd): void {
    const isWrong = end.kind === "receipt" && !this.canEnd(end.receipt.finishReason);
    this.isFrozen = true;
    this.#timer.clear();
    this.#resolve(isWrong ? { kind: "failed", code: "bad_receipt" } : end);
  }

  #watch(code: FailureCode, ms: number): SilenceTimer {
    return new SilenceTimer(ms, () => this.fail(code));
  }
}

/** How a whole output ends. */
export const isStop = (reason: number): boolean => reason === finishReason.stop;
