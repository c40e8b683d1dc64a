import type { Hex } from "@lode/sdk/hash";
import { CompactRange, TokenLeaves, tokenSide } from "@lode/sdk/merkle";
import type { Progress } from "@lode/sdk/typed-data";
import { acknowledgeEvery, maximumUnacknowledged, type TokenFrame, type TokenLogprob } from "@lode/protocol";
import type { FailureCode } from "../../../domain/jobs/failure.ts";
import type { AttemptEnd, Patience, RunningAttempt } from "./attempt.ts";
import { SilenceTimer } from "./silence-timer.ts";

export interface AttemptStreamOptions {
  readonly digest: Hex;
  readonly jobSalt: Hex;
  readonly outputOffset: number;
  readonly maxOutputTokens: number;
  readonly patience: Patience;
  /** Takes text as it comes; false asks for a pause. */
  readonly onText: (text: string, logprobs?: readonly TokenLogprob[]) => boolean;
  /** Alternatives that each token's probability must come with; undefined: none are asked for. */
  readonly logprobs?: number | undefined;
  /** Stop texts that there are. */
  readonly stops: number;
  /** The stream pauses until `resume` is called. */
  readonly onPause: () => void;
  readonly acknowledge: (progress: Progress) => void;
  /** The first of its output is here, and counts once this returns. */
  readonly onFirst?: (() => void) | undefined;
}

/** Text that one token may stand for, and what may be held back before it, in UTF-16 units; known vocabularies need far less. */
const maximumTokenChars = 512;
const maximumHeldChars = 8192;

/**
 * One attempt's output as it arrives: counts and commits every token, and acknowledges what it has. A client that reads
 * slowly holds back acknowledgements, and a miner that then goes on past its 64 tokens is cut off: nothing grows
 * without bound.
 */
export class AttemptStream implements RunningAttempt {
  readonly digest: Hex;
  readonly ids: number[] = [];
  readonly ended: Promise<AttemptEnd>;
  readonly #options: AttemptStreamOptions;
  readonly #range = new CompactRange();
  readonly #leaves: TokenLeaves;
  readonly #resolve: (end: AttemptEnd) => void;
  /** By the process's own clock, milliseconds; undefined before the first token. */
  firstTokenAtMs: number | undefined;
  /** Which stop text ended the output, as its miner says. */
  stop: number | undefined;
  #acknowledged = 0;
  #chars = 0;
  #hasBegun = false;
  #isPaused = false;
  /** The miner announced that no more tokens come. */
  #isOver = false;
  /** Nothing counts any more. */
  #isFrozen = false;
  /** Whether the timer runs and counts the time between tokens. */
  #isTimed = false;
  #timer: SilenceTimer;

  constructor(options: AttemptStreamOptions) {
    this.#options = options;
    this.digest = options.digest;
    this.#leaves = new TokenLeaves(options.jobSalt, tokenSide.output);
    const { promise, resolve } = Promise.withResolvers<AttemptEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#timer = this.#watch(options.patience.firstTokenMs);
  }

  get delivered(): { count: number; root: Hex } {
    return { count: this.ids.length, root: this.#range.root() };
  }

  onFrame(frame: TokenFrame): void {
    if (this.#isFrozen) return;
    const problem = this.#problem(frame);
    if (problem !== undefined) return this.fail(problem);
    this.#begin();
    if (frame.kind === "end") {
      this.#isOver = true;
      this.stop = frame.stop;
      this.#restart();
      if (!this.#isPaused) this.#acknowledge();
      return;
    }
    this.firstTokenAtMs ??= performance.now();
    const { outputOffset } = this.#options;
    for (const id of frame.ids) {
      this.#range.appendHash(this.#leaves.hash(outputOffset + this.ids.length, id));
      this.ids.push(id);
    }
    this.#chars += frame.text.length;
    const logprobs = this.#options.logprobs === undefined ? undefined : frame.logprobs;
    if ((frame.text !== "" || logprobs !== undefined) && !this.#options.onText(frame.text, logprobs)) this.#pause();
    this.#restart();
    if (!this.#isPaused && this.ids.length - this.#acknowledged >= acknowledgeEvery) this.#acknowledge();
  }

  /** Text has no vectors. */
  onVector(): void {
    this.fail("bad_frame");
  }

  /** Nor has it pictures. */
  onImage(): void {
    this.fail("bad_frame");
  }

  /** The client reads again. */
  resume(): void {
    if (!this.#isPaused || this.#isFrozen) return;
    this.#isPaused = false;
    this.#restart();
    if (this.#isOver || this.ids.length > this.#acknowledged) this.#acknowledge();
  }

  /** From here on nothing counts as delivered; the receipt must say what did so far, and comes within `withinMs`. */
  freeze(withinMs: number): void {
    this.#isFrozen = true;
    this.#timer.clear();
    this.#timer = new SilenceTimer(withinMs, () => this.fail("no_receipt"));
  }

  fail(code: FailureCode): void {
    this.end({ kind: "failed", code });
  }

  end(end: AttemptEnd): void {
    // A receipt without any frame before it is paid too: the job must not be somebody else's then.
    if (end.kind === "receipt" && !this.#isFrozen) this.#begin();
    this.#isFrozen = true;
    this.#timer.clear();
    this.#resolve(end);
  }

  #problem(frame: TokenFrame): FailureCode | undefined {
    if (frame.firstIndex !== this.ids.length) return "bad_frame";
    if (frame.kind === "end") return (frame.stop ?? 0) < Math.max(1, this.#options.stops) ? undefined : "bad_frame";
    const { logprobs: alternatives } = this.#options;
    if (alternatives !== undefined && frame.logprobs?.every(({ top }) => top.length <= alternatives) !== true) {
      return "bad_frame";
    }
    const count = this.ids.length + frame.ids.length;
    if (this.#isOver || count > this.#options.maxOutputTokens) return "ran_ahead";
    if (count - this.#acknowledged > maximumUnacknowledged) return "ran_ahead";
    if (this.#chars + frame.text.length > maximumHeldChars + maximumTokenChars * count) return "ran_ahead";
    return undefined;
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#options.onFirst?.();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#options.onPause();
  }

  #acknowledge(): void {
    const { count, root } = this.delivered;
    this.#acknowledged = count;
    this.#options.acknowledge({ assignment: this.digest, count, prefixRoot: root });
  }

  /** A sign of the miner starts its time anew. A paused stream is the client's doing, not the miner's. */
  #restart(): void {
    if (this.#isTimed && !this.#isPaused) {
      this.#timer.refresh();
      return;
    }
    this.#timer.clear();
    this.#isTimed = !this.#isPaused;
    if (this.#isTimed) this.#timer = this.#watch(this.#options.patience.stallMs);
  }

  #watch(ms: number): SilenceTimer {
    return new SilenceTimer(ms, () => this.fail("silent"));
  }
}
