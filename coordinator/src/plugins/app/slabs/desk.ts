import type { Hex } from "@lode/sdk/hash";
import { SlabVoucherError, type SlabChannel, type SlabDomain, type SlabVoucher } from "@lode/sdk/slab";
import { ChainError } from "../chain/errors.ts";
import type { SlabBook, SlabEntry } from "./book.ts";
import type { OpenChannel, SlabChain } from "./chain.ts";

/** Where clients hand in slab vouchers, and what these cover of their debits. */
export class SlabDesk {
  readonly domain: SlabDomain;
  readonly payee: Hex;
  readonly #book: SlabBook;
  readonly #chain: SlabChain;
  readonly #onAccepted: () => void;

  constructor(
    { domain, payee, onAccepted = () => undefined }: { domain: SlabDomain; payee: Hex; onAccepted?: () => void },
    book: SlabBook,
    chain: SlabChain,
  ) {
    this.domain = domain;
    this.payee = payee;
    this.#book = book;
    this.#chain = chain;
    this.#onAccepted = onAccepted;
  }

  slabSize(): Promise<number> {
    return this.#chain.slabSize();
  }

  /**
   * Takes a client's voucher on one of its channels with this payee; resolves when it is on the disk.
   * @throws {SlabVoucherError} `slab_no_channel` when the chain has no such channel of this client, `slab_exiting` when it is about
   * to end, `slab_settled_elsewhere` when its leaf opens to another voucher, else as checkSlabVoucher
   */
  async accept(client: Hex, slot: number, generation: bigint, voucher: SlabVoucher): Promise<void> {
    const open = (await this.#channels()).find(
      ({ channel }) => channel.slot === slot && channel.generation === generation && channel.client === client,
    );
    if (open === undefined) {
      throw new SlabVoucherError(
        "slab_no_channel",
        `Slot ${slot} holds no channel of ${client} with generation ${generation}; open one.`,
      );
    }
    // What is promised from now on might not be settled in time.
    if (open.exitsAt !== 0) {
      throw new SlabVoucherError("slab_exiting", `The channel in slot ${slot} is about to end; open another one.`);
    }
    if (this.#book.isStrange(open.channel)) {
      const message = `The channel in slot ${slot} was settled with a voucher that never came here; open another one.`;
      throw new SlabVoucherError("slab_settled_elsewhere", message);
    }
    await this.#book.accept(open.channel, open.depositWei, voucher);
    this.#onAccepted();
  }

  /** Everything that a client promised here, in all of its channels, in wei. */
  promisedWei(client: Hex): bigint {
    return this.#book.promisedWei(client);
  }

  /** What the vouchers of everybody promise beyond what is settled, in wei. */
  unsettledWei(): bigint {
    return this.#book
      .due()
      .reduce((sum, { voucher, settled }) => sum + voucher.cumulativeWei - (settled?.cumulativeWei ?? 0n), 0n);
  }

  /** The last voucher of each channel that a client ever signed for, the oldest channel first. */
  vouchersOf(client: Hex): readonly SlabEntry[] {
    return this.#book.vouchersOf(client);
  }

  /** A client's open channels with this payee. Throws ChainError. */
  async channelsOf(client: Hex): Promise<readonly OpenChannel[]> {
    return (await this.#channels()).filter(({ channel }) => channel.client === client);
  }

  /**
   * What a client's current channel holds and has promised; undefined for a client that never signed for one. A channel that ended
   * or is about to holds nothing more than it promised.
   */
  async fundsOf(client: Hex): Promise<{ readonly depositWei: bigint; readonly promisedWei: bigint } | undefined> {
    const channel = this.#book.currentOf(client);
    if (channel === undefined) return undefined;
    const promisedWei = this.#book.lastOf(channel)?.cumulativeWei ?? 0n;
    const there = (await this.#channels()).find((open) => isSame(open.channel, channel));
    const isGood = there?.exitsAt === 0 && !this.#book.isStrange(channel);
    return { depositWei: isGood ? there.depositWei : promisedWei, promisedWei };
  }

  async #channels(): Promise<readonly OpenChannel[]> {
    try {
      return await this.#chain.channels();
    } catch (cause) {
      throw new ChainError("unreachable", "The chain does not answer; try again in a moment.", cause);
    }
  }

  /** Whether a client pays by slab vouchers: from its first one on. */
  isClient(client: Hex): boolean {
    return this.#book.currentOf(client) !== undefined;
  }
}

function isSame(one: SlabChannel, other: SlabChannel): boolean {
  return one.slot === other.slot && one.generation === other.generation;
}
