import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaPGlite } from "pglite-prisma-adapter";
import { PrismaClient } from "../../../../prisma/generated/client.ts";
import { StoreError } from "./errors.ts";

const migrations = join(import.meta.dirname, "..", "..", "..", "..", "prisma", "migrations");

/** How a driver adapter calls a text. */
interface TextType {
  readonly scalarType: "string";
  readonly arity: "scalar";
}
const textType: TextType = { scalarType: "string", arity: "scalar" };

/** The part of a driver adapter that both databases share and migrations need. */
interface SqlRunner {
  executeRaw(query: { sql: string; args: string[]; argTypes: TextType[] }): Promise<number>;
  executeScript(script: string): Promise<void>;
  queryRaw(query: { sql: string; args: unknown[]; argTypes: never[] }): Promise<{ rows: unknown[][] }>;
  dispose(): Promise<void>;
}

export interface Database {
  readonly prisma: PrismaClient;
  /** Whether a commit is on the disk when it returns. */
  readonly isDurable: boolean;
  /** Runs one statement whose arguments are texts, in a transaction of its own. */
  execute(sql: string, args: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens PostgreSQL at a URL and brings its schema up to date. One coordinator at a time holds it. */
export async function openPostgres(url: string): Promise<Database> {
  const factory = new PrismaPg({ connectionString: url });
  // The lock lives as long as its connection, so that one is never closed for being idle.
  const guardFactory = new PrismaPg({ connectionString: url, max: 1, idleTimeoutMillis: 0 });
  // Few statements, often: the database plans each once.
  const names = new Map<string, string>();
  const statementNameGenerator = ({ sql }: { sql: string }): string => {
    const name = names.get(sql) ?? `lode_${names.size}`;
    names.set(sql, name);
    return name;
  };
  const writerFactory = new PrismaPg({ connectionString: url, max: 1 }, { statementNameGenerator });
  try {
    const guard = await guardFactory.connect();
    const { rows } = await guard.queryRaw({ sql: "SELECT pg_try_advisory_lock(1280263237)", args: [], argTypes: [] });
    if (rows[0]?.[0] !== true) {
      await guard.dispose();
      throw new StoreError("locked", "Another coordinator uses this database; stop it first.");
    }
    await migrate(guard);
    const prisma = new PrismaClient({ adapter: factory });
    await prisma.$connect();
    const writer = await writerFactory.connect();
    return {
      prisma,
      isDurable: true,
      execute: executor(writer),
      close: async () => {
        await prisma.$disconnect();
        await writer.dispose();
        // The server notices a closed connection when it has time: whoever comes next need not wait for that.
        await guard.queryRaw({ sql: "SELECT pg_advisory_unlock(1280263237)", args: [], argTypes: [] });
        await guard.dispose();
      },
    };
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(
      "unreachable",
      "The database at DATABASE_URL cannot be opened; check that it runs and its user.",
      cause,
    );
  }
}

/**
 * Opens the embedded database in a folder. It is only ever a copy of the journal: one that a crash has damaged is put
 * aside and filled again.
 */
export async function openEmbedded(folder: string, warn: (message: string) => void): Promise<Database> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return await openPGlite(folder);
  } catch (cause) {
    const aside = `${folder}.damaged-${process.pid}`;
    warn(
      `the embedded database cannot be opened (${String(cause)}); it is rebuilt from the journal, the old one is ${aside}`,
    );
    if (existsSync(folder)) renameSync(folder, aside);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openPGlite(folder);
  }
}

async function openPGlite(folder: string): Promise<Database> {
  const pglite = await PGlite.create({ dataDir: folder, relaxedDurability: true });
  const factory = new PrismaPGlite(pglite);
  await migrate(await factory.connect());
  const prisma = new PrismaClient({ adapter: factory });
  return {
    prisma,
    isDurable: false,
    execute: executor(await factory.connect()),
    close: async () => {
      await prisma.$disconnect();
      if (!pglite.closed) await pglite.close();
    },
  };
}

function executor(connection: Pick<SqlRunner, "executeRaw">): Database["execute"] {
  return async (sql, args) => {
    await connection.executeRaw({ sql, args: [...args], argTypes: args.map(() => textType) });
  };
}

/** Applies the migrations that the database has not seen, each in a transaction with its own record. */
async function migrate(sql: SqlRunner): Promise<void> {
  await sql.executeScript('CREATE TABLE IF NOT EXISTS "migrations" ("name" TEXT PRIMARY KEY, "sha256" TEXT NOT NULL)');
  const { rows } = await sql.queryRaw({ sql: 'SELECT "name", "sha256" FROM "migrations"', args: [], argTypes: [] });
  const applied = new Map(rows.map(([name, sha256]) => [String(name), String(sha256)]));
  for (const name of readdirSync(migrations)
    .filter((file) => file.endsWith(".sql"))
    .sort()) {
    const script = readFileSync(join(migrations, name), "utf8");
    const sha256 = createHash("sha256").update(script).digest("hex");
    const seen = applied.get(name);
    if (seen === sha256) continue;
    if (seen !== undefined)
      throw new StoreError("migration_changed", `Migration ${name} differs from what this database has.`);
    const record = `INSERT INTO "migrations" VALUES ('${name}', '${sha256}')`;
    await sql.executeScript(`BEGIN;\n${script};\n${record};\nCOMMIT;`);
  }
}
