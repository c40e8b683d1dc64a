import type { Hex } from "@lode/sdk/hash";
import { nothingSettled, type SlabDomain } from "@lode/sdk/slab";
import { slabStatement, type SlabPayment } from "@lode/zk-circuits/settlement-slab";
import type { SlabBook, SlabEntry } from "./book.ts";
import type { OpenChannel, SlabChain } from "./chain.ts";
import type { SlabProver } from "./prover-process.ts";

/** When a slab is worth settling. */
export interface SlabPolicy {
  /** Least sum that a settlement collects, in wei. */
  readonly minimumWei: bigint;
  /** Least number of channels in a settlement: the total of one channel is that channel's amount, for all to see. */
  readonly minimumChannels: number;
  /** A channel that owes this much is settled in any company, in wei. */
  readonly maximumWei: bigint;
}

/** One settlement that was made. */
export interface SlabSettlement {
  readonly slab: number;
  readonly channels: number;
  readonly totalWei: bigint;
}

/** One slab while it is settled. */
interface Turn {
  readonly slab: number;
  readonly leaves: readonly bigint[];
  readonly size: number;
  readonly open: ReadonlyMap<number, OpenChannel>;
}

export interface SlabWorkerOptions {
  readonly domain: SlabDomain;
  readonly payee: Hex;
  readonly policy: SlabPolicy;
  readonly book: SlabBook;
  readonly chain: SlabChain;
  readonly prover: SlabProver;
  readonly nowMs: () => number;
  readonly onSettled?: (settlement: SlabSettlement) => void;
  readonly warn?: (message: string) => void;
}

/** Where proving fails, a channel that ends this soon is ended with its voucher, which needs no proof. */
const closeSeconds = 2 * 86_400;

/**
 * Settles the slabs of a payee's channels. Killed at any moment it goes on when started again: what is settled is what the chain
 * shows, compared with every voucher that was accepted, and each voucher that was acknowledged is in the book.
 */
export class SlabWorker {
  readonly #options: SlabWorkerOptions;
  #open: ReadonlyMap<number, OpenChannel> = new Map();

  constructor(options: SlabWorkerOptions) {
    this.#options = options;
  }

  /** Open channels with vouchers, as the last turn saw them, and what these promise beyond what is settled, in wei. */
  get figures(): { readonly channels: number; readonly unsettledWei: bigint } {
    const there = this.#options.book
      .entries()
      .filter(({ channel }) => this.#open.get(channel.slot)?.channel.generation === channel.generation);
    const owed = there.map(({ voucher, settled }) => voucher.cumulativeWei - (settled?.cumulativeWei ?? 0n));
    return { channels: there.length, unsettledWei: owed.reduce((sum, wei) => sum + wei, 0n) };
  }

  /**
   * Settles every slab that is worth it, and pays out what is credited. A slab whose settlement fails is tried again at the next
   * call; the first failure is thrown behind the others.
   */
  async settleDue(): Promise<readonly SlabSettlement[]> {
    const { book, chain, policy, onSettled } = this.#options;
    const size = await chain.slabSize();
    const open = new Map((await chain.channels()).map((each) => [each.channel.slot, each]));
    this.#open = open;
    const done: SlabSettlement[] = [];
    const failures: unknown[] = [];
    const slabs = new Set(book.due().map(({ channel }) => Math.floor(channel.slot / size)));
    for (const slab of slabs) {
      try {
        const settled = await this.#settle({ slab, size, open, leaves: await chain.leavesOf(slab) });
        if (settled === undefined) continue;
        done.push(settled);
        onSettled?.(settled);
      } catch (error) {
        failures.push(error);
      }
    }
    const creditWei = await chain.creditWei();
    if (creditWei > 0n && creditWei >= policy.minimumWei) await chain.sweep();
    if (failures.length > 0) throw failures[0];
    return done;
  }

  async #settle(turn: Turn): Promise<SlabSettlement | undefined> {
    const { domain, payee, book, chain, prover } = this.#options;
    const { slab, size, leaves: leavesBefore } = turn;
    const payments = await this.#paymentsOf(turn);
    if (!this.#isWorthIt(payments, turn.open)) return undefined;
    const statement = slabStatement(domain, { payee, slab, leavesBefore }, payments);
    try {
      // A leaf whose voucher the disk does not hold would be strange to the next process.
      await book.flushed();
      const proof = await prover.prove(`settlement-slab-${size}`, statement.input);
      await chain.settle(statement, proof);
    } catch (error) {
      await this.#closeLate(payments, turn);
      throw error;
    }
    await this.#observe(statement.leavesAfter, payments);
    return { slab, channels: payments.length, totalWei: statement.totalWei };
  }

  /** What a slab's newest vouchers promise, of channels that are still there. */
  async #paymentsOf({ slab, size, leaves, open }: Turn): Promise<SlabPayment[]> {
    const { book, warn } = this.#options;
    const known: SlabEntry[] = [];
    for (const { channel } of book.inSlab(slab, size)) {
      const there = open.get(channel.slot);
      if (there?.channel.generation !== channel.generation) continue;
      // What was on its way when this process ended may have arrived.
      if (await book.observe(channel, leafOf(leaves, channel.slot, size), there.isSettled)) {
        known.push(...book.inSlab(slab, size).filter((entry) => entry.channel.slot === channel.slot));
      } else {
        warn?.(
          `The leaf of slot ${channel.slot} opens to no voucher that came here, so that nothing more can be settled of it: ` +
            `another book settled it, or its client did.`,
        );
      }
    }
    return known.flatMap(({ channel, voucher, settled }) => {
      const depositWei = open.get(channel.slot)?.depositWei ?? 0n;
      if (voucher.cumulativeWei <= (settled?.cumulativeWei ?? 0n)) return [];
      // The whole deposit is named, whatever is promised: what is named is public.
      return [{ channel, depositWei, settled, voucher }];
    });
  }

  async #observe(leavesAfter: readonly bigint[], payments: readonly SlabPayment[]): Promise<void> {
    for (const { channel } of payments) {
      await this.#options.book.observe(channel, leafOf(leavesAfter, channel.slot, leavesAfter.length), true);
    }
  }

  /** The last way to the money of channels that end soon, when no proof came through. */
  async #closeLate(payments: readonly SlabPayment[], { leaves, open }: Turn): Promise<void> {
    const { chain, nowMs, warn } = this.#options;
    for (const { channel, settled, voucher } of payments) {
      const exitsAt = open.get(channel.slot)?.exitsAt ?? 0;
      if (exitsAt === 0 || exitsAt - nowMs() / 1000 > closeSeconds) continue;
      const shown = settled === undefined ? [] : leaves;
      try {
        await chain.close({ channel, leaves: shown, settled: settled ?? nothingSettled, voucher });
        warn?.(`Slot ${channel.slot} was about to end and no proof came through: it was closed with its voucher.`);
      } catch (error) {
        warn?.(`Slot ${channel.slot} is about to end and could not be closed: ${String(error).split("\n")[0] ?? ""}`);
      }
    }
  }

  #isWorthIt(payments: readonly SlabPayment[], open: ReadonlyMap<number, OpenChannel>): boolean {
    const { book, policy } = this.#options;
    const { minimumWei, minimumChannels, maximumWei } = policy;
    if (payments.length === 0) return false;
    // A channel that ends is settled while it can be, alone if need be.
    if (payments.some(({ channel }) => open.get(channel.slot)?.exitsAt !== 0)) return true;
    if (payments.some(({ channel }) => book.isCrowded(channel))) return true;
    const owed = payments.map(({ voucher, settled }) => voucher.cumulativeWei - (settled?.cumulativeWei ?? 0n));
    if (owed.some((wei) => wei >= maximumWei)) return true;
    return payments.length >= minimumChannels && owed.reduce((sum, wei) => sum + wei, 0n) >= minimumWei;
  }
}

function leafOf(leaves: readonly bigint[], slot: number, size: number): bigint {
  return leaves[slot % size] ?? 0n;
}
