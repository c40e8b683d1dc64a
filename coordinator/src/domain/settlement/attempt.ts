import type { Assignment, HostedWork } from "@lode/sdk/typed-data";
import type { Hex } from "@lode/sdk/hash";
import type { FactOf } from "./facts.ts";

/** A signed promise to one miner that is not settled yet. Its reservation is part of the client's locked money. */
export interface OpenAttempt {
  readonly state: "running" | "lost";
  readonly digest: Hex;
  readonly jobId: string;
  readonly assignment: Assignment;
  /** The assignment as it was signed, with the quote that it refers to. */
  readonly promise: FactOf<"attempt.assigned">;
  readonly reservedWei: bigint;
  readonly reservedTokens: number;
  /** Prefix of the API key that asked. */
  readonly key: string | undefined;
  readonly assignedAtMs: number;
}

/** A settled attempt: one entry of the log, one leaf in each of two streams. The entry itself is in the database. */
export interface SettledAttempt {
  readonly state: "settled";
  readonly digest: Hex;
  readonly jobId: string;
  readonly miner: Hex;
  readonly receiptHash: Hex;
  readonly amountWei: bigint;
  /** What lateness took off, by the terms of its quote. */
  readonly refundWei: bigint;
  readonly logIndex: number;
  readonly debitIndex: number;
  readonly creditIndex: number;
  /** What the miner is credited. */
  readonly creditWei: bigint;
  readonly hosted: HostedWork | undefined;
}

/** An attempt that was given up: its reservation is released and a late receipt is refused. */
export interface VoidedAttempt {
  readonly state: "voided";
  readonly digest: Hex;
  readonly jobId: string;
  readonly reason: string;
}

export type Attempt = OpenAttempt | SettledAttempt | VoidedAttempt;

export function isOpen(attempt: Attempt): attempt is OpenAttempt {
  return attempt.state === "running" || attempt.state === "lost";
}
