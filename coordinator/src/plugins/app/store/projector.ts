import type { LogEntry } from "@lode/protocol";
import type { Book, Fact, FactOf, OpenAttempt } from "../../../domain/settlement/index.ts";
import { isOpen } from "../../../domain/settlement/index.ts";
import type { TableName } from "./tables.ts";

/** A fact with its place in the order of all facts, and the log entry that it makes when it settles an attempt. */
export interface PlacedFact {
  readonly seq: bigint;
  readonly fact: Fact;
  readonly entry?: LogEntry | undefined;
}

/** Applies facts to the book one by one and notes where each then stands. */
export function place(book: Book, facts: readonly Fact[], lastSeq: bigint): PlacedFact[] {
  let seq = lastSeq;
  return facts.map((fact) => {
    seq += 1n;
    if (fact.kind !== "attempt.settled") {
      book.apply(fact);
      return { seq, fact };
    }
    const open = book.attempts.get(fact.digest);
    book.apply(fact);
    return { seq, fact, entry: open !== undefined && isOpen(open) ? entryOf(book, open, fact) : undefined };
  });
}

function entryOf(book: Book, { promise }: OpenAttempt, fact: FactOf<"attempt.settled">): LogEntry | undefined {
  const settled = book.attempts.get(fact.digest);
  if (settled?.state !== "settled") return undefined;
  const { assignment, batch, quote, quoteSignature } = promise;
  const { logIndex: index, debitIndex, creditIndex } = settled;
  return {
    index,
    ...{ assignment, assignmentBatch: batch, quote, quoteSignature },
    ...{ receipt: fact.receipt, receiptBatch: fact.batch },
    ...(fact.hosted !== undefined && { hosted: fact.hosted }),
    ...{ client: assignment.client, miner: assignment.miner, debitIndex, creditIndex },
  };
}

type Row = Readonly<Record<string, unknown>>;

/** What a group of facts changes in the tables that people query: the last word on each row. */
export class Projection {
  readonly #newAttempts = new Map<string, Row>();
  readonly #changedAttempts = new Map<string, Row>();
  readonly #vouchers = new Map<string, Row>();
  readonly #newKeys = new Map<string, Row>();
  readonly #changedKeys = new Map<string, Row>();
  /** By epoch: a reorganisation of the chain can take an anchor back, and another one takes its number. */
  readonly #anchors = new Map<number, Row>();
  readonly #minerEvents: Row[] = [];

  add({ seq, fact, entry }: PlacedFact): void {
    switch (fact.kind) {
      case "attempt.assigned": {
        const { client, miner } = fact.assignment;
        const row = { digest: fact.digest, job_id: fact.jobId, client, miner, state: "running" };
        this.#newAttempts.set(fact.digest, { ...row, assigned_at: time(fact.atMs) });
        return;
      }
      case "attempt.lost":
        return this.#changeAttempt(fact.digest, { state: "lost" });
      case "attempt.voided":
        return this.#changeAttempt(fact.digest, { state: "voided", closed_at: time(fact.atMs) });
      case "attempt.settled": {
        if (entry === undefined) throw new Error(`receipt of ${fact.digest} has no place in the log`);
        const closed = { log_index: entry.index, amount_wei: fact.receipt.amountWei, closed_at: time(fact.atMs) };
        return this.#changeAttempt(fact.digest, { state: "settled", ...closed, entry });
      }
      case "voucher.signed": {
        const { payer, payee, kind, cumulativeWei, count } = fact.voucher;
        const row = { payer, payee, kind, cumulative_wei: cumulativeWei, count, body: fact };
        this.#vouchers.set(`${payer}:${payee}:${kind}`, row);
        return;
      }
      case "key.created": {
        const { prefix, hash, scope, account, label, rotatedFrom: rotated_from } = fact;
        const row = { prefix, hash, scope, account, label, rotated_from, revoked: false, at: time(fact.atMs) };
        this.#newKeys.set(prefix, { ...row, ...keyRow(fact) });
        return;
      }
      case "key.changed":
        return this.#changeKey(fact.prefix, {
          ...(fact.label !== undefined && { label: fact.label }),
          ...keyRow(fact),
        });
      case "key.revoked":
        return this.#changeKey(fact.prefix, { revoked: true });
      case "anchor.confirmed": {
        const { epoch, size, root, liabilitiesRoot: liabilities, transaction } = fact;
        this.#anchors.set(epoch, { epoch, size, root, liabilities, transaction, at: time(fact.atMs) });
        return;
      }
      case "miner.event":
        this.#minerEvents.push({ seq: Number(seq), miner: fact.miner, event: fact.event, at: time(fact.atMs) });
        return;
      case "booking.made":
      case "booking.cancelled":
      case "review.made":
        // The book answers for these; nobody queries them otherwise.
        return;
      case "client.signer":
      case "epoch.opened":
        // Nobody asks for a signer by a query, and a secret has no business in a table.
        return;
    }
  }

  /** The rows by table. */
  writes(): Map<TableName, readonly object[]> {
    return new Map<TableName, readonly object[]>([
      ["newAttempts", [...this.#newAttempts.values()]],
      ["changedAttempts", [...this.#changedAttempts.values()]],
      ["vouchers", [...this.#vouchers.values()]],
      ["newKeys", [...this.#newKeys.values()]],
      ["changedKeys", [...this.#changedKeys.values()]],
      ["anchors", [...this.#anchors.values()]],
      ["minerEvents", this.#minerEvents],
    ]);
  }

  #changeKey(prefix: string, change: Row): void {
    const created = this.#newKeys.get(prefix);
    if (created !== undefined) this.#newKeys.set(prefix, { ...created, ...change });
    else this.#changedKeys.set(prefix, { ...this.#changedKeys.get(prefix), prefix, ...change });
  }

  #changeAttempt(digest: string, change: Row): void {
    const created = this.#newAttempts.get(digest);
    if (created !== undefined) this.#newAttempts.set(digest, { ...created, ...change });
    else this.#changedAttempts.set(digest, { ...this.#changedAttempts.get(digest), digest, ...change });
  }
}

function keyRow({ limits, expiresAtMs }: Pick<FactOf<"key.changed">, "limits" | "expiresAtMs">): Row {
  return {
    ...(limits !== undefined && { limits }),
    ...(expiresAtMs !== undefined && { expires_at: time(expiresAtMs) }),
  };
}

/** A column without a zone takes the text's digits as they are: universal time. */
function time(ms: number): string {
  return new Date(ms).toISOString();
}
