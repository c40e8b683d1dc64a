import { randomBytes } from "node:crypto";
import { BatchSigners, signBatch } from "@lode/sdk/batch";
import { bytesToHex, keccak, hexToBytes, type Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { coordinatorNonce, type LogEntry } from "@lode/protocol";
import {
  digestOf,
  escrowDomain,
  hashStruct,
  ledgerDomain,
  toWire,
  type Assignment,
  type Domain,
} from "@lode/sdk/typed-data";
import type { Book } from "../../../domain/settlement/index.ts";
import {
  availableWei,
  debitWei,
  isOpen,
  receiptProblem,
  type ClientAccount,
  type Delivered,
  tokensOf,
  type Fact,
  type FactOf,
  type OpenAttempt,
  type SettledAttempt,
  type SignedVoucher,
  type Usage,
} from "../../../domain/settlement/index.ts";
import type { Calendar } from "../../../domain/bookings/calendar.ts";
import type { Reviews } from "../../../domain/bookings/reviews.ts";
import type { TokenPrices } from "../../../domain/pricing/price.ts";
import type { Registry } from "../../../domain/reliability/history.ts";
import type { Chain } from "../chain/chain.ts";
import type { FactStore } from "../store/fact-store.ts";
import { Acknowledger } from "./acknowledger.ts";
import { Batcher } from "./batcher.ts";
import { CapReachedError, InsufficientFundsError, KeyError, ReceiptRejectedError, VoucherDueError } from "./errors.ts";
import { KeyRing } from "./key-ring.ts";
import { PublicBooks } from "./public-books.ts";
import { SelfSigned } from "./self-signed.ts";
import { QuoteBook, type PriceList } from "./quotes.ts";
import type {
  AcknowledgedProgress,
  AssignCommand,
  ClientBalance,
  JobState,
  Ledger,
  MinerBalance,
  SettleCommand,
  Settlement,
  SignedAssignment,
  SignedQuote,
  SignedTreeHead,
} from "./types.ts";
import { voucherFact, VoucherSigner } from "./vouchers.ts";

const defaultCreditWei = 10n ** 16n;

/** How long after its deadline an attempt waits for a miner that lost its link. */
export const graceSeconds = 60n;

export interface LedgerOptions {
  readonly coordinator: Hex;
  readonly operator: Signer;
  readonly session: Signer;
  /** Signs for polling miners; this coordinator hosts none without it. */
  readonly host?: Signer | undefined;
  readonly chain: Chain;
  readonly book: Book;
  readonly store: FactStore;
  readonly prices: PriceList;
  /** What a client that signs for itself may owe unsigned, with what runs; a hundredth of a LODE unless given. */
  readonly selfSignedCreditWei?: bigint;
  readonly nowMs: () => number;
}

/** Opens the ledger; the book holds every fact of the store already. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const ledger = new CoordinatorLedger(options);
  await ledger.reconcileAnchors();
  return ledger;
}

interface Assigning {
  readonly command: AssignCommand;
  readonly account: ClientAccount;
}

interface Settling {
  readonly command: SettleCommand;
  readonly receiptHash: Hex;
}

class CoordinatorLedger implements Ledger {
  readonly coordinator: Hex;
  readonly sessionSigner: Hex;
  readonly keys: KeyRing;
  readonly books: PublicBooks;
  readonly #options: LedgerOptions;
  readonly #book: Book;
  readonly #domain: Domain;
  readonly #vouchers: VoucherSigner;
  readonly #quotes: QuoteBook;
  readonly #acknowledger: Acknowledger;
  readonly #assignments: Batcher<Assigning, SignedAssignment>;
  readonly #receipts: Batcher<Settling, Settlement>;
  readonly #signers = new BatchSigners();
  readonly #selfSigned: SelfSigned;
  #nextCounter: bigint;
  #anchoring: Promise<void> | undefined;
  #head: SignedTreeHead | undefined;

  constructor(options: LedgerOptions) {
    const { coordinator, operator, session, chain, book } = options;
    this.#options = options;
    this.#book = book;
    this.coordinator = coordinator;
    this.sessionSigner = session.address;
    this.#domain = ledgerDomain(chain.addresses);
    this.#vouchers = new VoucherSigner(escrowDomain(chain.addresses), coordinator, operator, session);
    this.#quotes = new QuoteBook(coordinator, operator, this.#domain, options.prices.feePpm);
    this.#acknowledger = new Acknowledger(operator, this.#domain);
    this.keys = new KeyRing(book, options.store, options.nowMs);
    this.books = new PublicBooks(book, chain, options.store);
    const durable = (): Promise<void> => options.store.durable();
    this.#assignments = new Batcher((commands) => this.#assignAll(commands), durable);
    this.#receipts = new Batcher((commands) => this.#settleAll(commands), durable);
    this.#selfSigned = new SelfSigned({ ...options, domain: escrowDomain(chain.addresses) });
    this.#nextCounter = book.nextCounter;
  }

  get openAttempts(): number {
    return this.#book.openAttempts().length;
  }

  get logSize(): number {
    return this.#book.log.size;
  }

  jobState(jobId: string): JobState {
    const attempts = (this.#book.jobs.get(jobId) ?? []).map((digest) => this.#book.attempts.get(digest));
    if (attempts.some((attempt) => attempt?.state === "settled")) return "settled";
    return attempts.some((attempt) => attempt !== undefined && isOpen(attempt)) ? "open" : "free";
  }

  nextJob(): { counter: bigint; coordinatorNonce: Hex } {
    const counter = this.#nextCounter++;
    const secret = this.#book.secrets.get(this.#epoch);
    if (secret === undefined) throw new Error(`epoch ${this.#epoch} has no secret`);
    return { counter, coordinatorNonce: coordinatorNonce(secret, counter) };
  }

  get calendar(): Calendar {
    return this.#book.calendar;
  }

  get reviews(): Reviews {
    return this.#book.reviews;
  }

  note(fact: Fact): Promise<void> {
    return this.#options.store.append([fact]);
  }

  get registry(): Registry {
    return this.#book.registry;
  }

  quote(modelDigest: Hex, tier: number, prices: TokenPrices = this.#options.prices): SignedQuote {
    return this.#quotes.quote(modelDigest, tier, prices, this.#options.nowMs());
  }

  async assign(command: AssignCommand): Promise<SignedAssignment> {
    const account = await this.#options.chain.account(command.client, this.#book.signers.get(command.client));
    return this.#assignments.add({ command, account });
  }

  async lost(id: Hex, deliveredTokens: number): Promise<void> {
    const attempt = this.#book.attempts.get(id);
    if (attempt === undefined || !isOpen(attempt)) return;
    await this.#options.store.append([
      { kind: "attempt.lost", digest: id, deliveredTokens, atMs: this.#options.nowMs() },
    ]);
  }

  async voidAttempt(id: Hex, reason: string): Promise<void> {
    const attempt = this.#book.attempts.get(id);
    if (attempt === undefined || !isOpen(attempt)) return;
    await this.#options.store.append([{ kind: "attempt.voided", digest: id, reason, atMs: this.#options.nowMs() }]);
  }

  async voidOthers(miner: Hex, keep: ReadonlySet<Hex>): Promise<void> {
    const gone = this.#book.openOfMiner(miner).filter(({ digest: id }) => !keep.has(id));
    await Promise.all(gone.map(({ digest: id }) => this.voidAttempt(id, "the miner came back without a receipt")));
  }

  async voidOverdue(): Promise<void> {
    const nowSeconds = BigInt(Math.floor(this.#options.nowMs() / 1000));
    const overdue = this.#book
      .openAttempts()
      .filter(({ assignment }) => assignment.deadline + graceSeconds < nowSeconds);
    await Promise.all(overdue.map(({ digest: id }) => this.voidAttempt(id, "no receipt came in time")));
  }

  async settle(command: SettleCommand): Promise<Settlement> {
    const receiptHash = hashStruct("Receipt", command.receipt);
    await this.#checkSigner(command, receiptHash);
    return this.#receipts.add({ command, receiptHash });
  }

  acknowledge(progress: AcknowledgedProgress["progress"]): Promise<AcknowledgedProgress> {
    return this.#acknowledger.acknowledge(progress);
  }

  async clientBalance(client: Hex): Promise<ClientBalance> {
    const account = await this.#options.chain.account(client, this.#book.signers.get(client));
    const debitedWei = this.#book.debitOf(client).cumulativeWei;
    const nowMs = this.#options.nowMs();
    const reservations = this.#book.openAttempts().filter(({ assignment }) => assignment.client === client);
    const lockedWei = this.#book.lockedWei(client);
    const free = availableWei(account, debitedWei, lockedWei, BigInt(Math.floor(nowMs / 1000)));
    return {
      availableWei: free,
      accountWei: account.balanceWei,
      debitedWei,
      collectedWei: account.collectedWei,
      lockedWei,
      sessionCapWei: account.signerCapWei,
      sessionExpiresAt: account.signerExpiresAt,
      locked: [
        ...reservations.map((attempt) => ({
          amountWei: attempt.reservedWei,
          reason: attempt.state === "lost" ? "waiting for a lost miner's receipt" : "running job",
          releasedAtMs: Number(attempt.assignment.deadline + graceSeconds) * 1000,
          job: attempt.jobId,
        })),
        ...(debitedWei > account.collectedWei
          ? [{ amountWei: debitedWei - account.collectedWei, reason: "owed for delivered work, not collected yet" }]
          : []),
        ...(account.thawingWei > 0n
          ? [
              {
                amountWei: account.thawingWei,
                reason: "thawing towards a withdrawal",
                releasedAtMs: Number(account.thawEndsAt) * 1000,
              },
            ]
          : []),
      ],
    };
  }

  async minerBalance(miner: Hex): Promise<MinerBalance> {
    const { chain } = this.#options;
    const collectedWei = await chain.collectedWei(miner);
    const owed = [...(this.#book.hosted.get(miner) ?? [])];
    const hosted = await Promise.all(
      owed.map(async ([host, { cumulativeWei: creditedWei }]) => {
        return { host, creditedWei, collectedWei: await chain.collectedWei(miner, host) };
      }),
    );
    return { creditedWei: this.#book.credits.get(miner)?.cumulativeWei ?? 0n, collectedWei, hosted };
  }

  vouchersOf(miner: Hex): Promise<SignedVoucher[]> {
    const hosts = [...(this.#book.hosted.get(miner)?.keys() ?? [])];
    const earners = [miner, ...hosts];
    const funding = new Set(earners.flatMap((earner) => this.#book.fundingOf(earner)));
    const paid = earners.flatMap((earner) => this.#book.minerVoucher(earner) ?? []);
    const shares = hosts.flatMap((host) => this.#book.hostedVoucher(host, miner) ?? []);
    return this.#whenDurable([...funding, ...paid, ...shares]);
  }

  settled(id: Hex): SettledAttempt | undefined {
    const attempt = this.#book.attempts.get(id);
    return attempt?.state === "settled" ? attempt : undefined;
  }

  signerProof(client: Hex): Hex {
    return this.#vouchers.signerProof(client);
  }

  head(): Promise<SignedTreeHead> {
    const size = BigInt(this.#book.log.size);
    if (this.#head?.head.size === size) return this.#whenDurable(this.#head);
    const head = {
      coordinator: this.coordinator,
      size,
      root: this.#book.log.root(),
      timestampMs: BigInt(this.#options.nowMs()),
    };
    this.#head = { head, signature: signTypedData(this.#options.operator, this.#domain, "TreeHead", head) };
    return this.#whenDurable(this.#head);
  }

  get selfSigned(): SelfSigned {
    return this.#selfSigned;
  }

  inclusionProof(index: number, size = this.#book.log.size): Hex[] {
    return this.#book.log.inclusionProof(index, size);
  }

  consistencyProof(from: number, to = this.#book.log.size): Hex[] {
    return this.#book.log.consistencyProof(from, to);
  }

  entries(start: number, limit: number): Promise<LogEntry[]> {
    return this.#options.store.entries(start, limit);
  }

  receipts(id: string): Promise<LogEntry[]> {
    return this.#options.store.receipts(id.startsWith("0x") ? { digest: id } : { jobId: id });
  }

  vouchers(): Promise<SignedVoucher[]> {
    return this.#whenDurable([...this.#book.vouchers.values()]);
  }

  recordMinerEvent(miner: Hex, event: "registered" | "went_offline" | "completed_request" | "failed_request"): void {
    // History, not money: nobody waits for it, and a failure stops the store for everybody anyway.
    this.#options.store
      .append([{ kind: "miner.event", miner, event, atMs: this.#options.nowMs() }])
      .catch(() => undefined);
  }

  anchor(always = false): Promise<void> {
    this.#anchoring ??= this.#anchor(always).finally(() => {
      this.#anchoring = undefined;
    });
    return this.#anchoring;
  }

  /** Learns of an anchor that was mined while the process died, and opens the current epoch's secret. */
  async reconcileAnchors(): Promise<void> {
    const onChain = await this.#options.chain.anchorHead();
    if (onChain.size > this.#book.log.size) {
      throw new ReceiptRejectedError(
        "log_behind",
        `The chain holds an anchor of ${onChain.size} receipts and this home only ${this.#book.log.size}: it is an old copy.`,
      );
    }
    if (onChain.epoch > this.#epoch) {
      const anchored = await this.#options.chain.anchored(onChain.epoch);
      if (anchored !== undefined) {
        const atMs = this.#options.nowMs();
        await this.#options.store.append([{ kind: "anchor.confirmed", epoch: onChain.epoch, ...anchored, atMs }]);
      }
    }
    if (!this.#book.secrets.has(this.#epoch)) await this.#openEpoch(this.#epoch);
  }

  get #epoch(): number {
    return this.#book.lastAnchor?.epoch ?? 0;
  }

  async #anchor(always: boolean): Promise<void> {
    if (!always && this.#book.log.size === (this.#book.lastAnchor?.size ?? 0)) return;
    const epoch = this.#epoch + 1;
    const secret = this.#book.secrets.get(epoch) ?? (await this.#openEpoch(epoch));
    const collected = new Map<Hex, bigint>();
    for (const miner of this.#book.credits.keys()) collected.set(miner, await this.#options.chain.collectedWei(miner));
    // Log and liabilities of one moment, and only what a crash cannot take back.
    const size = this.#book.log.size;
    const root = this.#book.log.root(size);
    const { root: liabilitiesRoot } = this.#book.liabilities((miner) => collected.get(miner) ?? 0n);
    const nextNonceHash = keccak(hexToBytes(secret));
    await this.#options.store.durable();
    const transaction = await this.#options.chain.anchor({ root, size, liabilitiesRoot, nextNonceHash });
    const atMs = this.#options.nowMs();
    await this.#options.store.append([
      { kind: "anchor.confirmed", epoch, size, root, liabilitiesRoot, transaction, atMs },
    ]);
  }

  async #openEpoch(epoch: number): Promise<Hex> {
    const secret = bytesToHex(randomBytes(32));
    await this.#options.store.append([{ kind: "epoch.opened", epoch, secret }]);
    return secret;
  }

  async #checkSigner(command: SettleCommand, receiptHash: Hex): Promise<void> {
    const { operator } = await this.#options.chain.miner(command.miner);
    let signer: Hex;
    try {
      signer = this.#signers.verify(this.#domain, "ReceiptBatch", receiptHash, command.batch);
    } catch (cause) {
      throw new ReceiptRejectedError("signature", "The receipt's signature or path is invalid.", cause);
    }
    if (signer !== operator) {
      throw new ReceiptRejectedError(
        "signature",
        `The receipt is signed by ${signer}, the miner's operator is ${operator}.`,
      );
    }
  }

  /** A job that runs goes on when its key ends, but none begins: the request may have come in slowly. */
  #refuseBeyondKey(prefix: string, assignment: Assignment, nowMs: number): void {
    const record = this.#book.keys.get(prefix);
    if (record === undefined || (assignment.attempt === 0 && !this.keys.isTaken(record))) {
      throw new KeyError("key_ended", "The API key is revoked or has expired.");
    }
    const problem = this.#book.usageOf(prefix).problemOf(record.limits, mostOf(assignment), nowMs);
    if (problem !== undefined) throw new CapReachedError(problem, nowMs);
  }

  /** What our own signed acknowledgement says was delivered; nothing without one. */
  #proved(attempt: OpenAttempt, ack: AcknowledgedProgress | undefined): Delivered {
    if (ack === undefined || ack.progress.assignment !== attempt.digest) {
      throw new ReceiptRejectedError(
        "unproved",
        "The stream is not known here and no acknowledgement of it was shown.",
      );
    }
    let signer: Hex;
    try {
      signer = this.#signers.verify(this.#domain, "ProgressBatch", hashStruct("Progress", ack.progress), ack.batch);
    } catch (cause) {
      throw new ReceiptRejectedError("unproved", "The acknowledgement's signature or path is invalid.", cause);
    }
    if (signer !== this.#options.operator.address) {
      throw new ReceiptRejectedError("unproved", "The acknowledgement is not signed by this coordinator.");
    }
    return { count: ack.progress.count, root: ack.progress.prefixRoot };
  }

  /**
   * From the check to the append nothing else runs: parallel requests cannot both take the last coin. All that fit share
   * one signature and one append.
   */
  #assignAll(commands: readonly Assigning[]): (Promise<SignedAssignment> | Error)[] {
    const { operator, store, nowMs } = this.#options;
    const atMs = nowMs();
    const now = BigInt(Math.floor(atMs / 1000));
    const takenWei = new Map<Hex, bigint>();
    const assignments = commands.map(({ command, account }): Assignment | Error => {
      const assignment = assignmentOf(this.coordinator, command);
      const { client, maxAmountWei } = assignment;
      const lockedWei = this.#book.lockedWei(client) + (takenWei.get(client) ?? 0n);
      const freeWei = availableWei(account, this.#book.debitOf(client).cumulativeWei, lockedWei, now);
      if (maxAmountWei > freeWei) return new InsufficientFundsError(maxAmountWei, freeWei);
      const due = this.#creditProblem(client, lockedWei + maxAmountWei);
      if (due !== undefined) return due;
      if (command.key !== undefined) {
        try {
          this.#refuseBeyondKey(command.key, assignment, atMs);
        } catch (error) {
          return error instanceof Error ? error : new Error(String(error));
        }
        // The next one of this batch finds it held; the fact holds it for good.
        this.#book.usageOf(command.key).hold(mostOf(assignment));
      }
      takenWei.set(client, (takenWei.get(client) ?? 0n) + maxAmountWei);
      return assignment;
    });
    assignments.forEach((one, index) => {
      const key = commands[index]?.command.key;
      if (one instanceof Error || key === undefined) return;
      const { wei, tokens } = mostOf(one);
      this.#book.usageOf(key).hold({ wei: -wei, tokens: -tokens });
    });
    const leaves = assignments.flatMap((one) => (one instanceof Error ? [] : [hashStruct("Assignment", one)]));
    if (leaves.length === 0) return assignments.filter((one) => one instanceof Error);
    const batches = signBatch(operator, this.#domain, "AssignmentBatch", leaves);
    const facts: Fact[] = [];
    const signed = assignments.map((assignment, index): SignedAssignment | Error => {
      if (assignment instanceof Error) return assignment;
      const batch = batches[facts.length];
      const leaf = leaves[facts.length];
      const command = commands[index]?.command;
      if (batch === undefined || leaf === undefined || command === undefined) return new Error("a batch lost a leaf");
      const id = digestOf(this.#domain, leaf);
      facts.push({
        kind: "attempt.assigned",
        digest: id,
        jobId: command.jobId,
        assignment: toWire("Assignment", assignment),
        batch,
        ...this.#quotes.wireOf(command.quote),
        ...(command.key !== undefined && { key: command.key }),
        atMs,
      });
      return { assignment, digest: id, batch };
    });
    const stored = store.append(facts);
    return signed.map((one) => (one instanceof Error ? one : stored.then(() => one)));
  }

  /** A client that signs for itself owes what it did not sign for yet, and that has a bound. */
  #creditProblem(client: Hex, runningWei: bigint): VoucherDueError | undefined {
    if (!this.#book.signers.has(client)) return undefined;
    const creditWei = this.#options.selfSignedCreditWei ?? defaultCreditWei;
    const unsignedWei = this.#book.unsignedWei(client);
    // Its first voucher promises nothing and shows that it can sign: no receipt of its is ever without one in an audit.
    if (this.#book.clientVoucher(client) === undefined) return new VoucherDueError(unsignedWei, 0n);
    return unsignedWei + runningWei > creditWei ? new VoucherDueError(unsignedWei, creditWei) : undefined;
  }

  /** All receipts of a batch settle in one append, with one new voucher for each client and miner in it. */
  #settleAll(commands: readonly Settling[]): (Promise<Settlement> | Error)[] {
    const { store, host, nowMs } = this.#options;
    const atMs = nowMs();
    const facts = new Map<Hex, FactOf<"attempt.settled">>();
    const clients = new Set<Hex>();
    const selfSigning = new Set<Hex>();
    const miners = new Set<Hex>();
    const wallets = new Set<Hex>();
    const verdicts = commands.map((one): "settles" | "again" | Promise<Settlement> | Error => {
      const { receipt, batch, hosted } = one.command;
      // A copy within the batch is looked at when the first one is in the book.
      if (facts.has(receipt.assignment)) return "again";
      try {
        const attempt = this.#openFor(one, atMs);
        // The copy that settled it may still be on its way to the disk.
        if (attempt.state === "settled") return this.#whenDurable(this.#settlement(attempt));
        const { digest, assignment } = attempt;
        facts.set(digest, {
          kind: "attempt.settled",
          digest,
          receipt: toWire("Receipt", receipt),
          batch,
          ...(hosted !== undefined && { hosted }),
          atMs,
        });
        if (hosted !== undefined) wallets.add(hosted.wallet);
        if (!this.#book.signers.has(assignment.client)) clients.add(assignment.client);
        else selfSigning.add(assignment.client);
        miners.add(assignment.miner);
        return "settles";
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    });
    // Receipts and vouchers are one append: after a crash there is no settled receipt that a voucher does not cover.
    const append = () =>
      store.append([...facts.values()], () => [
        ...[...clients].map((client) => voucherFact(this.#vouchers.forClient(this.#book, client))),
        ...[...miners].map((miner) => voucherFact(this.#vouchers.forMiner(this.#book, miner))),
        ...[...wallets].flatMap((wallet) => {
          return host === undefined ? [] : [voucherFact(this.#vouchers.forHosted(this.#book, host, wallet))];
        }),
      ]);
    const stored = facts.size === 0 ? Promise.resolve() : append();
    for (const client of selfSigning) this.#selfSigned.note(client, this.#book.debitOf(client));
    return commands.map((one, index) => {
      const verdict = verdicts[index] ?? new Error("a batch lost a command");
      if (verdict === "again") return this.#receipts.add(one);
      if (verdict !== "settles") return verdict;
      // The book holds it already, the disk does not. Read now: later vouchers would be durable later than this append.
      const entry = this.#book.attempts.get(one.command.receipt.assignment);
      if (entry?.state !== "settled") return new Error("a settled attempt is not settled");
      const settlement = this.#settlement(entry);
      return stored.then(() => settlement);
    });
  }

  /** The attempt that a receipt settles, or has settled before. Throws ReceiptRejectedError. */
  #openFor({ command, receiptHash }: Settling, nowMs: number): OpenAttempt | SettledAttempt {
    const { receipt } = command;
    const attempt = this.#book.attempts.get(receipt.assignment);
    if (attempt === undefined) throw new ReceiptRejectedError("unknown", "No such assignment was made here.");
    if (attempt.state === "voided")
      throw new ReceiptRejectedError("voided", `The attempt was given up: ${attempt.reason}.`);
    if (attempt.state === "settled") {
      if (attempt.receiptHash === receiptHash) return attempt;
      throw new ReceiptRejectedError("conflict", "Another receipt settled this assignment.");
    }
    if (attempt.assignment.miner !== command.miner) {
      throw new ReceiptRejectedError("foreign", "The assignment belongs to another miner.");
    }
    const delivered = command.seen ?? this.#proved(attempt, command.lastAck);
    const { hosted } = command;
    if (hosted !== undefined && this.#options.host?.address !== command.miner) {
      throw new ReceiptRejectedError("foreign", "This host has no key here.");
    }
    const problem = receiptProblem(attempt, receipt, delivered, nowMs, hosted);
    if (problem !== undefined) throw new ReceiptRejectedError("wrong", `The receipt is refused: ${problem}.`);
    return attempt;
  }

  /** What the book says becomes a promise to others only when a crash cannot take it back. */
  async #whenDurable<T>(value: T): Promise<T> {
    await this.#options.store.durable();
    return value;
  }

  #settlement(attempt: SettledAttempt): Settlement {
    const { miner } = attempt;
    const minerVoucher = this.#book.minerVoucher(miner);
    if (minerVoucher === undefined) throw new Error("a settled miner has no voucher");
    return {
      digest: attempt.digest,
      receiptDigest: attempt.receiptHash,
      amountWei: attempt.amountWei,
      logIndex: attempt.logIndex,
      creditIndex: attempt.creditIndex,
      minerVoucher,
      funding: this.#book.fundingOf(miner),
    };
  }
}

/** What an assignment can cost its key. */
function mostOf(assignment: Assignment): Usage {
  const { maxInputTokens, maxOutputTokens, maxAmountWei } = assignment;
  return { wei: maxAmountWei, tokens: tokensOf(assignment, maxInputTokens, maxOutputTokens) };
}

function assignmentOf(coordinator: Hex, command: AssignCommand): Assignment {
  const { quote, quoteHash } = command.quote;
  // The input is billed once, by the attempt whose tokens came first.
  const inputPriceWei = command.outputOffset === 0 ? quote.inputPriceWei : 0n;
  const prices = { inputPriceWei, outputPriceWei: quote.outputPriceWei, feePpm: quote.feePpm };
  return {
    coordinator,
    counter: command.counter,
    attempt: command.attempt,
    client: command.client,
    miner: command.miner,
    modelDigest: command.modelDigest,
    engineClass: command.engineClass,
    promptCommitment: command.promptCommitment,
    prefixCommitment: command.prefixCommitment,
    outputOffset: command.outputOffset,
    maxInputTokens: command.maxInputTokens,
    maxOutputTokens: command.maxOutputTokens,
    samplerHash: command.samplerHash,
    seed: command.seed,
    quoteHash,
    ...prices,
    maxAmountWei: debitWei(prices, command.maxInputTokens, command.maxOutputTokens),
    deadline: command.deadline,
    tier: command.tier,
  };
}
