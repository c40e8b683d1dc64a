import type { SignedLeaf } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import type { ServiceTerms, WireStruct } from "@lode/sdk/typed-data";
import type { SignedProgress } from "@lode/protocol";

/** A voucher as it collects: everything that `lode collect` needs when no coordinator is there any more. */
export interface StoredVoucher {
  readonly voucher: WireStruct<"Voucher">;
  readonly signature: Hex;
}

/** What a miner keeps on its disk, in the order it happened. */
export type MinerRecord =
  | {
      readonly kind: "assigned";
      readonly digest: Hex;
      readonly assignment: WireStruct<"Assignment">;
      readonly batch: SignedLeaf;
      readonly jobSalt: Hex;
      readonly promptSalt: Hex;
      /** What the quote promises of the first token. */
      readonly service?: ServiceTerms;
      readonly atMs: number;
    }
  | {
      readonly kind: "started";
      readonly digest: Hex;
      readonly inputIds: readonly number[];
      readonly inputCommitment: Hex;
      readonly atMs: number;
    }
  /** The coordinator's signed word for a prefix of the output, and the tokens that it adds to the one before. */
  | {
      readonly kind: "acked";
      readonly digest: Hex;
      readonly ack: SignedProgress;
      readonly ids: readonly number[];
      /** From when the job was taken until its first token left. */
      readonly firstTokenMs?: number;
    }
  /** Written before it is signed: no crash can lead to two receipts for one assignment. */
  | { readonly kind: "receipted"; readonly digest: Hex; readonly receipt: WireStruct<"Receipt"> }
  | { readonly kind: "accepted"; readonly digest: Hex; readonly logIndex: number; readonly creditIndex: number }
  | { readonly kind: "closed"; readonly digest: Hex; readonly reason: string }
  | { readonly kind: "voucher"; readonly paid: StoredVoucher; readonly funding: readonly StoredVoucher[] }
  /** What is kept of receipts that a voucher pays and nobody can try any more. */
  | { readonly kind: "paid"; readonly coordinator: Hex; readonly receipts: readonly PaidReceipt[] }
  /** Assignments that came to nothing, long ago: they are taken no second time. */
  | { readonly kind: "over"; readonly digests: readonly Hex[] };

/** A receipt's place in the credit stream, the digest of its assignment, its own, and what it earned in wei. */
export type PaidReceipt = readonly [creditIndex: number, assignment: Hex, receipt: Hex, creditWei: string];
