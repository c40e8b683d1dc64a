import type { Hex } from "@lode/sdk/hash";
import type { SlabChannel, SlabDomain, SlabVoucher } from "@lode/sdk/slab";
import { SlabVoucherError } from "@lode/sdk/slab";
import { slabState, slabStatement, type SlabPayment } from "@lode/zk-circuits/settlement-slab";
import type { SlabBook } from "./book.ts";
import type { OpenChannel, SlabChain } from "./chain.ts";
import type { SlabProver } from "./prover-process.ts";

/** When a slab is worth settling. */
export interface SlabPolicy {
  /** Least sum that a settlement collects, in wei. */
  readonly minimumWei: bigint;
  /** Least number of channels in a settlement: the total of one channel is that channel's amount, for all to see. */
  readonly minimumChannels: number;
}

/** One settlement that was made. */
export interface SlabSettlement {
  readonly slab: number;
  readonly channels: number;
  readonly totalWei: bigint;
}

/**
 * Takes the vouchers of a payee's channels and settles its slabs. Killed at any moment it goes on when started again: what is
 * settled is what the chain says, and every voucher that was acknowledged is in the book.
 */
export class SlabWorker {
  readonly #domain: SlabDomain;
  readonly #payee: Hex;
  readonly #book: SlabBook;
  readonly #chain: SlabChain;
  readonly #prover: SlabProver;
  readonly #policy: SlabPolicy;

  constructor(
    { domain, payee, policy }: { readonly domain: SlabDomain; readonly payee: Hex; readonly policy: SlabPolicy },
    book: SlabBook,
    chain: SlabChain,
    prover: SlabProver,
  ) {
    this.#domain = domain;
    this.#payee = payee;
    this.#policy = policy;
    this.#book = book;
    this.#chain = chain;
    this.#prover = prover;
  }

  /**
   * Takes a client's voucher on one of this payee's channels; resolves when it is on the disk.
   * @throws {SlabVoucherError} `slab_no_channel` when the chain has no such channel, `slab_exiting` when it is about to end, else
   * as checkSlabVoucher
   */
  async accept(slot: number, generation: bigint, voucher: SlabVoucher): Promise<void> {
    const open = (await this.#chain.channels()).find(
      ({ channel }) => channel.slot === slot && channel.generation === generation,
    );
    if (open === undefined) {
      throw new SlabVoucherError(
        "slab_no_channel",
        `Slot ${slot} holds no channel of generation ${generation}; open one.`,
      );
    }
    // What is promised from now on might not be settled in time.
    if (open.exitsAt !== 0) {
      throw new SlabVoucherError("slab_exiting", `The channel in slot ${slot} is about to end; open another one.`);
    }
    await this.#book.accept(open.channel, open.depositWei, voucher);
  }

  /** Settles every slab that is worth it. A slab whose settlement fails is tried again at the next call; the first failure is thrown. */
  async settleDue(): Promise<readonly SlabSettlement[]> {
    const open = new Map((await this.#chain.channels()).map((each) => [each.channel.slot, each]));
    const done: SlabSettlement[] = [];
    const failures: unknown[] = [];
    const { length: size } = await this.#chain.leavesOf(0);
    const slabs = new Set(this.#book.due().map(({ channel }) => Math.floor(channel.slot / size)));
    for (const slab of slabs) {
      try {
        const settled = await this.#settle(slab, size, open);
        if (settled !== undefined) done.push(settled);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return done;
  }

  async #settle(
    slab: number,
    size: number,
    open: ReadonlyMap<number, OpenChannel>,
  ): Promise<SlabSettlement | undefined> {
    // What was on its way when this process ended may have arrived.
    const state = await this.#chain.stateOf(slab);
    await this.#book.observe(slab, state);
    const payments = this.#paymentsOf(slab, size, open);
    if (!this.#isWorthIt(payments, open)) return undefined;
    const leavesBefore = await this.#chain.leavesOf(slab);
    if (slabState(leavesBefore) !== state) throw new Error(`Slab ${slab} moved while it was read; try again.`);
    const statement = slabStatement(this.#domain, { payee: this.#payee, slab, leavesBefore }, payments);
    await this.#book.plan(statement, payments);
    const proof = await this.#prover.prove(`settlement-slab-${size}`, statement.input);
    await this.#chain.settle(statement, proof);
    await this.#book.observe(slab, slabState(statement.leavesAfter));
    return { slab, channels: payments.length, totalWei: statement.totalWei };
  }

  /** A slab's newest vouchers, of channels that are still there. */
  #paymentsOf(slab: number, size: number, open: ReadonlyMap<number, OpenChannel>): SlabPayment[] {
    return this.#book.due().flatMap(({ channel, voucher, settled }) => {
      const there = open.get(channel.slot);
      if (there === undefined || Math.floor(channel.slot / size) !== slab || !isSame(there.channel, channel)) return [];
      if (there.isSettled && settled === undefined) {
        throw new Error(`This book does not know what slot ${channel.slot} has settled; use the one that settled it.`);
      }
      // The whole deposit is named, whatever is promised: what is named is public.
      return [{ channel, depositWei: there.depositWei, settled: there.isSettled ? settled : undefined, voucher }];
    });
  }

  #isWorthIt(payments: readonly SlabPayment[], open: ReadonlyMap<number, OpenChannel>): boolean {
    if (payments.length === 0) return false;
    // A channel that ends is settled while it can be, alone if need be.
    if (payments.some(({ channel }) => open.get(channel.slot)?.exitsAt !== 0)) return true;
    const sumWei = payments.reduce(
      (sum, { voucher, settled }) => sum + voucher.cumulativeWei - (settled?.cumulativeWei ?? 0n),
      0n,
    );
    return payments.length >= this.#policy.minimumChannels && sumWei >= this.#policy.minimumWei;
  }
}

function isSame(one: SlabChannel, other: SlabChannel): boolean {
  return one.generation === other.generation && one.client === other.client;
}
