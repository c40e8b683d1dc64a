import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import { ReceiptRejectedError } from "../ledger/errors.ts";
import type { Ledger, SettleCommand, Settlement } from "../ledger/types.ts";

/** Receipts that are kept for another try. */
const maximumKept = 10_000;

/** Settles receipts, and tries those again that failed because the chain did not answer: a miner loses nothing by it. */
export class Settler {
  readonly #ledger: Ledger;
  readonly #kept = new Map<Hex, SettleCommand>();
  #isRetrying = false;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Assignments whose receipts wait for another try. */
  get kept(): Iterable<Hex> {
    return this.#kept.keys();
  }

  /** Throws ReceiptRejectedError when the receipt is wrong for good; after a retryable error it is tried again. */
  async settle(command: SettleCommand): Promise<Settlement> {
    const digest = command.receipt.assignment;
    try {
      const settlement = await this.#ledger.settle(command);
      this.#kept.delete(digest);
      return settlement;
    } catch (error) {
      if (!isRetryable(error)) this.#kept.delete(digest);
      else if (this.#kept.size < maximumKept) this.#kept.set(digest, command);
      throw error;
    }
  }

  /**
   * Tries everything again that failed before; gives what came of it to `onSettled` and `onRejected`. Throws what is
   * neither: that receipt is not tried again.
   */
  async retry(
    onSettled: (miner: Hex, settlement: Settlement) => void,
    onRejected: (miner: Hex, digest: Hex, error: ReceiptRejectedError) => void,
  ): Promise<void> {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    try {
      for (const [digest, command] of [...this.#kept]) {
        try {
          onSettled(command.miner, await this.settle(command));
        } catch (error) {
          // The reason still holds: no use in trying the others now.
          if (isRetryable(error)) return;
          if (!(error instanceof ReceiptRejectedError)) throw error;
          onRejected(command.miner, digest, error);
        }
      }
    } finally {
      this.#isRetrying = false;
    }
  }
}

/** Whether a settlement failed for a reason of ours, and may come to something later. */
export function isRetryable(error: unknown): boolean {
  return error instanceof LodeError && error.retryable;
}
