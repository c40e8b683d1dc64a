import { join } from "node:path";
import type { LogEntry } from "@lode/protocol";
import { RecordLog } from "@lode/sdk/record-log";
import type { Book, Fact } from "../../../domain/settlement/index.ts";
import { openEmbedded, openPostgres, type Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { place, Projection, type PlacedFact } from "./projector.ts";
import { oneStatement } from "./tables.ts";

/** A client's debit, with the id of the request that it is for. */
export interface RequestDebit {
  readonly request: string;
  readonly entry: LogEntry;
}

/** Where facts are kept. `append` applies them to the book at once and resolves when they are durable. */
export interface FactStore {
  /** `more` runs when the book holds `facts`; what it returns is applied and stored together with them. */
  append(facts: readonly Fact[], more?: () => readonly Fact[]): Promise<void>;
  /** Resolves when everything that the book holds now is durable. */
  durable(): Promise<void>;
  /** Settled attempts in log order. Waits for what is in the book but not in the tables yet. */
  entries(start: number, limit: number): Promise<LogEntry[]>;
  /** A client's debits in their order, from an index on. */
  debits(client: string, start: number, limit: number): Promise<RequestDebit[]>;
  /** Settled attempts of a job or with a digest. */
  receipts(by: { jobId: string } | { digest: string }): Promise<LogEntry[]>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly home: string;
  readonly databaseUrl?: string | undefined;
  warn(message: string): void;
  /** Called once when facts can no longer be made durable: the process must stop acknowledging. */
  onFailure(error: unknown): void;
}

/** Opens the store that the options ask for and fills the book with every fact in it. */
export async function openFactStore(book: Book, options: StoreOptions): Promise<FactStore> {
  return options.databaseUrl === undefined
    ? openJournalStore(book, options)
    : openPostgresStore(book, options, options.databaseUrl);
}

/** Facts waiting to be written to the tables, in groups: one transaction takes all that came while the last one ran. */
class TableWriter {
  readonly #database: Database;
  readonly #keepFacts: boolean;
  #waiting: PlacedFact[] = [];
  #running: Promise<void> = Promise.resolve();
  /** The commit that takes what waits; undefined when nothing waits. */
  #next: Promise<void> | undefined;

  constructor(database: Database, keepFacts: boolean) {
    this.#database = database;
    this.#keepFacts = keepFacts;
  }

  /** Resolves when everything handed over so far is committed. After a failure nothing is written any more. */
  write(facts: readonly PlacedFact[]): Promise<void> {
    this.#waiting.push(...facts);
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return (this.#running = this.#commit());
    });
    return this.#next;
  }

  /** Resolves when everything handed over so far is committed. */
  settle(): Promise<void> {
    return this.#next ?? this.#running;
  }

  async #commit(): Promise<void> {
    const group = this.#waiting;
    this.#waiting = [];
    const last = group.at(-1);
    if (last === undefined) return;
    const projection = new Projection();
    for (const placed of group) projection.add(placed);
    const writes = projection.writes();
    if (this.#keepFacts) {
      const facts = group.map(({ seq, fact }) => ({ seq: Number(seq), body: fact }));
      writes.set("facts", facts);
    }
    writes.set("cursor", [{ seq: Number(last.seq) }]);
    const { sql, args } = oneStatement(writes);
    await this.#database.execute(sql, args);
  }
}

function queries(
  database: Database,
  upToDate: () => Promise<void>,
): Pick<FactStore, "entries" | "receipts" | "debits"> {
  return {
    async debits(client, start, limit) {
      await upToDate();
      const rows = await database.prisma.attempt.findMany({
        where: { client, state: "settled" },
        // A client's debits stand in the log in the order in which they were debited.
        orderBy: { logIndex: "asc" },
        skip: start,
        take: limit,
        select: { jobId: true, entry: true },
      });
      return rows.map(({ jobId, entry }) => ({ request: jobId, entry: entry as unknown as LogEntry }));
    },
    async entries(start, limit) {
      await upToDate();
      const rows = await database.prisma.attempt.findMany({
        where: { logIndex: { gte: start } },
        orderBy: { logIndex: "asc" },
        take: limit,
        select: { entry: true },
      });
      return rows.map(({ entry }) => entry as unknown as LogEntry);
    },
    async receipts(by) {
      await upToDate();
      const rows = await database.prisma.attempt.findMany({
        where: { ...by, state: "settled" },
        orderBy: { logIndex: "asc" },
        select: { entry: true },
      });
      return rows.map(({ entry }) => entry as unknown as LogEntry);
    },
  };
}

async function openJournalStore(book: Book, options: StoreOptions): Promise<FactStore> {
  const opening = openEmbedded(join(options.home, "db"), (message) => options.warn(message));
  // The book is needed at once, the tables are not: they follow while the coordinator already answers.
  opening.catch(() => undefined);
  const replayed: PlacedFact[] = [];
  let seq = 0n;
  const apply = (facts: readonly Fact[]): PlacedFact[] => {
    const placed = place(book, facts, seq);
    seq += BigInt(facts.length);
    return placed;
  };
  const journal = await RecordLog.open<Fact[]>(
    join(options.home, "journal", "facts"),
    (facts) => void replayed.push(...apply(facts)),
    (message) => options.warn(message),
  );
  let appended = Promise.resolve();
  let failed = false;
  const fail = (error: unknown): void => {
    if (!failed) options.onFailure(error);
    failed = true;
  };
  const ready = opening.then(async (database) => {
    const writer = new TableWriter(database, false);
    const cursor = (await database.prisma.cursor.findUnique({ where: { id: 1 } }))?.seq ?? 0n;
    const missing = replayed.splice(0).filter((placed) => placed.seq > cursor);
    for (let i = 0; i < missing.length; i += 500) await writer.write(missing.slice(i, i + 500));
    return { database, writer };
  });
  ready.catch(fail);
  return {
    async append(facts, more) {
      const placed = apply(facts);
      placed.push(...apply(more?.() ?? []));
      try {
        // The journal keeps the order: when this append is on the disk, all before it are.
        await (appended = journal.append(placed.map(({ fact }) => fact)));
      } catch (error) {
        fail(error);
        throw error;
      }
      void ready.then(async ({ writer }) => writer.write(placed)).catch(fail);
    },
    durable: () => appended,
    async entries(start, limit) {
      const { database, writer } = await ready;
      return queries(database, () => writer.settle()).entries(start, limit);
    },
    async debits(client, start, limit) {
      const { database, writer } = await ready;
      return queries(database, () => writer.settle()).debits(client, start, limit);
    },
    async receipts(by) {
      const { database, writer } = await ready;
      return queries(database, () => writer.settle()).receipts(by);
    },
    async close() {
      await journal.close();
      const { database, writer } = await ready;
      await writer.settle();
      await database.close();
    },
  };
}

async function openPostgresStore(book: Book, options: StoreOptions, url: string): Promise<FactStore> {
  const database = await openPostgres(url);
  const writer = new TableWriter(database, true);
  let seq = 0n;
  const apply = (facts: readonly Fact[]): PlacedFact[] => {
    const placed = place(book, facts, seq);
    seq += BigInt(facts.length);
    return placed;
  };
  for (;;) {
    const rows = await database.prisma.fact.findMany({
      where: { seq: { gt: seq } },
      orderBy: { seq: "asc" },
      take: 5000,
    });
    for (const row of rows) {
      if (row.seq !== seq + 1n) throw new StoreError("damaged", `Fact ${seq + 1n} is missing from the database.`);
      book.apply(row.body as unknown as Fact);
      seq = row.seq;
    }
    if (rows.length === 0) break;
  }
  let failure: StoreError | undefined;
  return {
    ...queries(database, () => writer.settle()),
    durable: () => writer.settle(),
    async append(facts, more) {
      if (failure !== undefined) throw failure;
      const placed = apply(facts);
      placed.push(...apply(more?.() ?? []));
      try {
        await writer.write(placed);
      } catch (cause) {
        const error = new StoreError(
          "write_failed",
          "The database cannot be written; restart after mending it.",
          cause,
        );
        options.onFailure(error);
        failure = error;
        throw error;
      }
    },
    async close() {
      await writer.settle();
      await database.close();
    },
  };
}
