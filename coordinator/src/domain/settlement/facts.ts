import type { SignedLeaf } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import type { Assignment, HostedWork, Receipt, ServiceTerms, WireStruct } from "@lode/sdk/typed-data";
import type { Booking } from "../bookings/calendar.ts";
import type { Review } from "../bookings/reviews.ts";
import type { KeyLimits } from "./key-usage.ts";

/**
 * What a fact's JSON was made from, where this process made it: the book need not read and hash it again. It is no part of the fact, and is
 * never stored.
 */
export const madeFrom = Symbol("made from");

/** Everything that money or a promise depends on, in the order it happened. JSON values only: facts live in a journal. */
export type Fact =
  | {
      readonly kind: "key.created";
      readonly prefix: string;
      /** sha256 of the secret part. */
      readonly hash: Hex;
      readonly scope: KeyScope;
      readonly account: Hex;
      readonly label: string;
      readonly limits?: KeyLimits;
      /** Unix milliseconds from which it is not taken any more. */
      readonly expiresAtMs?: number;
      /** The key that it replaces: the two count as one. */
      readonly rotatedFrom?: string;
      /** What opens the replaced key's kept answers, sealed with this key's secret. */
      readonly vault?: Hex;
      readonly atMs: number;
    }
  | {
      readonly kind: "key.changed";
      readonly prefix: string;
      readonly label?: string;
      readonly limits?: KeyLimits;
      readonly expiresAtMs?: number;
      readonly atMs: number;
    }
  | { readonly kind: "key.revoked"; readonly prefix: string; readonly atMs: number }
  /** From here on a client signs its vouchers itself, with this key. */
  | { readonly kind: "client.signer"; readonly client: Hex; readonly signer: Hex; readonly atMs: number }
  | { readonly kind: "epoch.opened"; readonly epoch: number; readonly secret: Hex }
  | {
      readonly kind: "attempt.assigned";
      readonly digest: Hex;
      readonly jobId: string;
      readonly assignment: WireStruct<"Assignment">;
      readonly batch: SignedLeaf;
      readonly quote: WireStruct<"Quote">;
      readonly quoteSignature: Hex;
      /** What the quote promises of the first token. */
      readonly service?: ServiceTerms;
      /** Prefix of the API key that asked. */
      readonly key?: string;
      readonly atMs: number;
      /** Its hex in lower case, as the JSON has it. */
      readonly [madeFrom]?: Assignment;
    }
  | { readonly kind: "attempt.lost"; readonly digest: Hex; readonly deliveredTokens: number; readonly atMs: number }
  | {
      readonly kind: "attempt.settled";
      readonly digest: Hex;
      readonly receipt: WireStruct<"Receipt">;
      readonly batch: SignedLeaf;
      /** The polling miner that did the work, when the receipt is a host's. */
      readonly hosted?: HostedWork;
      /** The miner went through with it; absent where the attempt had been given up before its receipt came. */
      readonly served?: true;
      readonly atMs: number;
      readonly [madeFrom]?: { readonly receipt: Receipt; readonly hash: Hex };
    }
  | { readonly kind: "attempt.voided"; readonly digest: Hex; readonly reason: string; readonly atMs: number }
  | { readonly kind: "voucher.signed"; readonly voucher: WireStruct<"Voucher">; readonly signature: Hex }
  | {
      readonly kind: "anchor.confirmed";
      readonly epoch: number;
      readonly size: number;
      readonly root: Hex;
      readonly liabilitiesRoot: Hex;
      readonly transaction: Hex;
      readonly atMs: number;
    }
  | ({ readonly kind: "booking.made"; readonly atMs: number } & Booking)
  | { readonly kind: "booking.cancelled"; readonly id: string; readonly atMs: number }
  | ({ readonly kind: "review.made"; readonly amountWei: string; readonly atMs: number } & Omit<Review, "amountWei">)
  | {
      readonly kind: "miner.event";
      readonly miner: Hex;
      readonly event: "registered" | "went_offline" | "completed_request" | "failed_request";
      /** It failed because its machine computed wrong or not at all. */
      readonly isInference?: true;
      readonly atMs: number;
    };

export type KeyScope = "client" | "miner" | "read" | "admin";
export type FactKind = Fact["kind"];
export type FactOf<K extends FactKind> = Extract<Fact, { kind: K }>;
