import type { Hex } from "../hash/index.ts";
import { recoverTypedData } from "../keys/recover.ts";
import { emptyRoot } from "../merkle/index.ts";
import { escrowDomain, ledgerDomain, voucherKind, type Domain, type Voucher } from "../typed-data/index.ts";
import { clockToleranceMs, entryProblems, readEntry, SignerCache, type ReadEntry } from "./entry-rules.ts";
import type { Finding, FindingKind } from "./findings.ts";
import { StakeHistory } from "./stake-history.ts";
import { AuditedStream } from "./streams.ts";
import type { AuditContext, AuditEntry, AuditTotals } from "./types.ts";

export interface AuditReport {
  readonly findings: readonly Finding[];
  readonly totals: AuditTotals;
}

/** Findings that are kept; a log that is wrong everywhere need not fill the memory. */
const maximumFindings = 10_000;

/**
 * Checks a coordinator's log against the chain, entry by entry in log order, then as a whole. It believes the chain and
 * its own arithmetic only. Memory grows with clients, miners and open job counters, not with entries' contents.
 */
export class Audit {
  readonly #context: AuditContext;
  readonly #domain: Domain;
  readonly #stakes: StakeHistory;
  readonly #signers: SignerCache;
  readonly #findings: Finding[] = [];
  readonly #log: AuditedStream;
  readonly #debits = new Map<Hex, AuditedStream>();
  readonly #credits = new Map<Hex, AuditedStream>();
  /** What hosts owe their polling miners, by host and wallet. */
  readonly #hosted = new Map<Hex, Map<Hex, AuditedStream>>();
  readonly #wanted = new Map<string, Set<number>>();
  readonly #seen = new Set<string>();
  #feesWei = 0n;
  #hostedReceipts = 0;

  constructor(context: AuditContext) {
    this.#context = context;
    this.#domain = ledgerDomain(context.addresses);
    this.#stakes = new StakeHistory(context.stakeEvents);
    this.#signers = new SignerCache(this.#domain);
    const sizes = context.anchors.map(({ size }) => Number(size));
    this.#log = new AuditedStream(new Set([...sizes, Number(context.head.head.size)]));
    for (const { voucher } of context.vouchers) this.#want(voucher);
    for (const collection of context.collections) this.#want(collection);
  }

  /** Takes the next entry of the log. */
  entry(entry: AuditEntry): void {
    const position = this.#log.count;
    let read: ReadEntry;
    try {
      read = readEntry(this.#domain, entry);
    } catch (error) {
      this.#add(
        "entry_malformed",
        `entry ${position}: ${error instanceof Error ? error.message : "it cannot be read"}`,
        position,
      );
      this.#log.append(`0x${"00".repeat(32)}`, 0n);
      return;
    }
    if (entry.index !== position) this.#add("entry_misplaced", `entry ${position} says it is ${entry.index}`, position);
    for (const [kind, message] of entryProblems(entry, read, this.#context, this.#stakes, this.#signers)) {
      this.#add(kind, `entry ${position}: ${message}`, position, { assignment: read.digest });
    }
    this.#book(entry, read, position);
  }

  /**
   * Checks heads, anchors, vouchers and collections, and adds everything up. Debits are credits plus fees when no voucher
   * differs from its stream: both streams are made of the same receipts, and every voucher must equal its stream's sum.
   */
  finish(): AuditReport {
    this.#checkHead();
    for (const { voucher, signature } of this.#context.vouchers) this.#checkVoucher(voucher, signature);
    this.#checkCoverage();
    this.#checkCollections();
    const sum = (streams: Map<Hex, AuditedStream>): bigint =>
      [...streams.values()].reduce((total, { cumulativeWei }) => total + cumulativeWei, 0n);
    const [debitedWei, creditedWei] = [sum(this.#debits), sum(this.#credits)];
    return {
      findings: this.#findings,
      totals: {
        receipts: this.#log.count,
        clients: this.#debits.size,
        miners: this.#credits.size,
        hostedReceipts: this.#hostedReceipts,
        hostedWei: [...this.#hosted.values()].reduce((total, wallets) => total + sum(wallets), 0n),
        vouchers: this.#context.vouchers.length,
        anchors: this.#context.anchors.length,
        debitedWei,
        creditedWei,
        feesWei: this.#feesWei,
        collectedWei: this.#context.collections.reduce((total, { paidWei }) => total + paidWei, 0n),
      },
    };
  }

  #book(entry: AuditEntry, { assignment, receipt, receiptHash, digest, hosted }: ReadEntry, position: number): void {
    this.#log.append(receiptHash, receipt.amountWei);
    const turn = `${assignment.counter}:${assignment.attempt}`;
    if (this.#seen.has(digest) || this.#seen.has(turn)) {
      this.#add(
        "receipt_repeated",
        `entry ${position}: its assignment or job counter has a receipt already`,
        position,
        { turn },
      );
    }
    this.#seen.add(digest).add(turn);
    const debit = this.#stream(this.#debits, assignment.client, voucherKind.dedicated);
    const credit = this.#stream(this.#credits, assignment.miner, voucherKind.pooled);
    if (debit.count !== entry.debitIndex) {
      const message = `entry ${position} says it is debit ${entry.debitIndex} of its client, it is ${debit.count}`;
      this.#add("debit_missing", message, position, { client: assignment.client });
    }
    if (credit.count !== entry.creditIndex) {
      const message = `entry ${position} says it is credit ${entry.creditIndex} of its miner, it is ${credit.count}`;
      this.#add("credit_missing", message, position, { miner: assignment.miner });
    }
    const feeWei = (receipt.amountWei * BigInt(assignment.feePpm)) / 1_000_000n;
    this.#feesWei += feeWei;
    debit.append(receiptHash, receipt.amountWei);
    credit.append(receiptHash, receipt.amountWei - feeWei);
    if (hosted === undefined) return;
    this.#hostedReceipts += 1;
    const wallets = this.#hosted.get(assignment.miner) ?? new Map<Hex, AuditedStream>();
    this.#hosted.set(assignment.miner, wallets);
    const share =
      wallets.get(hosted.wallet) ??
      new AuditedStream(this.#wanted.get(pairKey(assignment.miner, hosted.wallet)) ?? new Set());
    wallets.set(hosted.wallet, share);
    share.append(receiptHash, receipt.amountWei - feeWei);
  }

  #checkHead(): void {
    const { head: signed, coordinator, anchors } = this.#context;
    const { head, signature } = signed;
    const nowMs = Number(head.timestampMs);
    let signer: Hex | undefined;
    try {
      signer = recoverTypedData(this.#domain, "TreeHead", head, signature);
    } catch {
      signer = undefined;
    }
    const operators = this.#stakes.operators(coordinator, nowMs - clockToleranceMs, nowMs + clockToleranceMs);
    if (head.coordinator !== coordinator || signer === undefined || !operators.includes(signer)) {
      this.#add("head_signature_invalid", "the log's head is not signed by the coordinator's operator");
    }
    const size = Number(head.size);
    if (this.#log.count !== size) {
      this.#add("log_incomplete", `the head counts ${size} entries, the log shows ${this.#log.count}`);
    } else if (this.#log.at(size)?.root !== head.root) {
      this.#add("log_root_wrong", `the first ${size} entries do not give the signed root`, undefined, {
        root: head.root,
      });
    }
    for (const { epoch, size: anchored, root } of anchors) {
      const evidence = { epoch: Number(epoch), size: Number(anchored), root };
      if (Number(anchored) > size) {
        this.#add(
          "log_shrank",
          `epoch ${epoch} anchored ${anchored} entries, the log has ${size}`,
          undefined,
          evidence,
        );
      } else {
        const found = this.#log.at(Number(anchored))?.root;
        if (found !== undefined && found !== root) {
          this.#add(
            "log_forked",
            `the first ${anchored} entries do not give the root of epoch ${epoch}`,
            undefined,
            evidence,
          );
        }
      }
    }
  }

  #checkVoucher(voucher: Voucher, signature: Hex): void {
    const { addresses, coordinator, grants, head } = this.#context;
    const evidence = { payer: voucher.payer, payee: voucher.payee, cumulativeWei: voucher.cumulativeWei.toString() };
    let signer: Hex | undefined;
    try {
      signer = recoverTypedData(escrowDomain(addresses), "Voucher", voucher, signature);
    } catch {
      signer = undefined;
    }
    const payee = voucher.kind === voucherKind.dedicated ? voucher.payee : (`0x${"00".repeat(20)}` as const);
    const caps = grants.filter(
      (grant) => grant.payer === voucher.payer && grant.payee === payee && grant.signer === signer,
    );
    const nowMs = Number(head.head.timestampMs);
    const isPayer = signer === voucher.payer;
    const isOperator =
      (voucher.payer === coordinator || this.#isHost(voucher)) &&
      signer !== undefined &&
      this.#stakes.operators(voucher.payer, nowMs - clockToleranceMs, nowMs + clockToleranceMs).includes(signer);
    if (!isPayer && !isOperator && caps.length === 0) {
      this.#add(
        "voucher_signature_invalid",
        `the voucher of ${voucher.payer} is signed by nobody who may`,
        undefined,
        evidence,
      );
    } else if (!isPayer && !isOperator && !caps.some(({ capWei }) => voucher.cumulativeWei <= capWei)) {
      this.#add(
        "voucher_cap_exceeded",
        `the voucher of ${voucher.payer} is above its signer's cap`,
        undefined,
        evidence,
      );
    }
    // What a client that signs for itself begins with: a promise of nothing, over no receipts.
    if (voucher.count === 0n && voucher.cumulativeWei === 0n && voucher.receiptsRoot === emptyRoot) return;
    const state = this.#streamOf(voucher)?.at(Number(voucher.count));
    if (state === undefined || voucher.cumulativeWei > state.cumulativeWei) {
      const earned =
        state === undefined ? "its stream is shorter" : `its ${voucher.count} receipts give ${state.cumulativeWei}`;
      this.#add(
        "voucher_exceeds_receipts",
        `a voucher promises ${voucher.cumulativeWei} wei, ${earned}`,
        undefined,
        evidence,
      );
    } else if (state.root !== voucher.receiptsRoot || state.cumulativeWei !== voucher.cumulativeWei) {
      const message = `a voucher's tree of ${voucher.count} receipts is not the stream of ${voucher.payer} to ${voucher.payee}`;
      this.#add("voucher_root_wrong", message, undefined, evidence);
    }
  }

  /** The voucher of a stream comes with its receipts: whoever has receipts in the log has a voucher. */
  #checkCoverage(): void {
    const { vouchers, coordinator } = this.#context;
    const covered = new Set(vouchers.map(({ voucher }) => channel(voucher)));
    const missing = (payer: Hex, payee: Hex, kind: number, receipts: number): void => {
      if (covered.has(channel({ payer, payee, kind }))) return;
      this.#add("voucher_missing", `${receipts} receipts of ${payer} to ${payee} have no voucher`, undefined, {
        payer,
        payee,
      });
    };
    for (const [client, { count }] of this.#debits) missing(client, coordinator, voucherKind.dedicated, count);
    for (const [miner, { count }] of this.#credits) missing(coordinator, miner, voucherKind.pooled, count);
    for (const [host, wallets] of this.#hosted) {
      for (const [wallet, { count }] of wallets) missing(host, wallet, voucherKind.pooled, count);
    }
  }

  #checkCollections(): void {
    const paid = new Map<string, bigint>();
    for (const collection of this.#context.collections) {
      const key = channel(collection);
      const totalWei = (paid.get(key) ?? 0n) + collection.paidWei;
      paid.set(key, totalWei);
      const { payer, payee } = collection;
      const evidence = {
        payer,
        payee,
        paidWei: totalWei.toString(),
        cumulativeWei: collection.cumulativeWei.toString(),
      };
      if (totalWei > collection.cumulativeWei) {
        this.#add(
          "collected_exceeds_voucher",
          `${payee} collected ${totalWei} wei on a voucher of less`,
          undefined,
          evidence,
        );
      }
      const state = this.#streamOf(collection)?.at(Number(collection.count));
      const isBacked = state?.root === collection.receiptsRoot && state.cumulativeWei === collection.cumulativeWei;
      if (!isBacked) {
        const message = `${payee} collected a voucher whose ${collection.count} receipts are not those of the log`;
        this.#add("collected_unbacked", message, undefined, evidence);
      }
    }
  }

  #want(asked: { payer: Hex; payee: Hex; kind: number; count: bigint }): void {
    const { payer, payee, kind } = asked;
    const isHosted = kind === voucherKind.pooled && payer !== this.#context.coordinator;
    const owner = kind === voucherKind.dedicated ? payer : payee;
    const key = isHosted ? pairKey(payer, payee) : `${kind}:${owner}`;
    const counts = this.#wanted.get(key) ?? new Set();
    this.#wanted.set(key, counts.add(Number(asked.count)));
  }

  #streamOf({ payer, payee, kind }: { payer: Hex; payee: Hex; kind: number }): AuditedStream | undefined {
    const { coordinator } = this.#context;
    if (kind === voucherKind.dedicated) return payee === coordinator ? this.#debits.get(payer) : undefined;
    return payer === coordinator ? this.#credits.get(payee) : this.#hosted.get(payer)?.get(payee);
  }

  /** Whether a voucher is a host's to one of its polling miners. */
  #isHost({ payer, kind }: Voucher): boolean {
    return kind === voucherKind.pooled && this.#hosted.has(payer);
  }

  #stream(streams: Map<Hex, AuditedStream>, owner: Hex, kind: number): AuditedStream {
    let stream = streams.get(owner);
    if (stream === undefined) {
      stream = new AuditedStream(this.#wanted.get(`${kind}:${owner}`) ?? new Set());
      streams.set(owner, stream);
    }
    return stream;
  }

  #add(kind: FindingKind, message: string, index?: number, evidence: Finding["evidence"] = {}): void {
    if (this.#findings.length < maximumFindings) this.#findings.push({ kind, message, index, evidence });
  }
}

function pairKey(host: Hex, wallet: Hex): string {
  return `hosted:${host}:${wallet}`;
}

function channel({ payer, payee, kind }: { payer: Hex; payee: Hex; kind: number }): string {
  return `${payer}:${payee}:${kind}`;
}
