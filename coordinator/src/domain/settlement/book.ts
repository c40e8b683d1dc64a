import type { Hex } from "@lode/sdk/hash";
import { MerkleTree, sumTree, type Liability } from "@lode/sdk/merkle";
import { fromWire, hashStruct, voucherKind, type Voucher } from "@lode/sdk/typed-data";
import { creditWei, debitWei } from "./amounts.ts";
import { isOpen, type Attempt, type OpenAttempt, type SettledAttempt } from "./attempt.ts";
import type { Fact, FactOf } from "./facts.ts";
import { Stream } from "./stream.ts";

export interface KeyRecord {
  readonly prefix: string;
  readonly hash: Hex;
  readonly scope: "client" | "miner" | "read" | "admin";
  readonly account: Hex;
  readonly label: string;
  readonly revoked: boolean;
}

export interface SignedVoucher {
  readonly voucher: Voucher;
  readonly signature: Hex;
}

export type AnchorRecord = FactOf<"anchor.confirmed">;

/** Facts that contradict what is already in the book: the journal is damaged or a program error would pay twice. */
export class BookError extends Error {
  override readonly name = "BookError";
}

/** The state that facts add up to. Applying the same facts in the same order gives the same book, always. */
export class Book {
  readonly coordinator: Hex;
  readonly log = new MerkleTree();
  readonly attempts = new Map<Hex, Attempt>();
  readonly jobs = new Map<string, Hex[]>();
  readonly debits = new Map<Hex, Stream>();
  readonly credits = new Map<Hex, Stream>();
  readonly vouchers = new Map<string, SignedVoucher>();
  readonly keys = new Map<string, KeyRecord>();
  readonly secrets = new Map<number, Hex>();
  readonly #locked = new Map<Hex, bigint>();
  readonly #openOfMiner = new Map<Hex, Set<Hex>>();
  /** Clients whose debits back a miner's credits: their vouchers fund the pool that pays it. */
  readonly #fundersOfMiner = new Map<Hex, Set<Hex>>();
  lastAnchor: AnchorRecord | undefined;
  nextCounter = 1n;

  constructor(coordinator: Hex) {
    this.coordinator = coordinator;
  }

  apply(fact: Fact): void {
    switch (fact.kind) {
      case "attempt.assigned":
        return this.#assigned(fact);
      case "attempt.lost":
        return this.#lost(fact);
      case "attempt.settled":
        return this.#settled(fact);
      case "attempt.voided":
        return this.#voided(fact);
      case "voucher.signed":
        return this.#voucher(fact);
      case "key.created":
        this.keys.set(fact.prefix, { ...fact, revoked: false });
        return;
      case "key.revoked": {
        const key = this.keys.get(fact.prefix);
        if (key !== undefined) this.keys.set(fact.prefix, { ...key, revoked: true });
        return;
      }
      case "epoch.opened":
        this.secrets.set(fact.epoch, fact.secret);
        return;
      case "anchor.confirmed":
        this.lastAnchor = fact;
        return;
      case "miner.event":
        return;
    }
  }

  /** Money of a client that open attempts hold. */
  lockedWei(client: Hex): bigint {
    return this.#locked.get(client) ?? 0n;
  }

  openAttempts(): OpenAttempt[] {
    return [...this.attempts.values()].filter(isOpen);
  }

  openOfMiner(miner: Hex): OpenAttempt[] {
    return [...(this.#openOfMiner.get(miner) ?? [])].flatMap((digest) => {
      const attempt = this.attempts.get(digest);
      return attempt !== undefined && isOpen(attempt) ? [attempt] : [];
    });
  }

  debitOf(client: Hex): Stream {
    return getOrMake(this.debits, client, () => new Stream());
  }

  creditOf(miner: Hex): Stream {
    return getOrMake(this.credits, miner, () => new Stream());
  }

  clientVoucher(client: Hex): SignedVoucher | undefined {
    return this.vouchers.get(channelKey(client, this.coordinator, voucherKind.dedicated));
  }

  minerVoucher(miner: Hex): SignedVoucher | undefined {
    return this.vouchers.get(channelKey(this.coordinator, miner, voucherKind.pooled));
  }

  /** Latest vouchers of the clients whose jobs this miner served. */
  fundingOf(miner: Hex): SignedVoucher[] {
    return [...(this.#fundersOfMiner.get(miner) ?? [])].flatMap((client) => this.clientVoucher(client) ?? []);
  }

  /** What every miner has earned and not collected, by the collected amounts that the chain shows. */
  liabilities(collectedWei: (miner: Hex) => bigint): { root: Hex; totalWei: bigint } {
    const lines: Liability[] = [...this.credits].map(([payee, stream]) => ({
      payer: this.coordinator,
      payee,
      epoch: 0n,
      cumulativeWei: stream.cumulativeWei,
      outstandingWei: stream.cumulativeWei - collectedWei(payee),
    }));
    return sumTree(lines.sort((a, b) => (a.payee < b.payee ? -1 : 1)));
  }

  #assigned(fact: FactOf<"attempt.assigned">): void {
    if (this.attempts.has(fact.digest)) throw new BookError(`attempt ${fact.digest} is assigned twice`);
    const assignment = fromWire("Assignment", fact.assignment);
    const attempt: OpenAttempt = {
      state: "running",
      digest: fact.digest,
      jobId: fact.jobId,
      assignment,
      batch: fact.batch,
      quote: fromWire("Quote", fact.quote),
      quoteSignature: fact.quoteSignature,
      reservedWei: assignment.maxAmountWei,
      assignedAtMs: fact.atMs,
    };
    this.attempts.set(fact.digest, attempt);
    getOrMake(this.jobs, fact.jobId, () => []).push(fact.digest);
    getOrMake(this.#openOfMiner, assignment.miner, () => new Set()).add(fact.digest);
    this.#lock(assignment.client, attempt.reservedWei);
    if (assignment.counter >= this.nextCounter) this.nextCounter = assignment.counter + 1n;
  }

  /** A lost attempt can still be settled for what it delivered, so only the rest of its reservation is released. */
  #lost(fact: FactOf<"attempt.lost">): void {
    const attempt = this.#open(fact.digest);
    const { assignment } = attempt;
    const couldEarnWei = debitWei(assignment, assignment.maxInputTokens, fact.deliveredTokens);
    const keptWei = couldEarnWei < attempt.reservedWei ? couldEarnWei : attempt.reservedWei;
    this.#lock(assignment.client, keptWei - attempt.reservedWei);
    this.attempts.set(fact.digest, { ...attempt, state: "lost", reservedWei: keptWei });
  }

  #settled(fact: FactOf<"attempt.settled">): void {
    const attempt = this.#open(fact.digest);
    const { assignment } = attempt;
    const receipt = fromWire("Receipt", fact.receipt);
    const receiptHash = hashStruct("Receipt", receipt);
    const logIndex = this.log.size;
    this.log.append(receiptHash);
    const settled: SettledAttempt = {
      state: "settled",
      digest: fact.digest,
      jobId: attempt.jobId,
      miner: assignment.miner,
      receiptHash,
      amountWei: receipt.amountWei,
      logIndex,
      debitIndex: this.debitOf(assignment.client).append(receiptHash, receipt.amountWei),
      creditIndex: this.creditOf(assignment.miner).append(receiptHash, creditWei(receipt.amountWei, assignment.feePpm)),
    };
    this.#close(attempt, settled);
    getOrMake(this.#fundersOfMiner, assignment.miner, () => new Set()).add(assignment.client);
  }

  #voided(fact: FactOf<"attempt.voided">): void {
    const attempt = this.#open(fact.digest);
    this.#close(attempt, { state: "voided", digest: fact.digest, jobId: attempt.jobId, reason: fact.reason });
  }

  #voucher(fact: FactOf<"voucher.signed">): void {
    const voucher = fromWire("Voucher", fact.voucher);
    const stream = voucher.kind === voucherKind.dedicated ? this.debitOf(voucher.payer) : this.creditOf(voucher.payee);
    stream.signedCount = Number(voucher.count);
    this.vouchers.set(channelKey(voucher.payer, voucher.payee, voucher.kind), { voucher, signature: fact.signature });
  }

  #open(digest: Hex): OpenAttempt {
    const attempt = this.attempts.get(digest);
    if (attempt === undefined) throw new BookError(`attempt ${digest} was never assigned`);
    if (!isOpen(attempt)) throw new BookError(`attempt ${digest} is ${attempt.state} already`);
    return attempt;
  }

  #close(open: OpenAttempt, closed: Attempt): void {
    this.#lock(open.assignment.client, -open.reservedWei);
    this.#openOfMiner.get(open.assignment.miner)?.delete(open.digest);
    this.attempts.set(open.digest, closed);
  }

  #lock(client: Hex, changeWei: bigint): void {
    const locked = this.lockedWei(client) + changeWei;
    if (locked < 0n) throw new BookError(`client ${client} would have less than nothing locked`);
    this.#locked.set(client, locked);
  }
}

function channelKey(payer: Hex, payee: Hex, kind: number): string {
  return `${payer}:${payee}:${kind}`;
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
