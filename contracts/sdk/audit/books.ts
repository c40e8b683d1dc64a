import { bytesToHex, type Hex } from "../hash/index.ts";
import { leafHashBytes } from "../merkle/index.ts";
import { voucherKind } from "../typed-data/index.ts";
import { clockToleranceMs } from "./entry-rules.ts";
import type { Finding, FindingKind } from "./findings.ts";
import type { PackedEntries } from "./packed.ts";
import { AuditedStream, type Checkpoint, type Place } from "./streams.ts";
import { TurnTable } from "./turns.ts";
import type { Focus, Share } from "./types.ts";

/** One stream of an audit: the whole log, or what one party pays or earns. */
export type StreamName =
  | { readonly of: "log" }
  | { readonly of: "debit"; readonly client: Hex }
  | { readonly of: "credit"; readonly miner: Hex }
  | { readonly of: "hosted"; readonly host: Hex; readonly wallet: Hex };

export function keyOf(name: StreamName): string {
  switch (name.of) {
    case "log":
      return "log";
    case "debit":
      return `debit:${name.client}`;
    case "credit":
      return `credit:${name.miner}`;
    case "hosted":
      return `hosted:${name.host}:${name.wallet}`;
  }
}

/** The stream that a voucher or a collection is about; undefined when it is not this coordinator's. */
export function streamOfChannel(
  { payer, payee, kind }: { readonly payer: Hex; readonly payee: Hex; readonly kind: number },
  coordinator: Hex,
): StreamName | undefined {
  if (kind === voucherKind.dedicated) return payee === coordinator ? { of: "debit", client: payer } : undefined;
  return payer === coordinator ? { of: "credit", miner: payee } : { of: "hosted", host: payer, wallet: payee };
}

/** Called when the log has as many entries as an anchor, with what every miner had been credited by then. */
export type AtSize = (size: number, credits: ReadonlyMap<Hex, AuditedStream>) => void;

/** When a size of the log was anchored or signed: its receipts cannot be younger. */
export interface DatedSize {
  readonly size: number;
  readonly atMs: number;
  readonly isAnchor: boolean;
}

/** The first entry of those that one anchor added, as far as its date can be believed. */
interface AnchorBatch extends Place {
  /** Size of the anchor before. */
  readonly from: number;
  isLate: boolean;
}

/**
 * The books that a log adds up to, entry after entry. Memory grows with clients, miners and turns of jobs (36 bytes a slot), not
 * with what entries hold.
 */
export class Books {
  readonly log = new AuditedStream(new Set());
  readonly debits = new Map<Hex, AuditedStream>();
  readonly credits = new Map<Hex, AuditedStream>();
  /** What hosts owe their polling miners, by host and wallet. */
  readonly hosted = new Map<Hex, Map<Hex, AuditedStream>>();
  readonly #turns: TurnTable;
  readonly #days = new Map<number, { receipts: number; amountWei: bigint }>();
  #wanted: ReadonlyMap<string, ReadonlySet<number>> = new Map();
  /** When the latest work ended of all entries so far, ms. */
  #latestMs = 0;
  #batch: AnchorBatch | undefined;
  feesWei = 0n;
  /** Receipts that lateness made cheaper, and what it took off them together. */
  refunds = 0;
  refundedWei = 0n;
  hostedReceipts = 0;
  /** Receipts that were counted into streams; all of them unless the audit is about one party. */
  receipts = 0;

  /** Whose streams are kept; everybody's unless it names somebody. */
  focus: Focus | undefined;

  constructor(seed?: number) {
    this.#turns = new TurnTable(seed);
  }

  /** Says which states of which streams will be asked for, by `keyOf`. */
  want(wanted: ReadonlyMap<string, ReadonlySet<number>>): void {
    this.#wanted = wanted;
    for (const [name, stream] of this.streams()) stream.want(wanted.get(keyOf(name)) ?? new Set());
  }

  stream(name: StreamName): AuditedStream | undefined {
    if (name.of === "log") return this.log;
    if (name.of === "debit") return this.debits.get(name.client);
    return name.of === "credit" ? this.credits.get(name.miner) : this.hosted.get(name.host)?.get(name.wallet);
  }

  /** Whether all entries of a stream are counted: beside one party's receipts, the other side's stream has gaps. */
  isKept(name: StreamName): boolean {
    const { client, miner } = this.focus ?? {};
    if (name.of === "log") return true;
    if (name.of === "debit") return miner === undefined && (client === undefined || client === name.client);
    if (client !== undefined) return false;
    if (name.of === "credit") return miner === undefined || miner === name.miner;
    return miner === undefined || miner === name.host || miner === name.wallet;
  }

  at(name: StreamName | undefined, count: number): Checkpoint | undefined {
    return name === undefined ? undefined : this.stream(name)?.at(count);
  }

  *streams(): Iterable<readonly [StreamName, AuditedStream]> {
    yield [{ of: "log" }, this.log];
    for (const [client, stream] of this.debits) yield [{ of: "debit", client }, stream];
    for (const [miner, stream] of this.credits) yield [{ of: "credit", miner }, stream];
    for (const [host, wallets] of this.hosted) {
      for (const [wallet, stream] of wallets) yield [{ of: "hosted", host, wallet }, stream];
    }
  }

  /** Receipts and money of each day (UTC), the first one first. */
  days(): Share[] {
    return [...this.#days]
      .sort(([a], [b]) => a - b)
      .map(([day, sums]) => ({ name: new Date(day * dayMs).toISOString().slice(0, 10), ...sums }));
  }

  /**
   * Takes the next entries of the log.
   * @param dated sizes with their times, the smallest first
   * @param atSize called at each of `sizes`, before the entry behind it is taken
   */
  take(entries: PackedEntries, dated: readonly DatedSize[], sizes: ReadonlySet<number>, atSize: AtSize): Finding[] {
    const findings: Finding[] = [];
    for (let i = 0; i < entries.count; i++) {
      this.#take(entries, i, dated, findings);
      if (sizes.has(this.log.count)) atSize(this.log.count, this.credits);
    }
    return findings;
  }

  #take(entries: PackedEntries, i: number, dated: readonly DatedSize[], findings: Finding[]): void {
    const position = this.log.count;
    const add = (kind: FindingKind, message: string, evidence: Finding["evidence"]): void => {
      findings.push({ kind, message: `entry ${position}: ${message}`, index: position, evidence });
    };
    const leaf = leafHashBytes(entries.receiptHash(i));
    const place = { index: position, atMs: entries.finishedAtMs(i) };
    this.log.append(leaf, entries.amountWei(i), place);
    if (!entries.isReadable(i)) return;
    const [turn, bill] = [entries.turn(i), entries.bill(i)];
    for (const { index: first, by } of this.#turns.clashes(turn, bill)) {
      const [kind, message] = clashes[by];
      add(kind, `${message} at ${first} already`, { first, assignment: entries.digest(i) });
    }
    const taken = this.#turns.claim(turn, position, bill);
    if (taken !== undefined) {
      const what = taken.isSameAssignment ? "its assignment has" : "another assignment with its job counter has";
      const kind = taken.isSameAssignment ? "receipt_repeated" : "job_reused";
      add(kind, `${what} a receipt at ${taken.index} already`, { first: taken.index, assignment: entries.digest(i) });
    }
    if (!entries.isCounted(i)) return;
    this.receipts += 1;
    const refundWei = entries.refundWei(i);
    if (refundWei > 0n) this.refunds += 1;
    this.refundedWei += refundWei;
    this.#checkTime(entries, i, position, dated, add);
    this.#book(entries, i, leaf, place, add);
  }

  #checkTime(
    entries: PackedEntries,
    i: number,
    position: number,
    dated: readonly DatedSize[],
    add: (kind: FindingKind, message: string, evidence: Finding["evidence"]) => void,
  ): void {
    const finishedAtMs = entries.finishedAtMs(i);
    const over = firstOver(dated, position);
    const holder = dated[over];
    if (holder !== undefined && finishedAtMs > holder.atMs + clockToleranceMs) {
      add("clock_skew", `it is dated ${finishedAtMs} ms, and what holds it ${holder.atMs} ms`, {
        finishedAtMs,
        heldAtMs: holder.atMs,
        size: holder.size,
      });
    }
    // Whoever signs can date work back to when there was a stake, or when no case may be opened any more.
    if (finishedAtMs < this.#latestMs - dayMs - clockToleranceMs) {
      const latestMs = this.#latestMs;
      const message = `it is dated ${finishedAtMs} ms, more than a day before the work of ${latestMs} ms before it`;
      add("clock_skew", message, { finishedAtMs, latestMs });
    }
    // What is dated into the future was named above; it must not make what follows look old.
    else if (holder === undefined || finishedAtMs <= holder.atMs + clockToleranceMs) {
      this.#latestMs = Math.max(this.#latestMs, finishedAtMs);
      this.#checkDelay({ index: position, atMs: finishedAtMs }, dated, over, add);
    }
    const day = Math.floor(finishedAtMs / dayMs);
    // Days that no calendar has would fill the memory.
    if (day < 0 || day > lastDay) return;
    const sums = this.#days.get(day);
    const amountWei = entries.amountWei(i);
    if (sums === undefined) this.#days.set(day, { receipts: 1, amountWei });
    else {
      sums.receipts += 1;
      sums.amountWei += amountWei;
    }
  }

  /**
   * Work that one anchor added to the log, and that was done days apart: the earlier of it was not anchored in time. Only receipts'
   * own times are compared, because a chain's clock may be another one than its coordinator's. A receipt may come in a day late.
   */
  #checkDelay(
    place: Place,
    dated: readonly DatedSize[],
    over: number,
    add: (kind: FindingKind, message: string, evidence: Finding["evidence"]) => void,
  ): void {
    let before = over - 1;
    while (dated[before]?.isAnchor === false) before -= 1;
    const from = dated[before]?.size ?? 0;
    if (this.#batch === undefined || this.#batch.from < from) this.#batch = { ...place, from, isLate: false };
    const { index, atMs, isLate } = this.#batch;
    if (isLate || dated[over]?.isAnchor !== true || place.atMs <= atMs + 2 * dayMs + clockToleranceMs) return;
    this.#batch.isLate = true;
    const message = `its anchor is the first one over entry ${index} too, whose work ended on ${atMs} ms, days before`;
    add("anchor_overdue", message, { first: index, firstMs: atMs, finishedAtMs: place.atMs });
  }

  #book(
    entries: PackedEntries,
    i: number,
    leaf: Uint8Array,
    place: Place,
    add: (kind: FindingKind, message: string, evidence: Finding["evidence"]) => void,
  ): void {
    const [client, miner] = [entries.client(i), entries.miner(i)];
    const amountWei = entries.amountWei(i);
    const feeWei = (amountWei * BigInt(entries.feePpm(i))) / 1_000_000n;
    this.feesWei += feeWei;
    const debit = this.#open(this.debits, client, { of: "debit", client });
    if (debit !== undefined) {
      if (debit.count !== entries.debitIndex(i)) {
        const message = `it says it is debit ${entries.debitIndex(i)} of its client, it is ${debit.count}`;
        add("debit_missing", message, { client });
      }
      debit.append(leaf, amountWei, place);
    }
    const credit = this.#open(this.credits, miner, { of: "credit", miner });
    if (credit !== undefined) {
      if (credit.count !== entries.creditIndex(i)) {
        const message = `it says it is credit ${entries.creditIndex(i)} of its miner, it is ${credit.count}`;
        add("credit_missing", message, { miner });
      }
      credit.append(leaf, amountWei - feeWei, place);
    }
    const wallet = entries.wallet(i);
    if (wallet === undefined) return;
    this.hostedReceipts += 1;
    let wallets = this.hosted.get(miner);
    if (wallets === undefined) this.hosted.set(miner, (wallets = new Map<Hex, AuditedStream>()));
    this.#open(wallets, wallet, { of: "hosted", host: miner, wallet })?.append(leaf, amountWei - feeWei, place);
  }

  /** A party's stream, begun with its first entry; undefined when it is not kept. */
  #open(streams: Map<Hex, AuditedStream>, owner: Hex, name: StreamName): AuditedStream | undefined {
    const known = streams.get(owner);
    if (known !== undefined || !this.isKept(name)) return known;
    const stream = new AuditedStream(this.#wanted.get(keyOf(name)) ?? new Set());
    streams.set(owner, stream);
    return stream;
  }
}

const dayMs = 86_400_000;
/** The year 2200. */
const lastDay = 84_000;

/** By what two attempts of a job cannot both be right. */
const clashes = {
  output: ["output_billed_twice", "another attempt of its job billed some of its tokens"],
  input: ["output_billed_twice", "another attempt of its job billed the same input"],
  terms: ["job_reused", "another attempt of its job, of another client, quote or length, has a receipt"],
} as const;

/** Where the smallest dated size stands that counts the entry at `position`. */
function firstOver(dated: readonly DatedSize[], position: number): number {
  let [low, high] = [0, dated.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((dated[middle]?.size ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The states of one stream at some counts, by its entries alone: what `forgotten` asks for. */
export class StreamReplay {
  readonly #name: StreamName;
  readonly #stream: AuditedStream;
  /** Entries of the log that were passed. */
  #passed = 0;

  constructor(name: StreamName, counts: readonly number[]) {
    this.#name = name;
    this.#stream = new AuditedStream(new Set(counts));
  }

  take(entries: PackedEntries): void {
    for (let i = 0; i < entries.count; i++) {
      const place = { index: this.#passed++, atMs: entries.finishedAtMs(i) };
      if (!this.#holds(entries, i)) continue;
      const amountWei = entries.amountWei(i);
      const feeWei = (amountWei * BigInt(entries.feePpm(i))) / 1_000_000n;
      const { of } = this.#name;
      const isWhole = of === "log" || of === "debit";
      this.#stream.append(leafHashBytes(entries.receiptHash(i)), isWhole ? amountWei : amountWei - feeWei, place);
    }
  }

  at(count: number): Checkpoint | undefined {
    return this.#stream.at(count);
  }

  #holds(entries: PackedEntries, i: number): boolean {
    const name = this.#name;
    if (name.of === "log") return true;
    if (!entries.isReadable(i)) return false;
    if (name.of === "debit") return entries.client(i) === name.client;
    if (name.of === "credit") return entries.miner(i) === name.miner;
    return entries.miner(i) === name.host && entries.wallet(i) === name.wallet;
  }
}

/** The leaf hash by which an entry stands in the log. */
export function leafOf(entries: PackedEntries, i: number): Hex {
  return bytesToHex(entries.receiptHash(i));
}
