import type { Hex } from "@lode/sdk/hash";
import { isOpen, type Book } from "../../../domain/settlement/index.ts";
import type { Clocks } from "../clocks.ts";
import { absenceMs, graceSeconds, returnSeconds } from "./balances.ts";

/**
 * When attempts are given up that bring no receipt. The wall clock says only once how long one has; from then on it is counted by
 * the clock that nobody sets: else a clock that is set forward would take its pay from a miner in the middle of its work, and one
 * that is set back would keep a client's money from it.
 */
export class Overdue {
  readonly #book: Book;
  readonly #clocks: Clocks;
  /** By the steady clock. */
  readonly #dueMs = new Map<Hex, number>();
  /** The last sweep, and from when on miners could come back without a break, by the steady clock. */
  #sweptAtMs: number;
  #backSinceMs: number;

  /** @param book holds every fact already */
  constructor(book: Book, clocks: Clocks) {
    this.#book = book;
    this.#clocks = clocks;
    this.#sweptAtMs = this.#backSinceMs = clocks.steadyMs();
    for (const { digest, assignment, assignedAtMs } of book.openAttempts()) {
      this.begin(digest, assignment.deadline, Math.max(clocks.nowMs(), assignedAtMs));
    }
  }

  /** An attempt has until its deadline, and the grace, from a moment on: unix milliseconds, now unless given. */
  begin(digest: Hex, deadline: bigint, fromMs = this.#clocks.nowMs()): void {
    this.#dueMs.set(digest, this.#clocks.steadyMs() + Number(deadline + graceSeconds) * 1000 - fromMs);
  }

  /** Attempts whose time is over; none as long as miners could not have come back. */
  sweep(): Hex[] {
    const nowMs = this.#clocks.steadyMs();
    if (nowMs - this.#sweptAtMs > absenceMs) this.#backSinceMs = nowMs;
    this.#sweptAtMs = nowMs;
    for (const digest of this.#dueMs.keys()) {
      const attempt = this.#book.attempts.get(digest);
      if (attempt === undefined || !isOpen(attempt)) this.#dueMs.delete(digest);
    }
    if (this.#backSinceMs + Number(returnSeconds) * 1000 > nowMs) return [];
    return [...this.#dueMs].flatMap(([digest, dueMs]) => (dueMs < nowMs ? [digest] : []));
  }
}
