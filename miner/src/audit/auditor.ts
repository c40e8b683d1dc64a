import { randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import {
  Audit,
  StreamReplay,
  type Anchor,
  type AuditContext,
  type AuditReport,
  type Finding,
  type Focus,
  type SignedHead,
} from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { verifyConsistency } from "@lode/sdk/merkle";
import type { ChainReader } from "../chain/chain.ts";
import { readHistory, settledBlocks, type ChainHistory } from "../chain/history.ts";
import { MinerError } from "../errors.ts";
import { openChecker, threadsPayFrom, type PageChecker } from "./check/check-pool.ts";
import { CreditReplay } from "./copy/credit-replay.ts";
import { EntryCopy } from "./copy/entry-copy.ts";
import type { Memory, State } from "./copy/memory.ts";
import { withDisputes } from "./disputes.ts";
import type { ReceiptFile } from "./receipt.ts";
import { askPeers, takeHeads } from "./gossip/exchange.ts";
import type { HeadBook, WitnessedHead } from "./gossip/head-book.ts";
import type { Peer } from "./gossip/peer.ts";
import { entriesPerPage, streamPages } from "./log/stream-pages.ts";
import type { LogSource } from "./log/log-source.ts";

/** How far a round is: blocks of the chain, or entries of the log. */
export interface Progress {
  readonly stage: "chain" | "copy" | "log";
  readonly done: number;
  readonly total: number;
}

export interface AuditorOptions {
  readonly chain: ChainReader;
  readonly source: LogSource;
  readonly coordinator: Hex;
  readonly threads: number;
  /** Entries from which threads are used; see `threadsPayFrom`. */
  readonly threadsPayFrom?: number;
  readonly entriesPerPage?: number;
  readonly maximumFeePpm?: number | undefined;
  readonly focus?: Focus | undefined;
  /** Keeps a copy of what was checked, so that the next round goes on behind it; each round begins anew without it. */
  readonly memory?: Memory | undefined;
  readonly heads: HeadBook;
  /** Heads that the first round is shown besides; those that the coordinator signed are taken. */
  readonly shown?: readonly WitnessedHead[];
  readonly peers?: readonly Peer[];
  /** Receipts that somebody kept with their paths: each shows a leaf of a log as it was. */
  readonly bills?: readonly ReceiptFile[];
  readonly nowMs: () => number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface RoundReport extends AuditReport {
  readonly coordinator: Hex;
  readonly head: SignedHead;
  /** Auditors that were asked for what they saw and did not answer. */
  readonly silentPeers: readonly string[];
  /** Entries that were checked in this round; the rest were checked before. */
  readonly checked: number;
  readonly seconds: number;
}

/** What is in memory between two rounds of one process. */
interface Running {
  readonly audit: Audit;
  readonly copy: EntryCopy | undefined;
  /** The head under which everything so far was proved. */
  head: SignedHead | undefined;
}

/** Audits one coordinator, as often as it is asked to, each time from where it was. */
export class Auditor {
  readonly #options: AuditorOptions;
  #running: Running | undefined;
  #state: State | undefined;
  #history: ChainHistory | undefined;

  constructor(options: AuditorOptions) {
    this.#options = options;
    this.#state = options.memory?.read();
    // Whoever allows another fee wants every entry to be looked at again.
    if (this.#state !== undefined && this.#state.maximumFeePpm !== options.maximumFeePpm) this.#state = undefined;
    this.#history = this.#state?.history;
  }

  /** The copy of what was checked, for others to compare; undefined without a memory, and before the first round. */
  get copy(): EntryCopy | undefined {
    return this.#running?.copy;
  }

  /** Who staked and signed for whom, by the last reading of the chain. */
  get stakeEvents(): ChainHistory["stakeEvents"] {
    return this.#history?.stakeEvents ?? [];
  }

  /** One audit of the log as it is now. Throws MinerError when something could not be checked. */
  async round(): Promise<RoundReport> {
    const { chain, source, coordinator, onProgress, nowMs } = this.#options;
    const startedAt = performance.now();
    // The order matters while the coordinator works on: what is read later can only know more receipts.
    const history = await readHistory(
      chain,
      coordinator,
      (block, last) => onProgress?.({ stage: "chain", done: Number(block), total: Number(last) }),
      this.#history,
    );
    this.#history = history;
    const signers = { addresses: chain.addresses, coordinator, stakeEvents: history.stakeEvents };
    takeHeads(this.#options.heads, this.#options.shown ?? [], signers);
    const { silent } = await askPeers(this.#options.heads, this.#options.peers ?? [], signers);
    const vouchers = await source.vouchers();
    const head = await source.head();
    const context: AuditContext = {
      addresses: chain.addresses,
      coordinator,
      ...history,
      vouchers,
      head,
      seenHeads: this.#options.heads.open,
      seenAnchors: this.#state?.seenAnchors ?? [],
      nowMs: nowMs(),
      ...(this.#options.maximumFeePpm !== undefined && { maximumFeePpm: this.#options.maximumFeePpm }),
      ...(this.#options.focus !== undefined && { focus: this.#options.focus }),
    };
    const before = await this.#goOn(context);
    const report = before === undefined ? await this.#beside(context) : await this.#follow(context, before);
    const seconds = (performance.now() - startedAt) / 1000;
    return { ...report, coordinator, head, seconds, silentPeers: silent };
  }

  async close(): Promise<void> {
    this.#running?.copy?.close();
    this.#running = undefined;
  }

  /** The running audit, ready for the entries behind it; undefined when the log does not begin with what was checked. */
  async #goOn(context: AuditContext): Promise<Running | undefined> {
    const known = this.#running?.head ?? this.#state?.head;
    if (known !== undefined && !(await this.#isContinued(known, context.head))) return undefined;
    if (this.#running !== undefined) {
      this.#running.audit.renew(context);
      return this.#running;
    }
    this.#running = this.#open(context);
    return this.#running;
  }

  /** Whether the coordinator can prove that its log begins with the one that was checked. */
  async #isContinued(known: SignedHead, { head }: SignedHead): Promise<boolean> {
    const [from, to] = [Number(known.head.size), Number(head.size)];
    if (from > to) return false;
    let path: Hex[] = [];
    try {
      if (from > 0 && from < to) path = await this.#options.source.consistency(from, to);
    } catch (cause) {
      // Whoever does not prove it is audited from the beginning.
      if (cause instanceof MinerError && !cause.retryable) return false;
      throw cause;
    }
    return verifyConsistency({ fromSize: from, toSize: to, fromRoot: known.head.root, toRoot: head.root, path });
  }

  /** An audit that has read its own copy again; what is damaged there begins anew. */
  #open(context: AuditContext): Running {
    const { memory } = this.#options;
    if (memory === undefined) return { audit: new Audit(context, seed()), copy: undefined, head: undefined };
    const state = this.#state;
    const size = state?.size ?? 0;
    const copy = new EntryCopy(memory.file("entries.bin"), size);
    const audit = new Audit(context, seed());
    for (const packed of copy.replay(size)) {
      audit.take({ packed, findings: [] });
      this.#options.onProgress?.({ stage: "copy", done: copy.size, total: size });
    }
    if (state === undefined) return { audit, copy, head: undefined };
    if (copy.size === size && copy.checksum === state.checksum && copy.tree.root(size) === state.head.head.root) {
      audit.take({ packed: new Uint8Array(0), findings: state.findings });
      return { audit, copy, head: state.head };
    }
    copy.close();
    memory.clear();
    this.#state = undefined;
    return this.#open(context);
  }

  /** Checks what came behind the known entries, and remembers it when it is what the coordinator signed. */
  async #follow(context: AuditContext, running: Running): Promise<AuditReport & { checked: number }> {
    const { audit, copy } = running;
    const { memory, heads } = this.#options;
    const first = audit.size;
    if (copy !== undefined) recall(audit, copy);
    const checkFindings = [...(this.#state?.findings ?? [])];
    try {
      await this.#stream(context, audit, (packed, findings) => {
        copy?.append(packed);
        checkFindings.push(...findings);
      });
    } catch (cause) {
      // Half of what came is booked: the next round begins behind what was proved.
      await this.close();
      throw cause;
    }
    const report = audit.finish();
    const { head } = context.head;
    const isProved =
      audit.size === Number(head.size) &&
      !report.findings.some(({ kind }) => kind === "log_root_wrong" || kind === "head_signature_invalid");
    if (isProved) {
      const disagreeing = new Set(report.findings.map(({ evidence }) => evidence["signature"]));
      heads.add(context.head);
      heads.agree(heads.open.filter((seen) => isWithin(seen, audit.size) && !disagreeing.has(seen.signature)));
      running.head = context.head;
      if (memory !== undefined && copy !== undefined) this.#remember(memory, copy, context, checkFindings);
    } else {
      // What was taken was never signed: the next round begins behind what was.
      await this.close();
    }
    const own = copy === undefined || !isProved ? undefined : { head: context.head, copy };
    const findings = await withDisputes(report.findings, { ...this.#options, context, own });
    return { ...report, findings, checked: audit.size - first };
  }

  /** The log does not begin with what was checked: all of it is audited beside the copy, which stays as evidence. */
  async #beside(context: AuditContext): Promise<AuditReport & { checked: number }> {
    const { memory } = this.#options;
    const known = this.#running?.head ?? this.#state?.head;
    const open = known === undefined ? [] : [known];
    const whole = { ...context, seenHeads: [...(context.seenHeads ?? []), ...open].filter(isFirstOfItsKind) };
    const audit = new Audit(whole, seed());
    const scratch = memory?.file("other-view.bin");
    if (scratch !== undefined) rmSync(scratch, { force: true });
    const copy = scratch === undefined ? undefined : new EntryCopy(scratch, 0);
    try {
      await this.#stream(whole, audit, (packed) => copy?.append(packed));
      const report = audit.finish();
      const own = copy === undefined ? undefined : { head: context.head, copy };
      // The copy of before is opened for the proof when no round of this process has done so.
      const running = this.#running ?? (this.#state === undefined ? undefined : this.#open(context));
      this.#running = running;
      const earlier =
        running?.copy === undefined || known === undefined ? undefined : { head: known, copy: running.copy };
      const findings = await withDisputes(report.findings, { ...this.#options, context: whole, own, earlier });
      return { ...report, findings, checked: audit.size };
    } finally {
      copy?.close();
      if (scratch !== undefined) rmSync(scratch, { force: true });
    }
  }

  async #stream(
    context: AuditContext,
    audit: Audit,
    onPage: (packed: Uint8Array, findings: readonly Finding[]) => void,
  ): Promise<void> {
    const { source, threads, onProgress } = this.#options;
    const total = Number(context.head.head.size);
    const left = total - audit.size;
    if (left <= 0) return;
    const { addresses, coordinator, stakeEvents, minimumMinerWei, minimumCoordinatorWei, maximumFeePpm, focus } =
      context;
    const forEntries = { addresses, coordinator, stakeEvents, minimumMinerWei, minimumCoordinatorWei };
    const checker: PageChecker = openChecker(
      { ...forEntries, ...(maximumFeePpm !== undefined && { maximumFeePpm }), ...(focus !== undefined && { focus }) },
      left < (this.#options.threadsPayFrom ?? threadsPayFrom) ? 1 : threads,
    );
    try {
      const pages = streamPages(source, checker, {
        start: audit.size,
        end: total,
        perPage: this.#options.entriesPerPage ?? entriesPerPage,
      });
      for await (const { packed, findings } of pages) {
        audit.take({ packed, findings });
        onPage(packed, findings);
        onProgress?.({ stage: "log", done: audit.size, total });
      }
    } finally {
      await checker.close();
    }
  }

  #remember(memory: Memory, copy: EntryCopy, context: AuditContext, findings: readonly Finding[]): void {
    const history = this.#history;
    if (history === undefined) return;
    copy.flush();
    const isDeep = ({ block }: Anchor): boolean => block + settledBlocks <= history.upTo;
    const deep = history.anchors.filter(isDeep);
    const gone = (this.#state?.seenAnchors ?? []).filter(
      (seen) => !deep.some(({ epoch, root }) => epoch === seen.epoch && root === seen.root),
    );
    const state: State = {
      format: 4,
      size: copy.size,
      checksum: copy.checksum,
      head: context.head,
      history,
      // One that is gone stays remembered: it is as wrong tomorrow.
      seenAnchors: [...deep, ...gone],
      findings: findings.slice(0, 10_000),
      maximumFeePpm: this.#options.maximumFeePpm,
    };
    memory.write(state);
    this.#state = state;
  }
}

function seed(): number {
  return randomInt(2 ** 32);
}

function isWithin({ head }: SignedHead, size: number): boolean {
  return Number(head.size) <= size;
}

function isFirstOfItsKind({ signature }: SignedHead, index: number, all: readonly SignedHead[]): boolean {
  return all.findIndex((other) => other.signature === signature) === index;
}

/** Tells the audit what its context asks for of the entries that it passed before. */
function recall(audit: Audit, copy: EntryCopy): void {
  const forgotten = audit.forgotten.map((asked) => ({ ...asked, replay: new StreamReplay(asked.name, asked.counts) }));
  const unjudged = audit.unjudged;
  if (forgotten.length === 0 && unjudged.length === 0) return;
  const credits = new CreditReplay(unjudged, (size, sums) => audit.judge(size, sums));
  for (const page of copy.pages()) {
    for (const { replay } of forgotten) replay.take(page);
    if (unjudged.length > 0) credits.take(page);
  }
  for (const { name, counts, replay } of forgotten) {
    for (const count of counts) {
      const checkpoint = replay.at(count);
      if (checkpoint !== undefined) audit.remember(name, count, checkpoint);
    }
  }
}
