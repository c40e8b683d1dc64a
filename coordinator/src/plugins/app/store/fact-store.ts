import { join } from "node:path";
import type { LogEntry } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
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

/** What an account's receipts of one day and model add up to; amounts in wei, tokens as they were billed. */
export interface DayTotal {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly modelDigest: Hex;
  readonly receipts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly debitedWei: bigint;
  /** After each receipt's fee. */
  readonly creditedWei: bigint;
}

export interface StoredAnchor {
  readonly epoch: number;
  readonly size: number;
  readonly root: Hex;
  readonly liabilitiesRoot: Hex;
  readonly transaction: Hex;
  readonly at: Date;
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
  /** A client's or a miner's receipts by day and model, days from a moment on. */
  days(side: "client" | "miner", account: string, fromMs: number): Promise<DayTotal[]>;
  /** Anchors, the latest first. */
  anchors(before: number | undefined, limit: number): Promise<StoredAnchor[]>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly home: string;
  readonly databaseUrl?: string | undefined;
  /** Opens the embedded database; for those who never look into its tables. */
  readonly openDatabase?: typeof openEmbedded;
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

type Queries = Pick<FactStore, "entries" | "receipts" | "debits" | "days" | "anchors">;

interface DayRow {
  readonly day: string;
  readonly digest: Hex;
  readonly receipts: string;
  readonly input: string;
  readonly output: string;
  readonly debited: string;
  readonly credited: string;
}

/** Input is billed where no other attempt's tokens came first. Every sum is a text: it may be larger than a number holds. */
const daysOf = (column: "client" | "miner"): string => `
  SELECT to_char("closed_at", 'YYYY-MM-DD') AS "day", "entry"->'assignment'->>'modelDigest' AS "digest",
    count(*)::text AS "receipts",
    sum(CASE WHEN "entry"->'assignment'->>'outputOffset' = '0'
      THEN ("entry"->'receipt'->>'inputTokens')::bigint ELSE 0 END)::text AS "input",
    sum(("entry"->'receipt'->>'outputTokens')::bigint)::text AS "output",
    sum("amount_wei")::text AS "debited",
    sum("amount_wei" - div("amount_wei" * ("entry"->'assignment'->>'feePpm')::numeric, 1000000))::text AS "credited"
  FROM "attempts"
  WHERE "${column}" = $1 AND "state" = 'settled' AND "closed_at" >= $2::timestamp
  GROUP BY 1, 2 ORDER BY 1, 2`;
const dayQueries = { client: daysOf("client"), miner: daysOf("miner") } as const;

function queries(database: Database, upToDate: () => Promise<void>): Queries {
  return {
    async days(side, account, fromMs) {
      await upToDate();
      const from = new Date(fromMs).toISOString();
      const rows = await database.prisma.$queryRawUnsafe<DayRow[]>(dayQueries[side], account, from);
      return rows.map(({ day, digest, receipts, input, output, debited, credited }) => ({
        day,
        modelDigest: digest,
        receipts: Number(receipts),
        inputTokens: Number(input),
        outputTokens: Number(output),
        debitedWei: BigInt(debited),
        creditedWei: BigInt(credited),
      }));
    },
    async anchors(before, limit) {
      await upToDate();
      const rows = await database.prisma.anchor.findMany({
        ...(before !== undefined && { where: { epoch: { lt: before } } }),
        orderBy: { epoch: "desc" },
        take: limit,
      });
      return rows.map(({ epoch, size, root, liabilities, transaction, at }) => ({
        epoch,
        size,
        root: root as Hex,
        liabilitiesRoot: liabilities as Hex,
        transaction: transaction as Hex,
        at,
      }));
    },
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
  const { openDatabase = openEmbedded } = options;
  const opening = openDatabase(join(options.home, "db"), (message) => options.warn(message));
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
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    if (failure === undefined) options.onFailure(error);
    failure ??= { error };
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
      if (failure !== undefined) throw failure.error;
      let placed: PlacedFact[];
      try {
        // A fact that the book does not take has changed half of it, perhaps: what it says then is nobody's word any more.
        placed = apply(facts);
        placed.push(...apply(more?.() ?? []));
        // The journal keeps the order: when this append is on the disk, all before it are.
        await (appended = journal.append(placed.map(({ fact }) => fact)));
      } catch (error) {
        fail(error);
        throw error;
      }
      void ready.then(async ({ writer }) => writer.write(placed)).catch(fail);
    },
    durable: async () => {
      await appended;
      if (failure !== undefined) throw failure.error;
    },
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
    async days(side, account, fromMs) {
      const { database, writer } = await ready;
      return queries(database, () => writer.settle()).days(side, account, fromMs);
    },
    async anchors(before, limit) {
      const { database, writer } = await ready;
      return queries(database, () => writer.settle()).anchors(before, limit);
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
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    if (failure === undefined) options.onFailure(error);
    failure ??= { error };
  };
  return {
    ...queries(database, () => writer.settle()),
    durable: async () => {
      await writer.settle();
      if (failure !== undefined) throw failure.error;
    },
    async append(facts, more) {
      if (failure !== undefined) throw failure.error;
      let placed: PlacedFact[];
      try {
        // A fact that the book does not take would leave a gap in the numbers of those behind it.
        placed = apply(facts);
        placed.push(...apply(more?.() ?? []));
      } catch (error) {
        fail(error);
        throw error;
      }
      try {
        await writer.write(placed);
      } catch (cause) {
        const error = new StoreError(
          "write_failed",
          "The database cannot be written; restart after mending it.",
          cause,
        );
        fail(error);
        throw error;
      }
    },
    async close() {
      await writer.settle();
      await database.close();
    },
  };
}
