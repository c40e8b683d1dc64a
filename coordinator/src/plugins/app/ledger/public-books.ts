import type { Hex } from "@lode/sdk/hash";
import type { AnchorRecord, Book, OpenAttempt } from "../../../domain/settlement/index.ts";
import type { Chain } from "../chain/chain.ts";
import type { SlabDesk } from "../slabs/desk.ts";
import type { DayTotal, FactStore, StoredAnchor, StoredMinerEvent } from "../store/fact-store.ts";

export interface Owed {
  readonly miner: Hex;
  readonly creditedWei: bigint;
  readonly collectedWei: bigint;
  readonly outstandingWei: bigint;
}

/** With more clients the chain is not asked what it paid for each. */
const mostClientsAsked = 1_000;

/** What of the books is for everybody to see. It changes nothing. */
export class PublicBooks {
  readonly #book: Book;
  readonly #chain: Chain;
  readonly #store: FactStore;
  readonly #slabs: Pick<SlabDesk, "unsettledWei"> | undefined;
  #sums: { readonly size: number; readonly debitedWei: bigint; readonly creditedWei: bigint } | undefined;

  constructor(book: Book, chain: Chain, store: FactStore, slabs?: Pick<SlabDesk, "unsettledWei">) {
    this.#book = book;
    this.#slabs = slabs;
    this.#chain = chain;
    this.#store = store;
  }

  /** Everything that was debited and credited, over all clients and miners. */
  totals(): { receipts: number; clients: number; debitedWei: bigint; creditedWei: bigint } {
    const { log, debits, credits } = this.#book;
    if (this.#sums?.size !== log.size) {
      const sum = (streams: Iterable<{ cumulativeWei: bigint }>): bigint => {
        let total = 0n;
        for (const { cumulativeWei } of streams) total += cumulativeWei;
        return total;
      };
      this.#sums = { size: log.size, debitedWei: sum(debits.values()), creditedWei: sum(credits.values()) };
    }
    const { size, debitedWei, creditedWei } = this.#sums;
    return { receipts: size, clients: debits.size, debitedWei, creditedWei };
  }

  get lastAnchor(): AnchorRecord | undefined {
    return this.#book.lastAnchor;
  }

  /** Attempts without a receipt yet, the newest first. */
  openAttempts(limit: number): OpenAttempt[] {
    return this.#book
      .openAttempts()
      .sort((a, b) => b.assignedAtMs - a.assignedAtMs)
      .slice(0, limit);
  }

  creditOf(miner: Hex): { readonly receipts: number; readonly creditedWei: bigint } {
    const stream = this.#book.credits.get(miner);
    return { receipts: stream?.count ?? 0, creditedWei: stream?.cumulativeWei ?? 0n };
  }

  /** Miners that were ever connected or credited here. */
  miners(): Set<Hex> {
    return new Set([...this.#book.registry.miners, ...this.#book.credits.keys()]);
  }

  /** What this coordinator owes its miners, the largest first. */
  async owed(): Promise<Owed[]> {
    const lines = await Promise.all(
      [...this.#book.credits].map(async ([miner, { cumulativeWei: creditedWei }]) => {
        const collectedWei = await this.#chain.collectedWei(miner);
        return { miner, creditedWei, collectedWei, outstandingWei: creditedWei - collectedWei };
      }),
    );
    return lines.sort((a, b) => (a.outstandingWei < b.outstandingWei ? 1 : -1));
  }

  /** What clients signed for and was not collected; undefined with too many clients. */
  async receivableWei(): Promise<bigint | undefined> {
    const clients = [...this.#book.debits.keys()];
    if (clients.length > mostClientsAsked) return undefined;
    const due = await Promise.all(
      clients.map(async (client) => {
        const signedWei = this.#book.clientVoucher(client)?.voucher.cumulativeWei ?? 0n;
        const { collectedWei } = await this.#chain.account(client, this.#book.signers.get(client));
        return signedWei > collectedWei ? signedWei - collectedWei : 0n;
      }),
    );
    return due.reduce((sum, wei) => sum + wei, this.#slabs?.unsettledWei() ?? 0n);
  }

  /** @param before epochs below this one only */
  anchors(before: number | undefined, limit: number): Promise<StoredAnchor[]> {
    return this.#store.anchors(before, limit);
  }

  /** What happened to a miner, the latest first. */
  minerEvents(miner: Hex, limit: number): Promise<StoredMinerEvent[]> {
    return this.#store.minerEvents(miner, limit);
  }

  /** An account's receipts by day and model, from a day on. */
  days(side: "client" | "miner", account: Hex, fromMs: number): Promise<DayTotal[]> {
    return this.#store.days(side, account, fromMs);
  }
}
