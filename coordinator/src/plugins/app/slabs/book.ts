import { RecordLog } from "@lode/sdk/record-log";
import type { Hex } from "@lode/sdk/hash";
import {
  checkSlabVoucher,
  nothingSettled,
  type SlabChannel,
  type SlabDomain,
  type SlabOpening,
  type SlabVoucher,
} from "@lode/sdk/slab";
import { slabState, type SlabPayment, type SlabStatement } from "@lode/zk-circuits/settlement-slab";

/** A channel with what is promised and what is settled of it. */
interface Entry {
  readonly channel: SlabChannel;
  voucher: SlabVoucher | undefined;
  settled: SlabOpening | undefined;
}

/** A settlement that may be on its way: what is settled when the chain shows `after`. */
interface Plan {
  readonly slab: number;
  readonly after: Hex;
  readonly openings: readonly (SlabOpening & { readonly slot: number; readonly generation: bigint })[];
}

type Fact =
  | { readonly kind: "voucher"; readonly channel: SlabChannel; readonly voucher: SlabVoucher }
  | ({ readonly kind: "plan" } & Plan)
  | { readonly kind: "settled"; readonly slab: number; readonly state: Hex };

/**
 * The vouchers that clients signed for one payee, and what is settled of them. Nothing is acknowledged before it is on the disk:
 * a voucher that was accepted is money, and without a leaf's opening its channel cannot be settled again.
 */
export class SlabBook {
  readonly #domain: SlabDomain;
  readonly #log: RecordLog<unknown>;
  readonly #entries: Map<number, Entry>;
  readonly #plans: Map<Hex, Plan>;

  private constructor(domain: SlabDomain, log: RecordLog<unknown>, entries: Map<number, Entry>, plans: Map<Hex, Plan>) {
    this.#domain = domain;
    this.#log = log;
    this.#entries = entries;
    this.#plans = plans;
  }

  /** Opens the book with everything that was written into it. Throws RecordLogError as RecordLog.open does. */
  static async open(path: string, domain: SlabDomain): Promise<SlabBook> {
    const entries = new Map<number, Entry>();
    const plans = new Map<Hex, Plan>();
    const log = await RecordLog.open<unknown>(path, (record) => apply(decode(record) as Fact, entries, plans));
    return new SlabBook(domain, log, entries, plans);
  }

  /**
   * Takes a voucher; resolves when it is on the disk.
   * @param channel as the chain has it, with `depositWei`
   * @throws {SlabVoucherError} when it is not newer than the last one, above the deposit or badly signed
   */
  async accept(channel: SlabChannel, depositWei: bigint, voucher: SlabVoucher): Promise<void> {
    const entry = entryOf(this.#entries, channel);
    checkSlabVoucher(this.#domain, channel, voucher, entry?.voucher ?? nothingSettled, depositWei);
    await this.#write({ kind: "voucher", channel, voucher });
  }

  /** The last voucher of a channel. */
  lastOf(channel: SlabChannel): SlabVoucher | undefined {
    return entryOf(this.#entries, channel)?.voucher;
  }

  /** What the last settlement of a channel opens to. */
  settledOf(channel: SlabChannel): SlabOpening | undefined {
    return entryOf(this.#entries, channel)?.settled;
  }

  /** Channels with a voucher that is newer than what is settled. */
  due(): readonly {
    readonly channel: SlabChannel;
    readonly voucher: SlabVoucher;
    readonly settled: SlabOpening | undefined;
  }[] {
    return [...this.#entries.values()].flatMap(({ channel, voucher, settled }) =>
      voucher !== undefined && voucher.nonce > (settled?.nonce ?? 0) ? [{ channel, voucher, settled }] : [],
    );
  }

  /** Notes a settlement before it is sent, so that it is known after a crash what the chain then shows. */
  async plan({ slab, leavesAfter }: SlabStatement, payments: readonly SlabPayment[]): Promise<void> {
    const openings = payments.map(({ channel: { slot, generation }, voucher }) => {
      const { cumulativeWei, nonce, blinding } = voucher;
      return { slot, generation, cumulativeWei, nonce, blinding };
    });
    await this.#write({ kind: "plan", slab, after: slabState(leavesAfter), openings });
  }

  /** Notes what the chain shows of a slab. Whether that was a planned settlement which is now done. */
  async observe(slab: number, state: Hex): Promise<boolean> {
    if (this.#plans.get(state)?.slab !== slab) return false;
    await this.#write({ kind: "settled", slab, state });
    return true;
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  /** In memory at once, so that of two vouchers that come together the second is compared with the first. */
  #write(fact: Fact): Promise<void> {
    apply(fact, this.#entries, this.#plans);
    return this.#log.append(encode(fact));
  }
}

/** The entry of a channel; another generation's in the same slot is not it. */
function entryOf(entries: ReadonlyMap<number, Entry>, { slot, generation }: SlabChannel): Entry | undefined {
  const entry = entries.get(slot);
  return entry?.channel.generation === generation ? entry : undefined;
}

function apply(fact: Fact, entries: Map<number, Entry>, plans: Map<Hex, Plan>): void {
  switch (fact.kind) {
    case "voucher": {
      const entry = entryOf(entries, fact.channel) ?? { channel: fact.channel, voucher: undefined, settled: undefined };
      entries.set(fact.channel.slot, { ...entry, voucher: fact.voucher });
      return;
    }
    case "plan":
      plans.set(fact.after, fact);
      return;
    case "settled": {
      for (const { slot, generation, ...settled } of plans.get(fact.state)?.openings ?? []) {
        const entry = entries.get(slot);
        if (entry?.channel.generation === generation) entries.set(slot, { ...entry, settled });
      }
      // Of several that were planned from the same leaves one came through, and the others cannot any more.
      for (const [after, { slab }] of plans) if (slab === fact.slab) plans.delete(after);
      return;
    }
  }
}

/** Whole numbers that JSON does not hold, as text with an n behind. */
function encode(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}n` : each)));
}

function decode(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === "string" && /^\d+n$/.test(each) ? BigInt(each.slice(0, -1)) : each,
  ) as unknown;
}
