import type { Hex } from "@lode/sdk/hash";
import type { Addresses } from "@lode/sdk/addresses";
import { escrowDomain } from "@lode/sdk/typed-data";
import { judgeVoucher, noCredits, type CreditBase } from "./credit-check.ts";
import type { MinerEvent } from "./events.ts";
import type { MinerStore } from "./miner-store.ts";
import type { StoredVoucher } from "./records.ts";

export interface VouchersOptions {
  readonly addresses: Addresses;
  readonly coordinator: Hex;
  readonly coordinatorOperator: Hex;
  readonly miner: Hex;
  readonly store: MinerStore;
  readonly emit: (event: MinerEvent) => void;
}

/** What one coordinator promises this miner over one link: each voucher must pay exactly the receipts that it claims. */
export class Vouchers {
  readonly #options: VouchersOptions;
  #base: CreditBase = noCredits;
  /** It covers a receipt whose place is not known yet. */
  #waiting: StoredVoucher | undefined;
  /** The latest of each client that is not in the store yet. */
  readonly #funding = new Map<string, StoredVoucher>();
  #distrust: string | undefined;

  constructor(options: VouchersOptions) {
    this.#options = options;
    const stored = options.store.voucherOf(options.coordinator);
    if (stored !== undefined) this.#judge(stored.paid);
  }

  /** Why nothing more is done for this coordinator; undefined while its books are right. */
  get distrust(): string | undefined {
    return this.#distrust;
  }

  /** A receipt's place became known: the voucher that waited for one may be judged now. */
  async tryAgain(): Promise<void> {
    if (this.#waiting !== undefined) await this.take(this.#waiting, []);
  }

  /** Takes a voucher, and those of clients that back it. Resolves when what is worth it is on the disk. */
  async take(paid: StoredVoucher, funding: readonly StoredVoucher[]): Promise<void> {
    // Each client's voucher comes once a link: it is kept also where the one that it came with is not.
    for (const one of funding) this.#funding.set(one.voucher.payer, one);
    const verdict = this.#judge(paid);
    if (verdict === "wait") {
      this.#waiting = paid;
      return;
    }
    if (verdict === "old") return this.#noteFunding();
    this.#waiting = undefined;
    const news = [...this.#funding.values()];
    this.#funding.clear();
    if (verdict === "bad") return;
    await this.#options.store.note({ kind: "voucher", paid, funding: news });
    const { cumulativeWei, count } = paid.voucher;
    const { emit, coordinator } = this.#options;
    emit({ event: "voucher", coordinator, cumulativeWei, count });
  }

  /** What came beside a voucher that is known already: most often it is known too. */
  async #noteFunding(): Promise<void> {
    const { store, coordinator } = this.#options;
    const known = store.voucherOf(coordinator);
    if (known === undefined) return;
    const kept = new Map(known.funding.map((one) => [one.voucher.payer, one.signature]));
    const news = [...this.#funding.values()].filter((one) => kept.get(one.voucher.payer) !== one.signature);
    this.#funding.clear();
    if (news.length > 0) await store.note({ kind: "voucher", paid: known.paid, funding: news });
  }

  /** Judges a voucher and remembers what it covers; a wrong one ends the trust in this coordinator. */
  #judge(paid: StoredVoucher): "good" | "old" | "wait" | "bad" {
    const { addresses, coordinator, coordinatorOperator, miner, store, emit } = this.#options;
    const verdict = judgeVoucher(paid, {
      domain: escrowDomain(addresses),
      coordinator,
      coordinatorOperator,
      miner,
      credits: store.credits(coordinator),
      base: this.#base,
    });
    if (typeof verdict === "string") return verdict;
    if ("base" in verdict) {
      this.#base = verdict.base;
      return "good";
    }
    this.#distrust = `a voucher is wrong: ${verdict.problem}`;
    emit({ event: "distrust", problem: this.#distrust });
    return "bad";
  }
}
