import { RecordLog } from "@lode/sdk/record-log";
import type { Hex } from "@lode/sdk/hash";
import {
  checkSlabVoucher,
  nothingSettled,
  slabChannelId,
  slabLeaf,
  SlabVoucherError,
  type SlabChannel,
  type SlabDomain,
  type SlabOpening,
  type SlabVoucher,
} from "@lode/sdk/slab";

/** A channel with what is promised and what is settled of it. */
export interface SlabEntry {
  readonly channel: SlabChannel;
  readonly voucher: SlabVoucher;
  /** What the chain showed last; undefined before the first settlement. */
  readonly settled: SlabOpening | undefined;
}

interface Entry extends SlabEntry {
  /** Every opening that the leaf may have, the oldest first: the settled one, the one before, and what came since. */
  readonly openings: SlabOpening[];
}

type Fact =
  | { readonly kind: "voucher"; readonly channel: SlabChannel; readonly voucher: SlabVoucher }
  /** What the chain shows of a channel; nonce 0: that nothing is settled of it. */
  | { readonly kind: "settled"; readonly slot: number; readonly generation: bigint; readonly nonce: number }
  /** A channel as it was when the log was written anew, with the first of its openings. */
  | { readonly kind: "channel"; readonly entry: Entry }
  /** Those that follow: a channel may have more of them than fit into one record. */
  | {
      readonly kind: "openings";
      readonly slot: number;
      readonly generation: bigint;
      readonly openings: readonly SlabOpening[];
    }
  /** Which channel its client signed for last, where that is not told by the order of vouchers any more. */
  | { readonly kind: "current"; readonly channel: SlabChannel };

/** A log is written anew when it has this many facts more than twice what it takes to tell the same. */
const spareFacts = 1_000;

/** Openings in one fact: 200 bytes each, so that it stays far below what a record of the log may hold. */
const openingsInFact = 10_000;

/**
 * Unsettled vouchers of a channel at most: each is kept in memory and compared with its leaf. From half of it on the channel is
 * settled in any company, so that it is met where that fails for long, and by a client that promises the same again and again.
 */
export const mostUnsettled = 65_536;

/**
 * The vouchers that clients signed for one payee, and what is settled of them. Nothing is acknowledged before it is on the disk:
 * a voucher that was accepted is money, and without a leaf's opening its channel cannot be settled again.
 */
export class SlabBook {
  readonly #domain: SlabDomain;
  readonly #log: RecordLog<unknown>;
  readonly #state: State;
  /** Generations whose leaves open to no voucher of the book, as observed last. */
  readonly #strange = new Set<bigint>();

  private constructor(domain: SlabDomain, log: RecordLog<unknown>, state: State) {
    this.#domain = domain;
    this.#log = log;
    this.#state = state;
  }

  /**
   * Opens the book with everything that was written into it. Where most of that is overtaken the log is written anew: the last
   * voucher of every channel stays, and every opening that a leaf may still have.
   * @param spare facts that may be overtaken
   * @throws {RecordLogError} as RecordLog.open does
   */
  static async open(
    path: string,
    domain: SlabDomain,
    warn?: (message: string) => void,
    spare: number = spareFacts,
  ): Promise<SlabBook> {
    const state = new State();
    let facts = 0;
    const apply = (record: unknown): void => {
      facts++;
      state.apply(decode(record) as Fact);
    };
    const log = await RecordLog.open<unknown>(path, apply, warn);
    try {
      const needed = state.facts();
      if (facts > 2 * needed.length + spare) await rewrite(log, needed, warn);
    } catch (error) {
      await log.close();
      throw error;
    }
    return new SlabBook(domain, log, state);
  }

  /**
   * Takes a voucher; resolves when it is on the disk. The last one again changes nothing.
   * @param channel as the chain has it, with `depositWei`
   * @throws {SlabVoucherError} when it is not newer than the last one, above the deposit or badly signed; `slab_crowded` when
   * the channel has as many unsettled vouchers as it may have
   */
  async accept(channel: SlabChannel, depositWei: bigint, voucher: SlabVoucher): Promise<void> {
    const entry = this.#state.entryOf(channel);
    const last = entry?.voucher;
    // Its first answer may have been lost on the way.
    if (last !== undefined && isSameVoucher(last, voucher)) return this.#log.flushed();
    if (countUnsettled(entry) >= mostUnsettled) {
      const message = `The channel in slot ${channel.slot} has ${mostUnsettled} unsettled vouchers; try again behind a settlement, or open another one.`;
      throw new SlabVoucherError("slab_crowded", message, { retryable: true });
    }
    checkSlabVoucher(this.#domain, channel, voucher, last ?? nothingSettled, depositWei);
    await this.#write({ kind: "voucher", channel, voucher });
  }

  /** The last voucher of a channel. */
  lastOf(channel: SlabChannel): SlabVoucher | undefined {
    return this.#state.entryOf(channel)?.voucher;
  }

  /** What the last settlement of a channel opens to, as it was observed last. */
  settledOf(channel: SlabChannel): SlabOpening | undefined {
    return this.#state.entryOf(channel)?.settled;
  }

  /** Everything that a client promised in all of its channels, ended ones too, in wei. */
  promisedWei(client: Hex): bigint {
    return this.#state.promised.get(client) ?? 0n;
  }

  /** The channel that a client signed for last. */
  currentOf(client: Hex): SlabChannel | undefined {
    return this.#state.current.get(client);
  }

  /** The last voucher of each channel that a client ever had, the oldest channel first. */
  vouchersOf(client: Hex): readonly SlabEntry[] {
    return [...(this.#state.channels.get(client)?.values() ?? [])];
  }

  /** Channels with a voucher of more than what is settled. */
  due(): readonly SlabEntry[] {
    return this.entries().filter(({ voucher, settled }) => voucher.cumulativeWei > (settled?.cumulativeWei ?? 0n));
  }

  /** Channels with vouchers in a slab of `size` slots. */
  inSlab(slab: number, size: number): readonly SlabEntry[] {
    return this.entries().filter(({ channel }) => Math.floor(channel.slot / size) === slab);
  }

  /** Whether a channel has so many unsettled vouchers that it should be settled in any company: soon it takes no more. */
  isCrowded(channel: SlabChannel): boolean {
    return countUnsettled(this.#state.entryOf(channel)) >= mostUnsettled / 2;
  }

  /** Whether somebody settled a channel with a voucher that never came here: nothing of this book can be settled behind it. */
  isStrange({ generation }: SlabChannel): boolean {
    return this.#strange.has(generation);
  }

  /** The newest channel with vouchers of each slot, whether it is still open or not. */
  entries(): readonly SlabEntry[] {
    return [...this.#state.entries.values()];
  }

  /**
   * Compares a channel's leaf with every voucher that was accepted of it, and notes what is settled: whoever sent the
   * settlement, and also when a reorganisation took one back.
   * @param isSettled whether any settlement touched the channel; else the leaf is none of its
   * @returns whether the book knows what is settled of the channel now; false when the leaf opens to a voucher that never came here
   */
  async observe(channel: SlabChannel, leaf: bigint, isSettled: boolean): Promise<boolean> {
    const entry = this.#state.entryOf(channel);
    if (entry === undefined) return !isSettled;
    const id = slabChannelId(this.#domain, channel);
    const opens = (opening: SlabOpening): boolean => slabLeaf(id, channel.key, opening) === leaf;
    // Most often it is what it was; the newest are the likeliest of the others.
    const search = (): SlabOpening | undefined =>
      entry.settled !== undefined && opens(entry.settled) ? entry.settled : entry.openings.findLast(opens);
    const found = isSettled ? search() : undefined;
    if (found === undefined && isSettled) {
      this.#strange.add(channel.generation);
      return false;
    }
    this.#strange.delete(channel.generation);
    const nonce = found?.nonce ?? 0;
    if (nonce === (entry.settled?.nonce ?? 0)) return true;
    await this.#write({ kind: "settled", slot: channel.slot, generation: channel.generation, nonce });
    return true;
  }

  /** Resolves when everything that the book tells is on the disk. */
  flushed(): Promise<void> {
    return this.#log.flushed();
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  /** In memory at once, so that of two vouchers that come together the second is compared with the first. */
  #write(fact: Fact): Promise<void> {
    this.#state.apply(fact);
    return this.#log.append(encode(fact));
  }
}

/** What the facts add up to. */
class State {
  /** By slot. */
  readonly entries = new Map<number, Entry>();
  /** By client and generation. */
  readonly channels = new Map<Hex, Map<bigint, Entry>>();
  readonly promised = new Map<Hex, bigint>();
  readonly current = new Map<Hex, SlabChannel>();

  /** The entry of a channel; another generation's in the same slot is not it. */
  entryOf({ slot, generation }: Pick<SlabChannel, "slot" | "generation">): Entry | undefined {
    const entry = this.entries.get(slot);
    return entry?.channel.generation === generation ? entry : undefined;
  }

  /** The fewest facts that add up to this, the oldest channel first. */
  facts(): Fact[] {
    const entries = [...this.channels.values()].flatMap((channels) => [...channels.values()]);
    const ordered = entries.sort((a, b) => (a.channel.generation < b.channel.generation ? -1 : 1));
    // No leaf is compared any more with a channel whose slot another one has.
    const kept = (entry: Entry): Entry =>
      this.entries.get(entry.channel.slot) === entry ? entry : { ...entry, openings: [] };
    return [
      ...ordered.flatMap((entry) => channelFacts(kept(entry))),
      ...[...this.current.values()].map((channel) => ({ kind: "current", channel }) as const),
    ];
  }

  apply(fact: Fact): void {
    if (fact.kind === "voucher") return this.#voucher(fact.channel, fact.voucher);
    if (fact.kind === "channel") return this.#restore(fact.entry);
    if (fact.kind === "current") return void this.current.set(fact.channel.client, fact.channel);
    const entry = this.entryOf(fact);
    if (entry === undefined) return;
    if (fact.kind === "openings") {
      for (const opening of fact.openings) entry.openings.push(opening);
      return;
    }
    const settled = entry.openings.find(({ nonce }) => nonce === fact.nonce);
    // The one that was settled before is kept: a reorganisation can bring it back.
    const kept = Math.min(entry.settled?.nonce ?? 0, fact.nonce);
    const openings = entry.openings.filter(({ nonce }) => nonce >= kept);
    this.#put({ ...entry, settled, openings });
  }

  #voucher(channel: SlabChannel, voucher: SlabVoucher): void {
    const before = this.entryOf(channel);
    const { cumulativeWei, nonce, blinding } = voucher;
    const openings = before?.openings ?? [];
    openings.push({ cumulativeWei, nonce, blinding });
    const { client } = channel;
    const stepWei = cumulativeWei - (before?.voucher.cumulativeWei ?? 0n);
    this.promised.set(client, (this.promised.get(client) ?? 0n) + stepWei);
    this.current.set(client, channel);
    this.#put({ channel, voucher, settled: before?.settled, openings });
  }

  #restore(entry: Entry): void {
    const { client } = entry.channel;
    this.promised.set(client, (this.promised.get(client) ?? 0n) + entry.voucher.cumulativeWei);
    this.current.set(client, entry.channel);
    // JSON has no undefined: a channel of which nothing is settled has no such field there.
    this.#put({ ...entry, settled: entry.settled });
  }

  #put(entry: Entry): void {
    const { client, slot, generation } = entry.channel;
    this.entries.set(slot, entry);
    const channels = this.channels.get(client) ?? new Map<bigint, Entry>();
    this.channels.set(client, channels.set(generation, entry));
  }
}

function countUnsettled(entry: Entry | undefined): number {
  if (entry === undefined) return 0;
  const settledNonce = entry.settled?.nonce ?? 0;
  return entry.openings.length - 1 - entry.openings.findLastIndex(({ nonce }) => nonce <= settledNonce);
}

/** A channel, and its openings in as many facts as they need. */
function channelFacts(entry: Entry): Fact[] {
  const { slot, generation } = entry.channel;
  const facts: Fact[] = [{ kind: "channel", entry: { ...entry, openings: entry.openings.slice(0, openingsInFact) } }];
  for (let at = openingsInFact; at < entry.openings.length; at += openingsInFact) {
    facts.push({ kind: "openings", slot, generation, openings: entry.openings.slice(at, at + openingsInFact) });
  }
  return facts;
}

/** Writes the log anew; where that fails the old one is as good, only longer. Throws where the log itself is unusable then. */
async function rewrite(
  log: RecordLog<unknown>,
  facts: readonly Fact[],
  warn: (message: string) => void = () => undefined,
): Promise<void> {
  try {
    await log.replace(facts, encode);
  } catch (error) {
    await log.flushed();
    warn(`the log of slab vouchers stays as long as it is: ${String(error).split("\n")[0] ?? ""}`);
  }
}

function isSameVoucher(one: SlabVoucher, other: SlabVoucher): boolean {
  const numbers = ({ cumulativeWei, nonce, blinding, signature: { r8, s } }: SlabVoucher): string =>
    [cumulativeWei, nonce, blinding, ...r8, s].join();
  return numbers(one) === numbers(other);
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
