import type { Book } from "../../../domain/settlement/index.ts";
import { ReturningError } from "./errors.ts";

/**
 * A start after a long absence. What was done before comes into the log and into an anchor of its own first, and only then new
 * work: else late receipts would stand behind newer ones, and in one anchor with them, as if they had been held back.
 */
export class Return {
  readonly #book: Book;
  #isOver: boolean;

  /** @param nowMs when the process starts, unix milliseconds; the book holds every fact already */
  constructor(book: Book, nowMs: number) {
    this.#book = book;
    book.begin(nowMs);
    this.#isOver = !book.absence.isPending;
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
    if (this.#isOver || this.#book.absence.isAwaiting) return;
    await anchor();
    // An anchor that was on its way already may not hold the last receipts: the next time it does.
    this.#isOver = !this.#book.absence.isPending;
  }
}
