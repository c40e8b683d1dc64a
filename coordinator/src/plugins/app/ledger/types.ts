import type { SignedLeaf } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import type {
  Assignment,
  HostedWork,
  Progress,
  Quote,
  Receipt,
  ServiceStep,
  ServiceTerms,
  TreeHead,
  WireStruct,
} from "@lode/sdk/typed-data";
import type { LogEntry } from "@lode/protocol";
import type { PublicBooks } from "./public-books.ts";
import type { SelfSigned } from "./self-signed.ts";
import type { Delivered, FactOf, SettledAttempt, SignedVoucher } from "../../../domain/settlement/index.ts";
import type { Calendar } from "../../../domain/bookings/calendar.ts";
import type { Reviews } from "../../../domain/bookings/reviews.ts";
import type { TokenPrices } from "../../../domain/pricing/price.ts";
import type { Registry } from "../../../domain/reliability/history.ts";
import type { KeyRing } from "./key-ring.ts";

export interface SignedQuote {
  readonly quote: Quote;
  readonly quoteHash: Hex;
  readonly signature: Hex;
  /** What it promises of the first token. */
  readonly service?: ServiceTerms | undefined;
}

/** What a quote says beside its prices. */
export interface QuoteTerms {
  /** What a late first token is paid; nothing is promised without any. */
  readonly steps?: readonly ServiceStep[] | undefined;
  /** The coordinator's margin; its usual one unless given. */
  readonly feePpm?: number | undefined;
  /** Whether it is a client's own, with all of its time before it: nobody else is given the same one. */
  readonly isOwn?: boolean | undefined;
}

export interface AssignCommand {
  readonly client: Hex;
  /** Prefix of the API key that asks, whose caps count; undefined when no key does. */
  readonly key: string | undefined;
  readonly miner: Hex;
  /** One for all attempts of a job. */
  readonly counter: bigint;
  readonly attempt: number;
  readonly jobId: string;
  readonly modelDigest: Hex;
  readonly engineClass: Hex;
  readonly promptCommitment: Hex;
  readonly prefixCommitment: Hex;
  readonly outputOffset: number;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  readonly samplerHash: Hex;
  readonly seed: Hex;
  readonly quote: SignedQuote;
  /** Unix seconds. */
  readonly deadline: bigint;
  readonly tier: number;
}

export interface SignedAssignment {
  readonly assignment: Assignment;
  /** As facts and miners get it. */
  readonly wire: WireStruct<"Assignment">;
  readonly digest: Hex;
  readonly batch: SignedLeaf;
}

export interface AcknowledgedProgress {
  readonly progress: Progress;
  readonly batch: SignedLeaf;
}

export interface SettleCommand {
  readonly miner: Hex;
  readonly receipt: Receipt;
  readonly batch: SignedLeaf;
  /** What the relay counted itself. Absent when the stream is forgotten: then `lastAck` proves it. */
  readonly seen?: Delivered | undefined;
  readonly lastAck?: AcknowledgedProgress | undefined;
  /** The polling miner that did the work, when its host signs the receipt. */
  readonly hosted?: HostedWork | undefined;
  /** The miner went through with the attempt, which counts for it. */
  readonly isServed?: boolean;
}

export interface Settlement {
  readonly digest: Hex;
  readonly receiptDigest: Hex;
  readonly amountWei: bigint;
  /** What lateness took off, by the terms of its quote. */
  readonly refundWei: bigint;
  readonly logIndex: number;
  readonly creditIndex: number;
  readonly minerVoucher: SignedVoucher;
  readonly funding: readonly SignedVoucher[];
}

export interface LockedAmount {
  readonly amountWei: bigint;
  readonly reason: string;
  /** Unix milliseconds at which it is free at the latest; undefined when only an act of the client frees it. */
  readonly releasedAtMs?: number | undefined;
  readonly job?: string | undefined;
}

export interface ClientBalance {
  readonly availableWei: bigint;
  readonly accountWei: bigint;
  readonly debitedWei: bigint;
  readonly collectedWei: bigint;
  /** What open attempts hold. */
  readonly lockedWei: bigint;
  readonly sessionCapWei: bigint;
  readonly sessionExpiresAt: bigint;
  readonly locked: readonly LockedAmount[];
}

export interface MinerBalance {
  readonly creditedWei: bigint;
  readonly collectedWei: bigint;
  /** What hosts owe for work that was polled, by host. */
  readonly hosted: readonly { readonly host: Hex; readonly creditedWei: bigint; readonly collectedWei: bigint }[];
}

export interface SignedTreeHead {
  readonly head: TreeHead;
  readonly signature: Hex;
}

export type JobState = "free" | "open" | "settled";

/** The coordinator's money: every promise it makes or accepts goes through here, and is durable when the call resolves. */
export interface Ledger {
  readonly coordinator: Hex;
  readonly sessionSigner: Hex;
  /** A counter for a new job and the coordinator's part of its seed. */
  nextJob(): { counter: bigint; coordinatorNonce: Hex };
  /** @param prices the list's unless given */
  quote(modelDigest: Hex, tier: number, prices?: TokenPrices, terms?: QuoteTerms): SignedQuote;
  /** What is known of every miner. */
  readonly registry: Registry;
  readonly calendar: Calendar;
  readonly reviews: Reviews;
  /** Makes durable what the market is to remember. */
  note(fact: FactOf<"booking.made" | "booking.cancelled" | "review.made">): Promise<void>;
  /** Throws ReturningError while a start after a long absence is not over. */
  assign(command: AssignCommand): Promise<SignedAssignment>;
  lost(digest: Hex, deliveredTokens: number): Promise<void>;
  voidAttempt(digest: Hex, reason: string): Promise<void>;
  /** Voids the open attempts of a miner that came back, except those it will still send receipts for, and those of a cloud, which is no miner. */
  voidOthers(miner: Hex, keep: ReadonlySet<Hex>): Promise<void>;
  /**
   * Voids attempts whose miner did not come back in time, except those whose receipts are here and could not be settled. To be called
   * every few seconds: after a longer pause miners get the time anew to come back.
   */
  voidOverdue(keep?: ReadonlySet<Hex>): Promise<void>;
  /** Whether nothing new may begin yet after a long absence. */
  readonly isReturning: boolean;
  /** Ends a start after a long absence once everything of before is settled or void: it is anchored, and new work may begin. */
  finishReturn(): Promise<void>;
  settle(command: SettleCommand): Promise<Settlement>;
  /** The latest voucher of a miner with what funds it; undefined before its first receipt. */
  paymentOf(miner: Hex): Promise<Pick<Settlement, "minerVoucher" | "funding"> | undefined>;
  /** Signs acknowledgements; calls that come together share one signature. */
  acknowledge(progress: Progress): Promise<AcknowledgedProgress>;
  clientBalance(client: Hex): Promise<ClientBalance>;
  minerBalance(miner: Hex): Promise<MinerBalance>;
  /**
   * Every voucher that leads to a miner's money, in the order in which one transaction can collect them: its clients' to
   * the coordinator, the coordinator's to it or to its host, the host's to it.
   */
  vouchersOf(miner: Hex): Promise<SignedVoucher[]>;
  /** A settled assignment; undefined while it is open, and when it was given up or never made. */
  settled(digest: Hex): SettledAttempt | undefined;
  /** The session key's agreement to sign for a client, as the escrow wants to see it. */
  signerProof(client: Hex): Hex;
  /** The API keys. */
  readonly keys: KeyRing;
  head(): Promise<SignedTreeHead>;
  inclusionProof(index: number, size?: number): Hex[];
  consistencyProof(from: number, to?: number): Hex[];
  entries(start: number, limit: number): Promise<LogEntry[]>;
  receipts(id: string): Promise<LogEntry[]>;
  vouchers(): Promise<SignedVoucher[]>;
  /** Anchors the log when it grew since the last anchor, or when `always`. */
  anchor(always?: boolean): Promise<void>;
  /** Clients that sign their vouchers themselves. */
  readonly selfSigned: SelfSigned;
  /** @param why whether a failure was the machine's own; see `inferenceErrors` */
  recordMinerEvent(
    miner: Hex,
    event: "registered" | "went_offline" | "failed_request",
    why?: { readonly isInference?: boolean },
  ): void;
  /**
   * Whether anything of a job is billed: `settled` when a receipt is in the log, `open` while one may still come, `free`
   * when none ever will.
   */
  jobState(jobId: string): JobState;
  /** What of the books is for everybody to see. */
  readonly books: PublicBooks;
  readonly openAttempts: number;
  readonly logSize: number;
}
