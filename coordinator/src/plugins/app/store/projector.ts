import type { Book, Fact, FactOf } from "../../../domain/settlement/index.ts";
import { isOpen } from "../../../domain/settlement/index.ts";
import type { TableName } from "./tables.ts";

/** An attempt that a fact ended: the fact that began it, and where its receipt stands if it has one. */
export interface Closing {
  readonly assigned: { readonly seq: bigint; readonly fact: FactOf<"attempt.assigned"> };
  readonly settled?: { readonly logIndex: number; readonly debitIndex: number; readonly creditIndex: number };
}

/** A fact with its place in the order of all facts. */
export interface PlacedFact {
  readonly seq: bigint;
  readonly fact: Fact;
  readonly closing?: Closing | undefined;
}

/** Applies facts to a book one by one, from its first one on, and notes where each then stands. */
export class Placer {
  readonly #book: Book;
  /** Where the assignments of open attempts stand. */
  readonly #assigned = new Map<string, bigint>();
  #seq = 0n;

  constructor(book: Book) {
    this.#book = book;
  }

  /** Of the last fact. */
  get seq(): bigint {
    return this.#seq;
  }

  place(facts: readonly Fact[]): PlacedFact[] {
    return facts.map((fact) => {
      const closing =
        fact.kind === "attempt.settled" || fact.kind === "attempt.voided" ? this.#closing(fact) : undefined;
      if (closing === undefined) this.#book.apply(fact);
      this.#seq += 1n;
      if (fact.kind === "attempt.assigned") this.#assigned.set(fact.digest, this.#seq);
      return { seq: this.#seq, fact, closing };
    });
  }

  #closing(fact: FactOf<"attempt.settled"> | FactOf<"attempt.voided">): Closing {
    const { digest } = fact;
    const open = this.#book.attempts.get(digest);
    const seq = this.#assigned.get(digest);
    this.#book.apply(fact);
    const closed = this.#book.attempts.get(digest);
    if (open === undefined || !isOpen(open) || seq === undefined || closed === undefined) {
      throw new Error(`attempt ${digest} ends before it began`);
    }
    this.#assigned.delete(digest);
    const assigned = { seq, fact: open.promise };
    if (closed.state !== "settled") return { assigned };
    const { logIndex, debitIndex, creditIndex } = closed;
    return { assigned, settled: { logIndex, debitIndex, creditIndex } };
  }
}

type Row = Readonly<Record<string, unknown>>;

/** What a group of facts changes in the tables that people query: the last word on each row. */
export class Projection {
  readonly #attempts: Row[] = [];
  readonly #vouchers = new Map<string, Row>();
  readonly #newKeys = new Map<string, Row>();
  readonly #changedKeys = new Map<string, Row>();
  /** By epoch: a reorganisation of the chain can take an anchor back, and another one takes its number. */
  readonly #anchors = new Map<number, Row>();
  readonly #minerEvents: Row[] = [];

  add(placed: PlacedFact): void {
    const { seq, fact } = placed;
    switch (fact.kind) {
      case "attempt.assigned":
      case "attempt.lost":
        // The book answers for what is not over yet.
        return;
      case "attempt.settled": {
        const row = closedRow(placed, "settled", fact.atMs, fact.receipt.amountWei);
        this.#attempts.push(row);
        if (fact.served === true) this.#addMinerEvent(seq, row.miner, "completed_request", fact.atMs);
        return;
      }
      case "attempt.voided":
        return void this.#attempts.push(closedRow(placed, "voided", fact.atMs));
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
        return this.#addMinerEvent(seq, fact.miner, fact.event, fact.atMs);
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
      ["attempts", this.#attempts],
      ["vouchers", [...this.#vouchers.values()]],
      ["newKeys", [...this.#newKeys.values()]],
      ["changedKeys", [...this.#changedKeys.values()]],
      ["anchors", [...this.#anchors.values()]],
      ["minerEvents", this.#minerEvents],
    ]);
  }

  #addMinerEvent(seq: bigint, miner: string, event: string, atMs: number): void {
    this.#minerEvents.push({ seq: Number(seq), miner, event, at: time(atMs) });
  }

  #changeKey(prefix: string, change: Row): void {
    const created = this.#newKeys.get(prefix);
    if (created !== undefined) this.#newKeys.set(prefix, { ...created, ...change });
    else this.#changedKeys.set(prefix, { ...this.#changedKeys.get(prefix), prefix, ...change });
  }
}

function closedRow(
  { seq, closing }: PlacedFact,
  state: "settled" | "voided",
  atMs: number,
  amountWei?: string,
): Row & { readonly miner: string } {
  if (closing === undefined) throw new Error(`fact ${seq} closes nothing`);
  const { assigned, settled } = closing;
  const { digest, jobId, assignment } = assigned.fact;
  return {
    ...{ digest, job_id: jobId, client: assignment.client, miner: assignment.miner, state, amount_wei: amountWei },
    ...{ assigned_at: time(assigned.fact.atMs), closed_at: time(atMs) },
    ...{ assigned_seq: Number(assigned.seq), closed_seq: Number(seq) },
    ...{ log_index: settled?.logIndex, debit_index: settled?.debitIndex, credit_index: settled?.creditIndex },
  };
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
