import { join } from "node:path";
import type { LogEntry } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import { RecordLog } from "@lode/sdk/record-log";
import type { Book, Fact } from "../../../domain/settlement/index.ts";
import type { MinerEventKind } from "../../../domain/reliability/history.ts";
import { openEmbedded, openPostgres, type Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { FactWriter } from "./fact-writer.ts";
import { Placer, type PlacedFact } from "./projector.ts";
import { queries } from "./queries.ts";
import { TableWriter } from "./table-writer.ts";

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
  /** What happened to a miner, the latest first. */
  minerEvents(miner: string, limit: number): Promise<StoredMinerEvent[]>;
  close(): Promise<void>;
}

export interface StoredMinerEvent {
  readonly event: MinerEventKind;
  readonly at: Date;
}

export interface StoreOptions {
  readonly home: string;
  /** Facts that wait in memory for the embedded database to open, at most. */
  readonly mostEarly?: number;
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

/** Facts that are placed anew at a start are written in steps of so many. */
const page = 5000;
/** Facts that wait in memory for the tables to open at most: some kilobytes each, of which a journal may hold millions. */
const mostEarlyFacts = 50_000;

async function openJournalStore(book: Book, options: StoreOptions): Promise<FactStore> {
  const { openDatabase = openEmbedded, mostEarly = mostEarlyFacts } = options;
  const opening = openDatabase(join(options.home, "db"), (message) => options.warn(message));
  // The book is needed at once, the tables are not: they follow while the coordinator already answers.
  opening.catch(() => undefined);
  /** What is in the journal while the tables are not open yet. */
  const early: PlacedFact[] = [];
  let tables: TableWriter | undefined;
  const placer = new Placer(book);
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    if (failure === undefined) options.onFailure(error);
    failure ??= { error };
  };
  /** Writes what came early and the tables do not hold. */
  const catchUp = async (database: Database, writer: TableWriter): Promise<void> => {
    const cursor = await readCursor(database);
    for (let facts = early.splice(0, page); facts.length > 0; facts = early.splice(0, page)) {
      writer.add(facts.filter(({ seq }) => seq > cursor));
      await writer.settle();
    }
  };
  const journal = await RecordLog.open<Fact[]>(
    join(options.home, "journal", "facts"),
    (facts) => {
      early.push(...placer.place(facts));
      if (early.length < mostEarly) return undefined;
      return opening.then((database) => catchUp(database, new TableWriter(database, "entries", fail)));
    },
    (message) => options.warn(message),
  );
  let appended = Promise.resolve();
  const ready = opening.then(async (database) => {
    const writer = new TableWriter(database, "entries", fail);
    await catchUp(database, writer);
    tables = writer;
    const upToDate = async (): Promise<void> => {
      await appended;
      await writer.settle();
    };
    return { database, writer, ...queries(database, upToDate) };
  });
  ready.catch(fail);
  return {
    async append(facts, more) {
      if (failure !== undefined) throw failure.error;
      try {
        // A fact that the book does not take has changed half of it, perhaps: what it says then is nobody's word any more.
        const placed = placer.place(facts);
        placed.push(...placer.place(more?.() ?? []));
        // The journal keeps the order: when this append is on the disk, all before it are.
        appended = journal.append(placed.map(({ fact }) => fact)).then(() => {
          // Only now: the tables must never know more than the journal after a crash.
          if (tables === undefined) early.push(...placed);
          else tables.add(placed);
        });
        await appended;
      } catch (error) {
        fail(error);
        throw error;
      }
    },
    durable: async () => {
      await appended;
      if (failure !== undefined) throw failure.error;
    },
    entries: async (start, limit) => (await ready).entries(start, limit),
    debits: async (client, start, limit) => (await ready).debits(client, start, limit),
    receipts: async (by) => (await ready).receipts(by),
    days: async (side, account, fromMs) => (await ready).days(side, account, fromMs),
    anchors: async (before, limit) => (await ready).anchors(before, limit),
    minerEvents: async (miner, limit) => (await ready).minerEvents(miner, limit),
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
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    if (failure === undefined) options.onFailure(error);
    failure ??= { error };
  };
  const unwritten = (cause: unknown): StoreError =>
    new StoreError("write_failed", "The database cannot be written; restart after mending it.", cause);
  const tables = new TableWriter(database, "none", (cause) => fail(unwritten(cause)));
  const facts = new FactWriter(database, (stored) => tables.add(stored));
  const placer = new Placer(book);
  const cursor = await readCursor(database);
  for (;;) {
    const rows = await database.query(
      // By the column, not by its text.
      `SELECT f."seq"::text, f."body"::text FROM "facts" AS f WHERE f."seq" > $1::text::bigint ORDER BY f."seq" LIMIT ${page}`,
      [`${placer.seq}`],
    );
    for (const [seq, body] of rows) {
      const expected = placer.seq + 1n;
      if (seq !== `${expected}`) throw new StoreError("damaged", `Fact ${expected} is missing from the database.`);
      const placed = placer.place([JSON.parse(body ?? "") as Fact]);
      if (expected > cursor) tables.add(placed);
    }
    await tables.settle();
    if (rows.length === 0) break;
  }
  const upToDate = async (): Promise<void> => {
    await facts.settle();
    await tables.settle();
  };
  return {
    ...queries(database, upToDate),
    durable: async () => {
      await facts.settle();
      if (failure !== undefined) throw failure.error;
    },
    async append(given, more) {
      if (failure !== undefined) throw failure.error;
      let placed: PlacedFact[];
      try {
        // A fact that the book does not take would leave a gap in the numbers of those behind it.
        placed = placer.place(given);
        placed.push(...placer.place(more?.() ?? []));
      } catch (error) {
        fail(error);
        throw error;
      }
      try {
        await facts.write(placed);
      } catch (cause) {
        const error = unwritten(cause);
        fail(error);
        throw error;
      }
    },
    async close() {
      await upToDate();
      await database.close();
    },
  };
}

/** The last fact that the tables hold. */
async function readCursor(database: Database): Promise<bigint> {
  const [[seq] = []] = await database.query('SELECT "seq"::text FROM "cursor"', []);
  return BigInt(seq ?? 0);
}
