import type { Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { coordinatorNonce, type LogEntry } from "@lode/protocol";
import { cloudEngineClass, escrowDomain, ledgerDomain, type Domain } from "@lode/sdk/typed-data";
import type { Book } from "../../../domain/settlement/index.ts";
import { isOpen, type Fact, type SettledAttempt, type SignedVoucher } from "../../../domain/settlement/index.ts";
import type { Calendar } from "../../../domain/bookings/calendar.ts";
import type { Reviews } from "../../../domain/bookings/reviews.ts";
import type { TokenPrices } from "../../../domain/pricing/price.ts";
import type { Registry } from "../../../domain/reliability/history.ts";
import type { Chain } from "../chain/chain.ts";
import type { SlabDesk } from "../slabs/desk.ts";
import type { FactStore } from "../store/fact-store.ts";
import { Acknowledger } from "./acknowledger.ts";
import { Anchors } from "./anchors.ts";
import { Assigner } from "./assigner.ts";
import { clientBalance, minerBalance } from "./balances.ts";
import { Coverage } from "./coverage.ts";
import { KeyRing } from "./key-ring.ts";
import { Overdue } from "./overdue.ts";
import { PublicBooks } from "./public-books.ts";
import { QuoteBook, type PriceList } from "./quotes.ts";
import { Receipts } from "./receipts.ts";
import { Return } from "./return.ts";
import { SelfSigned } from "./self-signed.ts";
import type {
  AcknowledgedProgress,
  AssignCommand,
  ClientBalance,
  JobState,
  Ledger,
  MinerBalance,
  QuoteTerms,
  SettleCommand,
  Settlement,
  SignedAssignment,
  SignedQuote,
  SignedTreeHead,
} from "./types.ts";
import { VoucherSigner } from "./vouchers.ts";

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
  /** Where clients hand in slab vouchers; undefined where none are taken. */
  readonly slabs?: SlabDesk | undefined;
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that is never set. */
  readonly steadyMs?: () => number;
}

/** Opens the ledger; the book holds every fact of the store already. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const ledger = new CoordinatorLedger(options);
  await ledger.reconcileAnchors();
  await ledger.releaseOwn();
  return ledger;
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
  readonly #assigner: Assigner;
  readonly #receipts: Receipts;
  readonly #anchors: Anchors;
  readonly #selfSigned: SelfSigned;
  readonly #coverage: Coverage;
  readonly #return: Return;
  readonly #overdue: Overdue;
  #nextCounter: bigint;
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
    const coverage = (this.#coverage = new Coverage(book, chain, options.slabs));
    this.books = new PublicBooks(book, chain, options.store, options.slabs);
    this.#selfSigned = new SelfSigned({ ...options, coverage, domain: escrowDomain(chain.addresses) });
    const domain = this.#domain;
    this.#assigner = new Assigner({ ...options, coverage, domain, keys: this.keys, quotes: this.#quotes });
    this.#receipts = new Receipts({ ...options, domain, vouchers: this.#vouchers, selfSigned: this.#selfSigned });
    this.#anchors = new Anchors(options);
    this.#return = new Return(book, options.nowMs());
    const { nowMs, steadyMs = () => performance.now() } = options;
    this.#overdue = new Overdue(book, { nowMs, steadyMs });
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
    return { counter, coordinatorNonce: coordinatorNonce(this.#anchors.secret, counter) };
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

  quote(
    modelDigest: Hex,
    tier: number,
    prices: TokenPrices = this.#options.prices,
    terms: QuoteTerms = {},
  ): SignedQuote {
    return this.#quotes.quote(modelDigest, tier, prices, terms, this.#options.nowMs());
  }

  async assign(command: AssignCommand): Promise<SignedAssignment> {
    this.#return.check();
    const signed = await this.#assigner.assign(command);
    this.#overdue.begin(signed.digest, command.deadline);
    return signed;
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
    // A cloud's work has no link that could come back: whoever runs it ends it, also when the same wallet begins to host.
    const gone = this.#book
      .openOfMiner(miner)
      .filter(({ digest: id, assignment }) => !keep.has(id) && assignment.engineClass !== cloudEngineClass);
    await Promise.all(gone.map(({ digest: id }) => this.voidAttempt(id, "the miner came back without a receipt")));
  }

  async voidOverdue(keep: ReadonlySet<Hex> = new Set()): Promise<void> {
    const overdue = this.#overdue.sweep().filter((id) => !keep.has(id));
    await Promise.all(overdue.map((id) => this.voidAttempt(id, "no receipt came in time")));
  }

  get isReturning(): boolean {
    return !this.#return.isOver;
  }

  finishReturn(): Promise<void> {
    return this.#return.step(() => this.anchor());
  }

  settle(command: SettleCommand): Promise<Settlement> {
    return this.#receipts.settle(command);
  }

  async paymentOf(miner: Hex): Promise<Pick<Settlement, "minerVoucher" | "funding"> | undefined> {
    const minerVoucher = this.#book.minerVoucher(miner);
    if (minerVoucher === undefined) return undefined;
    return this.#whenDurable({ minerVoucher, funding: this.#book.fundingOf(miner) });
  }

  acknowledge(progress: AcknowledgedProgress["progress"]): Promise<AcknowledgedProgress> {
    return this.#acknowledger.acknowledge(progress);
  }

  clientBalance(client: Hex): Promise<ClientBalance> {
    return clientBalance({ ...this.#options, coverage: this.#coverage }, client);
  }

  minerBalance(miner: Hex): Promise<MinerBalance> {
    return minerBalance(this.#options, miner);
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

  recordMinerEvent(
    miner: Hex,
    event: "registered" | "went_offline" | "failed_request",
    { isInference = false }: { readonly isInference?: boolean } = {},
  ): void {
    const why = isInference ? ({ isInference } as const) : {};
    // History, not money: nobody waits for it, and a failure stops the store for everybody anyway.
    this.#options.store
      .append([{ kind: "miner.event", miner, event, ...why, atMs: this.#options.nowMs() }])
      .catch(() => undefined);
  }

  anchor(always = false): Promise<void> {
    return this.#anchors.anchor(always);
  }

  /** As `Anchors.reconcile`, once, before anything else. */
  async reconcileAnchors(): Promise<void> {
    await this.#anchors.reconcile();
  }

  /**
   * Gives up, once, before anything else, what an earlier process had begun with a cloud. Only that process knew what was
   * delivered, so that nobody can sign a receipt for it any more; a miner's attempt waits for the miner instead, and a host's for what
   * was handed in.
   */
  async releaseOwn(): Promise<void> {
    const own = this.#book.openAttempts().filter(({ assignment }) => assignment.engineClass === cloudEngineClass);
    await Promise.all(own.map(({ digest: id }) => this.voidAttempt(id, "the coordinator was restarted")));
  }

  /** What the book says becomes a promise to others only when a crash cannot take it back. */
  async #whenDurable<T>(value: T): Promise<T> {
    await this.#options.store.durable();
    return value;
  }
}
