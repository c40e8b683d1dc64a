import type { LogEntry } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import type { MinerEventKind } from "../../../domain/reliability/history.ts";
import type { FactOf } from "../../../domain/settlement/index.ts";
import type { Database } from "./database.ts";
import type { FactStore } from "./fact-store.ts";

type Queries = Pick<FactStore, "entries" | "receipts" | "debits" | "days" | "anchors" | "minerEvents">;

/** Where an entry stands, and the two facts that hold what was signed, as they were written. */
interface EntryRow {
  readonly request: string;
  readonly index: number;
  readonly debit: number;
  readonly credit: number;
  readonly assigned: string;
  readonly closed: string;
}

interface DayRow {
  readonly day: string;
  readonly digest: Hex;
  readonly receipts: string;
  readonly input: string;
  readonly output: string;
  readonly debited: string;
  readonly credited: string;
}

const settledFacts = `FROM "attempts" AS a
    JOIN "facts" AS p ON p."seq" = a."assigned_seq" JOIN "facts" AS c ON c."seq" = a."closed_seq"
  WHERE a."state" = 'settled'`;
// A client's debits stand in the log in the order in which they were debited.
const entriesWhere = (condition: string, bounds = ""): string => `
  SELECT a."job_id" AS "request", a."log_index" AS "index", a."debit_index" AS "debit", a."credit_index" AS "credit",
    p."body"::text AS "assigned", c."body"::text AS "closed"
  ${settledFacts} AND ${condition} ORDER BY a."log_index" ${bounds}`;
const entrySql = {
  log: entriesWhere('a."log_index" >= $1::text::int', "LIMIT $2::text::int"),
  jobId: entriesWhere('a."job_id" = $1'),
  digest: entriesWhere('a."digest" = $1'),
  client: entriesWhere('a."client" = $1', "LIMIT $2::text::int OFFSET $3::text::int"),
} as const;

/** Input is billed where no other attempt's tokens came first. Every sum is a text: it may be larger than a number holds. */
const daysOf = (column: "client" | "miner"): string => `
  SELECT to_char(a."closed_at", 'YYYY-MM-DD') AS "day", p."body"->'assignment'->>'modelDigest' AS "digest",
    count(*)::text AS "receipts",
    sum(CASE WHEN p."body"->'assignment'->>'outputOffset' = '0'
      THEN (c."body"->'receipt'->>'inputTokens')::bigint ELSE 0 END)::text AS "input",
    sum((c."body"->'receipt'->>'outputTokens')::bigint)::text AS "output",
    sum(a."amount_wei")::text AS "debited",
    sum(a."amount_wei" - div(a."amount_wei" * (p."body"->'assignment'->>'feePpm')::numeric, 1000000))::text AS "credited"
  ${settledFacts} AND a."${column}" = $1 AND a."closed_at" >= $2::timestamp
  GROUP BY 1, 2 ORDER BY 1, 2`;
const daySql = { client: daysOf("client"), miner: daysOf("miner") } as const;

/** What people ask the tables. @param upToDate resolves when they hold everything that the book does */
export function queries(database: Database, upToDate: () => Promise<void>): Queries {
  const rowsOf = async <T>(sql: string, args: readonly (string | number)[]): Promise<T[]> => {
    await upToDate();
    return (await database.prisma()).$queryRawUnsafe<T[]>(sql, ...args.map(String));
  };
  const entriesOf = async (sql: string, ...args: readonly (string | number)[]): Promise<LogEntry[]> =>
    (await rowsOf<EntryRow>(sql, args)).map(entryOf);
  return {
    entries: (start, limit) => entriesOf(entrySql.log, start, limit),
    receipts: (by) => ("jobId" in by ? entriesOf(entrySql.jobId, by.jobId) : entriesOf(entrySql.digest, by.digest)),
    async debits(client, start, limit) {
      const rows = await rowsOf<EntryRow>(entrySql.client, [client, limit, start]);
      return rows.map((row) => ({ request: row.request, entry: entryOf(row) }));
    },
    async days(side, account, fromMs) {
      const rows = await rowsOf<DayRow>(daySql[side], [account, new Date(fromMs).toISOString()]);
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
      const rows = await (
        await database.prisma()
      ).anchor.findMany({
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
    async minerEvents(miner, limit) {
      await upToDate();
      const rows = await (
        await database.prisma()
      ).minerEvent.findMany({
        where: { miner },
        orderBy: [{ at: "desc" }, { seq: "desc" }],
        take: limit,
      });
      return rows.map(({ event, at }) => ({ event: event as MinerEventKind, at }));
    },
  };
}

function entryOf({ index, debit, credit, assigned, closed }: EntryRow): LogEntry {
  const promise = JSON.parse(assigned) as FactOf<"attempt.assigned">;
  const { assignment, batch, quote, quoteSignature, service } = promise;
  const settled = JSON.parse(closed) as FactOf<"attempt.settled">;
  return {
    index,
    ...{ assignment, assignmentBatch: batch, quote, quoteSignature },
    ...(service !== undefined && { service }),
    ...{ receipt: settled.receipt, receiptBatch: settled.batch },
    ...(settled.hosted !== undefined && { hosted: settled.hosted }),
    ...{ client: assignment.client, miner: assignment.miner },
    ...{ debitIndex: debit, creditIndex: credit },
  };
}
