import type { Hex } from "../hash/index.ts";
import { Books, keyOf, streamOfChannel, type DatedSize, type StreamName } from "./books.ts";
import { EntryChecker, type CheckedEntries } from "./entry-checker.ts";
import type { Finding } from "./findings.ts";
import { judgeLiabilities, type Credits, type LiabilitiesVerdict } from "./liabilities.ts";
import { anchorFindings, gossipFindings, headFindings } from "./log-rules.ts";
import { collectionFindings, coverageFindings, coverOf, voucherFindings, type Whole } from "./money-rules.ts";
import { PackedEntries } from "./packed.ts";
import { StakeHistory } from "./stake-history.ts";
import type { AuditedStream, Checkpoint } from "./streams.ts";
import type { AuditContext, AuditEntry, AuditTotals, Share } from "./types.ts";

export interface AuditReport {
  readonly findings: readonly Finding[];
  /** All findings, those that were not kept too. */
  readonly found: number;
  readonly totals: AuditTotals;
  /** Receipts and money by day, and of those who earned and spent most. */
  readonly days: readonly Share[];
  readonly miners: readonly Share[];
  readonly clients: readonly Share[];
}

/** Findings about entries that are kept; a log that is wrong everywhere need not fill the memory. */
const maximumFindings = 10_000;
/** Parties that a report names. */
const mostNamed = 20;

/**
 * Checks a coordinator's log against the chain, entry by entry in log order, then as a whole. It believes the chain and
 * its own arithmetic only. It can go on: after `finish`, `renew` gives it what was learned since, and more entries follow.
 */
export class Audit {
  readonly #books: Books;
  #context: AuditContext;
  #stakes: StakeHistory;
  #checker: EntryChecker;
  #dated: readonly DatedSize[] = [];
  readonly #findings: Finding[] = [];
  #found = 0;
  /** Verdicts on anchors' liabilities by epoch, worked out when the log had their size. */
  readonly #liabilities = new Map<bigint, LiabilitiesVerdict>();
  #anchorsBySize: ReadonlyMap<number, readonly bigint[]> = new Map();

  /** @param seed a random number that who writes the log does not know; see TurnTable */
  constructor(context: AuditContext, seed?: number) {
    this.#books = new Books(seed);
    this.#context = context;
    this.#stakes = new StakeHistory(context.stakeEvents);
    this.#checker = new EntryChecker(context);
    this.#prepare();
  }

  /** Entries taken so far. */
  get size(): number {
    return this.#books.log.count;
  }

  /** Takes the next entry of the log and checks it. */
  entry(entry: AuditEntry): void {
    this.take(this.#checker.check([entry], this.size));
  }

  /** Takes the next entries, which an EntryChecker checked with this audit's context. */
  take({ packed, findings }: CheckedEntries): void {
    for (const finding of findings) this.#keep(finding);
    const sizes = new Set(this.#anchorsBySize.keys());
    const taken = this.#books.take(new PackedEntries(packed), this.#dated, sizes, (size, credits) =>
      this.judge(size, credits),
    );
    for (const finding of taken) this.#keep(finding);
  }

  /** Goes on with what was learned since the last `finish`. Asks for all of it anew. */
  renew(context: AuditContext): void {
    this.#context = context;
    this.#stakes = new StakeHistory(context.stakeEvents);
    this.#checker = new EntryChecker(context);
    this.#prepare();
  }

  /** States of streams that the context asks for and that were passed before it did. */
  get forgotten(): { readonly name: StreamName; readonly counts: readonly number[] }[] {
    return [...this.#books.streams()].flatMap(([name, stream]) => {
      const counts = stream.forgotten;
      return counts.length === 0 ? [] : [{ name, counts }];
    });
  }

  /** Tells one of the states that `forgotten` names. */
  remember(name: StreamName, count: number, checkpoint: Checkpoint): void {
    this.#books.stream(name)?.remember(count, checkpoint);
  }

  /** Sizes that were anchored and passed, at which the liabilities were not compared yet. */
  get unjudged(): number[] {
    return [...this.#anchorsBySize]
      .filter(([size, epochs]) => size < this.size && epochs.some((epoch) => !this.#liabilities.has(epoch)))
      .map(([size]) => size);
  }

  /** Compares the liabilities anchored for a size with what miners had been credited by then. */
  judge(size: number, credits: Credits): void {
    const { anchors, collections, coordinator } = this.#context;
    for (const anchor of anchors) {
      if (Number(anchor.size) !== size || this.#liabilities.has(anchor.epoch)) continue;
      this.#liabilities.set(anchor.epoch, judgeLiabilities(anchor, credits, collections, coordinator));
    }
  }

  /**
   * Checks heads, anchors, vouchers and collections, and adds everything up. Debits are credits plus fees when no voucher
   * differs from its stream: both streams are made of the same receipts, and every voucher must equal its stream's sum.
   */
  finish(): AuditReport {
    const whole: Whole = {
      context: this.#context,
      books: this.#books,
      stakes: this.#stakes,
      isKept: (name) => this.#books.isKept(name),
    };
    const { promisedWei, coveredWei } = coverOf(this.#context);
    const findings = [
      ...this.#findings,
      ...headFindings(whole),
      ...anchorFindings(whole),
      ...gossipFindings(whole),
      ...this.#liabilitiesFindings(),
      ...(coveredWei !== undefined && promisedWei > coveredWei ? [uncovered(promisedWei, coveredWei)] : []),
      ...voucherFindings(whole),
      ...coverageFindings(whole),
      ...collectionFindings(whole),
    ];
    const found = this.#found + findings.length - this.#findings.length;
    return { findings, found, totals: this.#totals(coveredWei), ...this.#shares() };
  }

  #keep(finding: Finding): void {
    this.#found += 1;
    if (this.#findings.length < maximumFindings) this.#findings.push(finding);
  }

  #prepare(): void {
    const { anchors, head, vouchers, collections, seenHeads = [], coordinator, focus } = this.#context;
    const wanted = new Map<string, Set<number>>();
    const want = (name: StreamName | undefined, count: bigint): void => {
      if (name === undefined) return;
      const key = keyOf(name);
      const counts = wanted.get(key);
      if (counts === undefined) wanted.set(key, new Set([Number(count)]));
      else counts.add(Number(count));
    };
    want({ of: "log" }, 0n);
    for (const { size } of [...anchors, head.head, ...seenHeads.map((seen) => seen.head)]) want({ of: "log" }, size);
    for (const { voucher } of vouchers) want(streamOfChannel(voucher, coordinator), voucher.count);
    for (const collection of collections) want(streamOfChannel(collection, coordinator), collection.count);
    this.#books.focus = focus;
    this.#books.want(wanted);
    const signed = { size: Number(head.head.size), atMs: Number(head.head.timestampMs), isAnchor: false };
    const dated = anchors.map(({ size, atMs }) => ({ size: Number(size), atMs, isAnchor: true }));
    this.#dated = [...dated, signed].sort((a, b) => a.size - b.size);
    this.#prepareAnchors();
  }

  /** Liabilities take every miner's credits: an audit about one party cannot compare them. */
  #prepareAnchors(): void {
    const { anchors, focus } = this.#context;
    const bySize = new Map<number, bigint[]>();
    const isWhole = focus?.client === undefined && focus?.miner === undefined;
    for (const { size, epoch } of isWhole ? anchors : []) {
      if (this.#liabilities.has(epoch)) continue;
      bySize.set(Number(size), [...(bySize.get(Number(size)) ?? []), epoch]);
    }
    this.#anchorsBySize = bySize;
    if (bySize.has(this.size)) this.judge(this.size, this.#books.credits);
  }

  #liabilitiesFindings(): Finding[] {
    return this.#context.anchors.flatMap((anchor): Finding[] => {
      if (this.#liabilities.get(anchor.epoch) !== "wrong") return [];
      const { epoch, size, liabilitiesRoot } = anchor;
      const message = `the liabilities of epoch ${epoch} are not those of the log's first ${size} entries`;
      const evidence = { epoch: Number(epoch), size: Number(size), liabilitiesRoot };
      return [{ kind: "liabilities_wrong", message, evidence }];
    });
  }

  #totals(coveredWei: bigint | undefined): AuditTotals {
    const { vouchers, anchors, collections, coordinator } = this.#context;
    const books = this.#books;
    const sum = (streams: ReadonlyMap<Hex, AuditedStream>): bigint =>
      [...streams.values()].reduce((total, { cumulativeWei }) => total + cumulativeWei, 0n);
    const [debitedWei, creditedWei] = [sum(books.debits), sum(books.credits)];
    const paid = collections.filter(({ payer, payee }) => payer === coordinator || payee === coordinator);
    const toMinersWei = paid.reduce((total, { payer, paidWei }) => total + (payer === coordinator ? paidWei : 0n), 0n);
    return {
      receipts: books.receipts,
      clients: books.debits.size,
      miners: books.credits.size,
      hostedReceipts: books.hostedReceipts,
      hostedWei: [...books.hosted.values()].reduce((total, wallets) => total + sum(wallets), 0n),
      vouchers: vouchers.length,
      anchors: anchors.length,
      debitedWei,
      creditedWei,
      feesWei: books.feesWei,
      refunds: books.refunds,
      refundedWei: books.refundedWei,
      collectedWei: paid.reduce((total, { paidWei }) => total + paidWei, 0n),
      owedWei: creditedWei - toMinersWei,
      coveredWei,
      liabilitiesUnchecked: [...this.#liabilities.values()].filter((verdict) => verdict === "unknown").length,
    };
  }

  #shares(): Pick<AuditReport, "days" | "miners" | "clients"> {
    const first = (streams: ReadonlyMap<Hex, AuditedStream>): Share[] =>
      [...streams]
        .map(([name, { count, cumulativeWei }]) => ({ name, receipts: count, amountWei: cumulativeWei }))
        .sort((a, b) => (a.amountWei < b.amountWei ? 1 : a.amountWei > b.amountWei ? -1 : 0))
        .slice(0, mostNamed);
    return { days: this.#books.days(), miners: first(this.#books.credits), clients: first(this.#books.debits) };
  }
}

function uncovered(promisedWei: bigint, coveredWei: bigint): Finding {
  const message = `${promisedWei} wei are promised to miners, ${coveredWei} wei stand behind them`;
  const evidence = { promisedWei: promisedWei.toString(), coveredWei: coveredWei.toString() };
  return { kind: "liabilities_uncovered", message, evidence };
}
