import type { Addresses } from "../addresses/parse.ts";
import type { SignedLeaf } from "../batch/index.ts";
import type { Hex } from "../hash/index.ts";
import type { HostedWork, ServiceTerms, TreeHead, Voucher, WireStruct } from "../typed-data/index.ts";
import type { StakeEvent } from "./stake-history.ts";

/** A log entry as a coordinator publishes it. It comes from a stranger: nothing in it is believed before it is checked. */
export interface AuditEntry {
  readonly index: number;
  readonly assignment: WireStruct<"Assignment">;
  readonly assignmentBatch: SignedLeaf;
  readonly quote: WireStruct<"Quote">;
  readonly quoteSignature: Hex;
  /** What the quote promises of the first token, where its salt says that it promises anything. */
  readonly service?: ServiceTerms | undefined;
  readonly receipt: WireStruct<"Receipt">;
  readonly receiptBatch: SignedLeaf;
  /** Who did the work, when its receipt is marked hosted. */
  readonly hosted?: HostedWork | undefined;
  readonly debitIndex: number;
  readonly creditIndex: number;
}

/** A signer that a payer authorised on the chain. */
export interface SignerGrant {
  readonly payer: Hex;
  /** The zero address for a pooled signer. */
  readonly payee: Hex;
  readonly signer: Hex;
  readonly capWei: bigint;
}

/** A collection that the chain recorded. */
export interface Collection {
  readonly payer: Hex;
  readonly payee: Hex;
  readonly kind: number;
  readonly cumulativeWei: bigint;
  readonly paidWei: bigint;
  readonly count: bigint;
  readonly receiptsRoot: Hex;
  readonly block: bigint;
}

export interface Anchor {
  readonly epoch: bigint;
  readonly size: bigint;
  readonly root: Hex;
  readonly liabilitiesRoot: Hex;
  readonly nextNonceHash: Hex;
  /** The chain's time when it took the anchor. */
  readonly atMs: number;
  readonly block: bigint;
}

/** A head of a log and who signed it. */
export interface SignedHead {
  readonly head: TreeHead;
  readonly signature: Hex;
}

/** Whose receipts are checked when an audit is about one party only; the others' are only counted into the log's tree. */
export interface Focus {
  readonly client?: Hex | undefined;
  readonly miner?: Hex | undefined;
}

/** What one entry by itself is compared with. */
export interface EntryContext {
  readonly coordinator: Hex;
  readonly minimumMinerWei: bigint;
  readonly minimumCoordinatorWei: bigint;
  /** Highest share of a receipt that a coordinator may keep, in millionths; all of it unless given. */
  readonly maximumFeePpm?: number;
}

/** What checking entries takes when nothing else is known of them. */
export interface CheckContext extends EntryContext {
  readonly addresses: Addresses;
  readonly stakeEvents: readonly StakeEvent[];
  readonly focus?: Focus;
}

/** Everything an audit compares the log's entries with. */
export interface AuditContext extends CheckContext {
  readonly grants: readonly SignerGrant[];
  readonly collections: readonly Collection[];
  readonly anchors: readonly Anchor[];
  readonly vouchers: readonly { readonly voucher: Voucher; readonly signature: Hex }[];
  readonly head: SignedHead;
  /** Anchors that an earlier audit saw deep in the chain. */
  readonly seenAnchors?: readonly Anchor[];
  /** Heads that were seen earlier, or by other auditors; those that the coordinator did not sign are passed over. */
  readonly seenHeads?: readonly SignedHead[];
  /** Epoch of the coordinator's pool, which its vouchers must name; not compared unless given. */
  readonly poolEpoch?: bigint | undefined;
  /** The ledger's commitment to all anchors of the coordinator; not compared unless given. */
  readonly commitment?: Hex | undefined;
  /** What stands behind the coordinator's promises on the chain; not compared unless given. */
  readonly collateral?: { readonly poolWei: bigint; readonly stakeWei: bigint };
  /** What lies in clients' accounts for the coordinator, as far as there ever was anything; not compared unless given. */
  readonly accounts?: readonly { readonly client: Hex; readonly balanceWei: bigint }[];
  /** The auditor's clock; heads are not compared with it unless given. */
  readonly nowMs?: number;
}

/** What one client, miner or day comes to. */
export interface Share {
  readonly name: string;
  readonly receipts: number;
  readonly amountWei: bigint;
}

export interface AuditTotals {
  readonly receipts: number;
  readonly clients: number;
  readonly miners: number;
  /** Receipts that a host signed for polling miners, and what it owes these. */
  readonly hostedReceipts: number;
  readonly hostedWei: bigint;
  readonly vouchers: number;
  readonly anchors: number;
  readonly debitedWei: bigint;
  readonly creditedWei: bigint;
  readonly feesWei: bigint;
  /** Receipts whose first token was late by their quotes' terms, and what that took off their prices: neither debited nor credited. */
  readonly refunds: number;
  readonly refundedWei: bigint;
  readonly collectedWei: bigint;
  /** What the coordinator owes its miners by the log and they have not collected, and what covers it, where it was given. */
  readonly owedWei: bigint;
  readonly coveredWei: bigint | undefined;
  /** Anchors whose liabilities could not be worked out again: too much was collected around them. */
  readonly liabilitiesUnchecked: number;
}
