import type { Addresses } from "../addresses/parse.ts";
import type { SignedLeaf } from "../batch/index.ts";
import type { Hex } from "../hash/index.ts";
import type { HostedWork, TreeHead, Voucher, WireStruct } from "../typed-data/index.ts";
import type { StakeEvent } from "./stake-history.ts";

/** A log entry as a coordinator publishes it. It comes from a stranger: nothing in it is believed before it is checked. */
export interface AuditEntry {
  readonly index: number;
  readonly assignment: WireStruct<"Assignment">;
  readonly assignmentBatch: SignedLeaf;
  readonly quote: WireStruct<"Quote">;
  readonly quoteSignature: Hex;
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
}

export interface Anchor {
  readonly epoch: bigint;
  readonly size: bigint;
  readonly root: Hex;
}

/** What one entry by itself is compared with. */
export interface EntryContext {
  readonly coordinator: Hex;
  readonly minimumMinerWei: bigint;
  readonly minimumCoordinatorWei: bigint;
}

/** Everything an audit compares the log's entries with. */
export interface AuditContext extends EntryContext {
  readonly addresses: Addresses;
  readonly stakeEvents: readonly StakeEvent[];
  readonly grants: readonly SignerGrant[];
  readonly collections: readonly Collection[];
  readonly anchors: readonly Anchor[];
  readonly vouchers: readonly { readonly voucher: Voucher; readonly signature: Hex }[];
  readonly head: { readonly head: TreeHead; readonly signature: Hex };
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
  readonly collectedWei: bigint;
}
