import { createHash } from "node:crypto";
import { canonicalJson, type Hex } from "@lode/sdk/hash";

/** Who did what, without content: no prompt, no answer, no secret. JSON values only. */
export interface AuditEvent {
  readonly action: string;
  /** The account on whose behalf it was done; absent for what nobody is known to have done. */
  readonly account?: Hex;
  /** Prefix of the API key that asked. */
  readonly key?: string;
  /** Prefix of the key that it was done to. */
  readonly target?: string;
  /** Where from: an address, or an IPv6 network. */
  readonly from?: string;
  /** Names and figures that say more. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** An event in its place: each record holds the hash of the one before it. */
export interface AuditRecord extends AuditEvent {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** sha256 of the record before; zeros for the first one. */
  readonly prev: string;
  /** sha256 of this record's canonical JSON without this field. */
  readonly hash: string;
}

export const noHash = "0".repeat(64);

/** Puts an event behind another record. */
export function chain(event: AuditEvent, before: AuditRecord | undefined, atMs: number): AuditRecord {
  const at = new Date(atMs).toISOString();
  const record = { seq: (before?.seq ?? 0) + 1, at, ...event, prev: before?.hash ?? noHash };
  return { ...record, hash: hashOf(record) };
}

/** Whether a record is what was written, behind what was written before it. */
export function follows({ hash, ...record }: AuditRecord, before: AuditRecord | undefined): boolean {
  return record.seq === (before?.seq ?? 0) + 1 && record.prev === (before?.hash ?? noHash) && hash === hashOf(record);
}

function hashOf(record: Omit<AuditRecord, "hash">): string {
  return createHash("sha256").update(canonicalJson(record)).digest("hex");
}
