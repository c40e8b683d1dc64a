import type { AuditEntry } from "@lode/sdk/audit";

/** Most entries of a page that are taken, whoever sent more. */
const mostEntries = 1000;

/**
 * The entries of a page of a log, at most `count` of them. An entry that is no object becomes an empty one, which no rule
 * accepts. Throws a TypeError for what is no page.
 */
export function readPage(bytes: Uint8Array, count: number): AuditEntry[] {
  const { entries } = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")) as {
    entries?: unknown;
  };
  if (!Array.isArray(entries)) throw new TypeError("a page of the log has no entries");
  return entries
    .slice(0, Math.min(count, mostEntries))
    .map((entry: unknown) => (typeof entry === "object" && entry !== null ? entry : {}) as AuditEntry);
}
