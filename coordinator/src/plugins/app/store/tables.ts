/** How facts become rows. One statement writes a whole group of facts, so that a commit costs the same for one and for hundreds. */

/** Writes by table. Rows of one table never meet twice in a group: the projector folds them. */
export const tableSql = {
  facts: `INSERT INTO "facts" ("seq", "body")
    SELECT r.seq, r.body FROM jsonb_to_recordset($ROWS) AS r(seq bigint, body jsonb)`,
  attempts: `INSERT INTO "attempts"
    ("digest", "job_id", "client", "miner", "state", "log_index", "amount_wei", "assigned_at", "closed_at",
      "assigned_seq", "closed_seq", "debit_index", "credit_index")
    SELECT r.digest, r.job_id, r.client, r.miner, r.state, r.log_index, r.amount_wei, r.assigned_at, r.closed_at,
      r.assigned_seq, r.closed_seq, r.debit_index, r.credit_index
    FROM jsonb_to_recordset($ROWS) AS r(digest text, job_id text, client text, miner text, state text, log_index int,
      amount_wei numeric, assigned_at timestamp, closed_at timestamp, assigned_seq bigint, closed_seq bigint,
      debit_index int, credit_index int)`,
  vouchers: `INSERT INTO "vouchers" ("payer", "payee", "kind", "cumulative_wei", "count", "body")
    SELECT r.payer, r.payee, r.kind, r.cumulative_wei, r.count, r.body FROM jsonb_to_recordset($ROWS)
      AS r(payer text, payee text, kind int, cumulative_wei numeric, count bigint, body jsonb)
    ON CONFLICT ("payer", "payee", "kind") DO UPDATE SET "cumulative_wei" = excluded."cumulative_wei",
      "count" = excluded."count", "body" = excluded."body"`,
  newKeys: `INSERT INTO "api_keys"
    ("prefix", "hash", "scope", "account", "label", "revoked", "at", "limits", "expires_at", "rotated_from")
    SELECT r.prefix, r.hash, r.scope, r.account, r.label, r.revoked, r.at, r.limits, r.expires_at, r.rotated_from
    FROM jsonb_to_recordset($ROWS) AS r(prefix text, hash text, scope text, account text, label text, revoked boolean,
      at timestamp, limits jsonb, expires_at timestamp, rotated_from text)`,
  changedKeys: `UPDATE "api_keys" AS k SET "revoked" = coalesce(r.revoked, k."revoked"),
      "label" = coalesce(r.label, k."label"), "limits" = coalesce(r.limits, k."limits"),
      "expires_at" = coalesce(r.expires_at, k."expires_at")
    FROM jsonb_to_recordset($ROWS) AS r(prefix text, revoked boolean, label text, limits jsonb, expires_at timestamp)
    WHERE k."prefix" = r.prefix`,
  anchors: `INSERT INTO "anchors" ("epoch", "size", "root", "liabilities", "transaction", "at")
    SELECT r.epoch, r.size, r.root, r.liabilities, r.transaction, r.at FROM jsonb_to_recordset($ROWS)
      AS r(epoch int, size int, root text, liabilities text, transaction text, at timestamp)
    ON CONFLICT ("epoch") DO UPDATE SET "size" = excluded."size", "root" = excluded."root",
      "liabilities" = excluded."liabilities", "transaction" = excluded."transaction", "at" = excluded."at"`,
  minerEvents: `INSERT INTO "miner_events" ("seq", "miner", "event", "at")
    SELECT r.seq, r.miner, r.event, r.at FROM jsonb_to_recordset($ROWS)
      AS r(seq bigint, miner text, event text, at timestamp)`,
  cursor: `INSERT INTO "cursor" ("id", "seq")
    SELECT 1, r.seq FROM jsonb_to_recordset($ROWS) AS r(seq bigint)
    ON CONFLICT ("id") DO UPDATE SET "seq" = excluded."seq"`,
} as const;
export type TableName = keyof typeof tableSql;

/** Facts that follow each other, from a number on. */
export const factsSql = `INSERT INTO "facts" ("seq", "body")
  SELECT $1::text::bigint + f.place - 1, f.body FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS f(body, place)`;

/**
 * All writes as one statement, which the database does wholly or not at all. Every part sees the tables as they were
 * before, so that no part may lean on another.
 */
export function oneStatement(writes: ReadonlyMap<TableName, readonly object[]>): { sql: string; args: string[] } {
  const args: string[] = [];
  const parts: string[] = [];
  for (const [name, sql] of Object.entries(tableSql) as [TableName, string][]) {
    const rows = writes.get(name) ?? [];
    if (rows.length === 0) continue;
    args.push(jsonOf(rows));
    parts.push(`"${name}" AS (${sql.replace("$ROWS", `$${args.length}::jsonb`)})`);
  }
  return { sql: `WITH ${parts.join(",\n")}\nSELECT 1`, args };
}

/** JSON may say what PostgreSQL's texts cannot hold: NUL and halves of a character. One such text would stop every write after it. */
export function jsonOf(rows: readonly object[]): string {
  const json = JSON.stringify(rows);
  // Rare enough to look twice: a text may also hold these letters after a backslash of its own.
  if (!/\\u(?:0000|d[89a-f])/.test(json)) return json;
  const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd");
  return JSON.stringify(rows, (_name, value: unknown) => (typeof value === "string" ? storable(value) : value));
}
