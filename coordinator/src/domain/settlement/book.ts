import { hexToBytes, type Hex } from "@lode/sdk/hash";
import { leafHashBytes, MerkleTree, sumTree, type Liability } from "@lode/sdk/merkle";
import { fromWire, hashStruct, voucherKind, type Assignment, type Receipt, type Voucher } from "@lode/sdk/typed-data";
import { Absence } from "./absence.ts";
import { creditWei, debitWei } from "./amounts.ts";
import { Calendar } from "../bookings/calendar.ts";
import { Reviews } from "../bookings/reviews.ts";
import { Registry } from "../reliability/history.ts";
import { isOpen, type Attempt, type OpenAttempt, type SettledAttempt } from "./attempt.ts";
import { madeFrom, type Fact, type FactOf } from "./facts.ts";
import { KeyUsage, type KeyLimits, type Usage } from "./key-usage.ts";
import { Stream } from "./stream.ts";

export interface KeyRecord {
  readonly prefix: string;
  readonly hash: Hex;
  readonly scope: "client" | "miner" | "read" | "admin";
  readonly account: Hex;
  readonly label: string;
  readonly revoked: boolean;
  readonly limits: KeyLimits;
  /** Unix milliseconds from which it is not taken any more; undefined for never. */
  readonly expiresAtMs: number | undefined;
  readonly createdAtMs: number;
  readonly rotatedFrom: string | undefined;
  /** The first of the keys that were rotated into this one: they share what they used. */
  readonly family: string;
  readonly vault: Hex | undefined;
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
  /** What hosts owe their polling miners, by wallet and then by host. */
  readonly hosted = new Map<Hex, Map<Hex, Stream>>();
  readonly vouchers = new Map<string, SignedVoucher>();
  readonly keys = new Map<string, KeyRecord>();
  readonly secrets = new Map<number, Hex>();
  /** Keys of the clients that sign for themselves. */
  readonly signers = new Map<Hex, Hex>();
  /** What is known of every miner, kept over restarts. */
  readonly registry = new Registry();
  readonly calendar = new Calendar();
  readonly reviews = new Reviews();
  readonly #locked = new Map<Hex, bigint>();
  readonly #usage = new Map<string, KeyUsage>();
  readonly #keysOfAccount = new Map<Hex, string[]>();
  readonly #openOfMiner = new Map<Hex, Set<Hex>>();
  /** Clients whose debits back a miner's credits: their vouchers fund the pool that pays it. Those served last come last. */
  readonly #fundersOfMiner = new Map<Hex, Set<Hex>>();
  /** What is left to do after a long absence. */
  readonly absence = new Absence();
  lastAnchor: AnchorRecord | undefined;
  nextCounter = 1n;
  /** The latest moment of any fact, and of the start behind them, unix milliseconds. */
  latestMs = 0;
  /** The moment of the last fact: before the latest where a clock was ahead for a while. */
  #lastMs = 0;

  constructor(coordinator: Hex) {
    this.coordinator = coordinator;
  }

  apply(fact: Fact): void {
    if ("atMs" in fact) this.#reach(fact.atMs);
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
        return this.#keyCreated(fact);
      case "key.changed": {
        const key = this.keys.get(fact.prefix);
        const { label, limits, expiresAtMs } = { ...key, ...fact };
        if (key !== undefined && label !== undefined && limits !== undefined) {
          this.keys.set(fact.prefix, { ...key, label, limits, expiresAtMs });
        }
        return;
      }
      case "key.revoked": {
        const key = this.keys.get(fact.prefix);
        if (key !== undefined) this.keys.set(fact.prefix, { ...key, revoked: true });
        return;
      }
      case "client.signer":
        this.signers.set(fact.client, fact.signer);
        return;
      case "epoch.opened":
        this.secrets.set(fact.epoch, fact.secret);
        return;
      case "anchor.confirmed":
        this.lastAnchor = fact;
        this.absence.anchored(fact.size);
        return;
      case "booking.made":
        // Read again from the start, the bookings of years must not be looked through for every job.
        this.calendar.sweep(fact.atMs);
        this.calendar.add(fact);
        return;
      case "booking.cancelled":
        this.calendar.cancel(fact.id);
        return;
      case "review.made":
        this.reviews.add({ ...fact, amountWei: BigInt(fact.amountWei) });
        return;
      case "miner.event":
        this.registry.apply(fact.miner, fact);
        return;
    }
  }

  /**
   * A process starts behind every fact, at a moment in unix milliseconds. Attempts that are still open were not asked for since:
   * facts of starts that were broken off meanwhile say nothing about them.
   */
  begin(nowMs: number): void {
    const assignedAtMs = this.openAttempts().map((attempt) => attempt.assignedAtMs);
    this.#reach(nowMs, Math.min(this.#lastMs, ...assignedAtMs));
  }

  #reach(atMs: number, fromMs = this.#lastMs): void {
    this.absence.pass(fromMs, atMs, () => ({
      size: this.log.size,
      anchoredSize: this.#anchoredSize,
      open: this.openAttempts().map(({ digest }) => digest),
    }));
    this.#lastMs = atMs;
    this.latestMs = Math.max(this.latestMs, atMs);
  }

  /** Money of a client that open attempts hold. */
  lockedWei(client: Hex): bigint {
    return this.#locked.get(client) ?? 0n;
  }

  /** Keys of an account, the oldest first. */
  keysOf(account: Hex): KeyRecord[] {
    return (this.#keysOfAccount.get(account) ?? []).flatMap((prefix) => this.keys.get(prefix) ?? []);
  }

  /** What a key used, with those that it was rotated from and into. */
  usageOf(prefix: string): KeyUsage {
    return getOrMake(this.#usage, this.keys.get(prefix)?.family ?? prefix, () => new KeyUsage());
  }

  openAttempts(): OpenAttempt[] {
    return [...this.#openOfMiner.keys()].flatMap((miner) => this.openOfMiner(miner));
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

  /** What a host owes a polling miner. */
  hostedOf(host: Hex, wallet: Hex): Stream {
    const hosts = getOrMake(this.hosted, wallet, () => new Map<Hex, Stream>());
    return getOrMake(hosts, host, () => new Stream());
  }

  hostedVoucher(host: Hex, wallet: Hex): SignedVoucher | undefined {
    return this.vouchers.get(channelKey(host, wallet, voucherKind.pooled));
  }

  clientVoucher(client: Hex): SignedVoucher | undefined {
    return this.vouchers.get(channelKey(client, this.coordinator, voucherKind.dedicated));
  }

  minerVoucher(miner: Hex): SignedVoucher | undefined {
    return this.vouchers.get(channelKey(this.coordinator, miner, voucherKind.pooled));
  }

  /** What a client owes that none of its vouchers covers; only a client that signs for itself can owe any. */
  unsignedWei(client: Hex): bigint {
    return this.debitOf(client).cumulativeWei - (this.clientVoucher(client)?.voucher.cumulativeWei ?? 0n);
  }

  /** Latest vouchers of the clients whose jobs this miner served, those served last at the end. */
  fundingOf(miner: Hex): SignedVoucher[] {
    return [...(this.#fundersOfMiner.get(miner) ?? [])].flatMap((client) => {
      const signed = this.clientVoucher(client);
      return signed === undefined || signed.voucher.cumulativeWei === 0n ? [] : [signed];
    });
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

  get #anchoredSize(): number {
    return this.lastAnchor?.size ?? 0;
  }

  #keyCreated(fact: FactOf<"key.created">): void {
    const { prefix, hash, scope, account, label, limits = {}, expiresAtMs, rotatedFrom, vault, atMs } = fact;
    const family = (rotatedFrom === undefined ? undefined : this.keys.get(rotatedFrom)?.family) ?? prefix;
    const shared = { prefix, hash, scope, account, label, limits, family, rotatedFrom, vault };
    this.keys.set(prefix, { ...shared, expiresAtMs, createdAtMs: atMs, revoked: false });
    getOrMake(this.#keysOfAccount, account, () => []).push(prefix);
  }

  #assigned(fact: FactOf<"attempt.assigned">): void {
    if (this.attempts.has(fact.digest)) throw new BookError(`attempt ${fact.digest} is assigned twice`);
    const assignment = fact[madeFrom] ?? fromWire("Assignment", fact.assignment);
    const attempt: OpenAttempt = {
      state: "running",
      digest: fact.digest,
      jobId: fact.jobId,
      assignment,
      promise: fact,
      reservedWei: assignment.maxAmountWei,
      reservedTokens: tokensOf(assignment, assignment.maxInputTokens, assignment.maxOutputTokens),
      key: fact.key,
      assignedAtMs: fact.atMs,
    };
    this.attempts.set(fact.digest, attempt);
    getOrMake(this.jobs, fact.jobId, () => []).push(fact.digest);
    getOrMake(this.#openOfMiner, assignment.miner, () => new Set()).add(fact.digest);
    this.#hold(attempt, { wei: attempt.reservedWei, tokens: attempt.reservedTokens });
    this.calendar.begin(assignment.client, assignment.modelDigest, fact.atMs);
    if (assignment.counter >= this.nextCounter) this.nextCounter = assignment.counter + 1n;
  }

  /** A lost attempt can still be settled for what it delivered, so only the rest of its reservation is released. */
  #lost(fact: FactOf<"attempt.lost">): void {
    const attempt = this.#open(fact.digest);
    const { assignment } = attempt;
    this.#stop(attempt, fact.atMs);
    const couldEarnWei = debitWei(assignment, assignment.maxInputTokens, fact.deliveredTokens);
    const keptWei = couldEarnWei < attempt.reservedWei ? couldEarnWei : attempt.reservedWei;
    const couldUse = tokensOf(assignment, assignment.maxInputTokens, fact.deliveredTokens);
    const reservedTokens = Math.min(couldUse, attempt.reservedTokens);
    this.#hold(attempt, { wei: keptWei - attempt.reservedWei, tokens: reservedTokens - attempt.reservedTokens });
    this.attempts.set(fact.digest, { ...attempt, state: "lost", reservedWei: keptWei, reservedTokens });
  }

  #settled(fact: FactOf<"attempt.settled">): void {
    const attempt = this.#open(fact.digest);
    const { assignment } = attempt;
    const { receipt, hash: receiptHash } = fact[madeFrom] ?? readReceipt(fact.receipt);
    const logIndex = this.log.size;
    // One leaf in each of the trees.
    const leaf = leafHashBytes(hexToBytes(receiptHash));
    this.log.appendHash(leaf);
    const creditedWei = creditWei(receipt.amountWei, assignment.feePpm);
    const { inputTokens, outputTokens } = receipt;
    const refundWei = debitWei(assignment, inputTokens, outputTokens) - receipt.amountWei;
    const isPromised = attempt.promise.service !== undefined && assignment.outputOffset === 0 && outputTokens > 0;
    if (isPromised) this.registry.addDeadline(assignment.miner, refundWei > 0n);
    if (fact.hosted !== undefined) this.hostedOf(assignment.miner, fact.hosted.wallet).append(leaf, creditedWei);
    const settled: SettledAttempt = {
      state: "settled",
      digest: fact.digest,
      jobId: attempt.jobId,
      miner: assignment.miner,
      receiptHash,
      amountWei: receipt.amountWei,
      refundWei,
      logIndex,
      debitIndex: this.debitOf(assignment.client).append(leaf, receipt.amountWei),
      creditIndex: this.creditOf(assignment.miner).append(leaf, creditedWei),
      creditWei: creditedWei,
      hosted: fact.hosted,
    };
    this.#close(attempt, settled, fact.atMs);
    if (attempt.key !== undefined) {
      const tokens = tokensOf(assignment, receipt.inputTokens, receipt.outputTokens);
      this.usageOf(attempt.key).spend({ wei: receipt.amountWei, tokens }, fact.atMs);
    }
    const funders = getOrMake(this.#fundersOfMiner, assignment.miner, () => new Set());
    funders.delete(assignment.client);
    funders.add(assignment.client);
    if (fact.served === true) this.registry.apply(assignment.miner, { event: "completed_request", atMs: fact.atMs });
  }

  #voided(fact: FactOf<"attempt.voided">): void {
    const attempt = this.#open(fact.digest);
    const { digest, reason, atMs } = fact;
    this.#close(attempt, { state: "voided", digest, jobId: attempt.jobId, reason }, atMs);
  }

  #voucher(fact: FactOf<"voucher.signed">): void {
    const voucher = fromWire("Voucher", fact.voucher);
    this.#streamOf(voucher).signedCount = Number(voucher.count);
    this.vouchers.set(channelKey(voucher.payer, voucher.payee, voucher.kind), { voucher, signature: fact.signature });
  }

  #streamOf({ payer, payee, kind }: Voucher): Stream {
    if (kind === voucherKind.dedicated) return this.debitOf(payer);
    return payer === this.coordinator ? this.creditOf(payee) : this.hostedOf(payer, payee);
  }

  #open(digest: Hex): OpenAttempt {
    const attempt = this.attempts.get(digest);
    if (attempt === undefined) throw new BookError(`attempt ${digest} was never assigned`);
    if (!isOpen(attempt)) throw new BookError(`attempt ${digest} is ${attempt.state} already`);
    return attempt;
  }

  #close(open: OpenAttempt, closed: Attempt, atMs: number): void {
    this.#stop(open, atMs);
    this.#hold(open, { wei: -open.reservedWei, tokens: -open.reservedTokens });
    this.#openOfMiner.get(open.assignment.miner)?.delete(open.digest);
    this.attempts.set(open.digest, closed);
    this.absence.closed(open.digest, closed.state === "settled" ? this.log.size : undefined, this.#anchoredSize);
  }

  /** It holds no slot any more; one that was lost does not since then. */
  #stop({ state, assignment }: OpenAttempt, atMs: number): void {
    if (state === "running") this.calendar.end(assignment.client, assignment.modelDigest, atMs);
  }

  /** Changes what an attempt holds of its client's money, and of its key's caps. */
  #hold({ assignment, key }: OpenAttempt, change: Usage): void {
    this.#lock(assignment.client, change.wei);
    if (key !== undefined) this.usageOf(key).hold(change);
  }

  #lock(client: Hex, changeWei: bigint): void {
    const locked = this.lockedWei(client) + changeWei;
    if (locked < 0n) throw new BookError(`client ${client} would have less than nothing locked`);
    this.#locked.set(client, locked);
  }
}

function readReceipt(wire: FactOf<"attempt.settled">["receipt"]): { receipt: Receipt; hash: Hex } {
  const receipt = fromWire("Receipt", wire);
  return { receipt, hash: hashStruct("Receipt", receipt) };
}

/** Tokens that an attempt counts for: its input is read for it only where no other attempt's tokens came first. */
export function tokensOf({ outputOffset }: Assignment, input: number, output: number): number {
  return (outputOffset === 0 ? input : 0) + output;
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
