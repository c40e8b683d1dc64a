import type { Hex } from "@lode/sdk/hash";
import { isOpen, type Book } from "../../../domain/settlement/index.ts";
import { ReturningError } from "./errors.ts";

/** Away for longer, a coordinator anchors what is from before by itself: an anchor over work of days apart is overdue to every audit. */
const longAbsenceMs = 12 * 3_600_000;

/**
 * A start after a long absence. What was done before comes into the log and into an anchor of its own first, and only then new
 * work: else late receipts would stand behind newer ones, and in one anchor with them, as if they had been held back.
 */
export class Return {
  readonly #book: Book;
  /** Attempts of before whose receipts may still come. */
  readonly #awaited: readonly Hex[];
  #isOver: boolean;

  /** @param nowMs when the process starts, unix milliseconds; the book holds every fact already */
  constructor(book: Book, nowMs: number) {
    this.#book = book;
    const open = book.openAttempts();
    this.#awaited = open.map(({ digest }) => digest);
    const isAnchored = book.log.size === (book.lastAnchor?.size ?? 0);
    const isRecent = (atMs: number): boolean => nowMs - atMs <= longAbsenceMs;
    // Facts of a start that was broken off say nothing about the attempts of before it.
    const wasShort = isRecent(book.latestMs) && open.every(({ assignedAtMs }) => isRecent(assignedAtMs));
    this.#isOver = wasShort || (isAnchored && this.#awaited.length === 0);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Throws ReturningError while nothing new may begin. */
  check(): void {
    if (!this.#isOver) throw new ReturningError();
  }

  /** Ends the return when every attempt of before is over and anchored. @param anchor as `Ledger.anchor` */
  async step(anchor: () => Promise<void>): Promise<void> {
    if (this.#isOver) return;
    const isAwaited = this.#awaited.some((digest) => {
      const attempt = this.#book.attempts.get(digest);
      return attempt !== undefined && isOpen(attempt);
    });
    if (isAwaited) return;
    await anchor();
    // An anchor that was on its way already may not hold the last receipts: the next time it does.
    this.#isOver = this.#book.log.size === (this.#book.lastAnchor?.size ?? 0);
  }
}
