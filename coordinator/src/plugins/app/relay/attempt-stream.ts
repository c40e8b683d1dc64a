import type { SignedLeaf } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import { CompactRange, tokenLeaf, tokenSide } from "@lode/sdk/merkle";
import type { Progress, Receipt } from "@lode/sdk/typed-data";
import { acknowledgeEvery, type TokenFrame } from "@lode/protocol";

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly kind: "receipt"; readonly receipt: Receipt; readonly batch: SignedLeaf }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "lost"; readonly reason: string };

export interface AttemptStreamOptions {
  readonly digest: Hex;
  readonly jobSalt: Hex;
  readonly outputOffset: number;
  readonly maxOutputTokens: number;
  /** Takes text as it comes; false asks for a pause until `resume` is called. */
  onText(text: string): boolean;
  acknowledge(progress: Progress): void;
  /** No sign of the miner for this long ends the attempt. */
  readonly stallMs: number;
}

/**
 * One attempt's output as it arrives: counts and commits every token, and acknowledges what it has. A client that reads
 * slowly holds back acknowledgements, and the miner stops 64 tokens later: nothing grows without bound.
 */
export class AttemptStream {
  readonly digest: Hex;
  readonly ids: number[] = [];
  readonly ended: Promise<AttemptEnd>;
  readonly #options: AttemptStreamOptions;
  readonly #range = new CompactRange();
  readonly #finish: (end: AttemptEnd) => void;
  #acknowledged = 0;
  #isPaused = false;
  #isOver = false;
  #isFrozen = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AttemptStreamOptions) {
    this.#options = options;
    this.digest = options.digest;
    const { promise, resolve } = Promise.withResolvers<AttemptEnd>();
    this.ended = promise;
    this.#finish = (end) => {
      clearTimeout(this.#timer);
      this.#isFrozen = true;
      resolve(end);
    };
    this.#watch();
  }

  get delivered(): { count: number; root: Hex } {
    return { count: this.ids.length, root: this.#range.root() };
  }

  onFrame(frame: TokenFrame): void {
    if (this.#isFrozen) return;
    if (frame.firstIndex !== this.ids.length) {
      return this.end({
        kind: "lost",
        reason: `tokens from ${frame.firstIndex} came where ${this.ids.length} was next`,
      });
    }
    this.#watch();
    if (frame.kind === "end") {
      this.#isOver = true;
      if (!this.#isPaused) this.#acknowledge();
      return;
    }
    if (this.#isOver || this.ids.length + frame.ids.length > this.#options.maxOutputTokens) {
      return this.end({ kind: "lost", reason: "more tokens came than the assignment allows" });
    }
    const { jobSalt, outputOffset } = this.#options;
    for (const id of frame.ids) {
      this.#range.append(tokenLeaf(jobSalt, tokenSide.output, outputOffset + this.ids.length, id));
      this.ids.push(id);
    }
    if (frame.text !== "" && !this.#options.onText(frame.text)) this.#isPaused = true;
    if (!this.#isPaused && this.ids.length - this.#acknowledged >= acknowledgeEvery) this.#acknowledge();
  }

  /** The client reads again. */
  resume(): void {
    if (!this.#isPaused || this.#isFrozen) return;
    this.#isPaused = false;
    this.#watch();
    if (this.#isOver || this.ids.length > this.#acknowledged) this.#acknowledge();
  }

  /** From here on nothing counts as delivered; the receipt must say what did so far. */
  freeze(): void {
    this.#isFrozen = true;
    this.#watch();
  }

  end(end: AttemptEnd): void {
    this.#finish(end);
  }

  #acknowledge(): void {
    const { count, root } = this.delivered;
    this.#acknowledged = count;
    this.#options.acknowledge({ assignment: this.digest, count, prefixRoot: root });
  }

  #watch(): void {
    clearTimeout(this.#timer);
    // A paused stream is the client's doing, not the miner's.
    if (this.#isPaused && !this.#isFrozen) return;
    this.#timer = setTimeout(() => this.end({ kind: "lost", reason: "the miner went silent" }), this.#options.stallMs);
    this.#timer.unref();
  }
}
