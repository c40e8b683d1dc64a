import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { PrismaClient } from "../../../../prisma/generated/client.ts";
import { StoreError } from "./errors.ts";

const prisma = join(import.meta.dirname, "..", "..", "..", "..", "prisma");
const migrations = join(prisma, "migrations");
/** An empty embedded database, where the bootstrap could make it: most of a first start's time goes into making one. */
export const empty = join(prisma, "empty");

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
  queryRaw(query: { sql: string; args: string[]; argTypes: TextType[] }): Promise<{ rows: unknown[][] }>;
  dispose(): Promise<void>;
}

export interface Database {
  /** For what people ask. It is loaded when the first one does: it takes as much memory as all else that a start needs. */
  prisma(): Promise<PrismaClient>;
  /** Rows of one query. Arguments and columns are texts. */
  query(sql: string, args: readonly string[]): Promise<(string | null)[][]>;
  /** Runs one statement whose arguments are texts, in a transaction of its own. */
  execute(sql: string, args: readonly string[]): Promise<void>;
  /** As `execute`, for what can be made again: a crash may take it back, but never leaves it there without what came before. */
  follow(sql: string, args: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens PostgreSQL at a URL and brings its schema up to date. One coordinator at a time holds it. */
export async function openPostgres(url: string): Promise<Database> {
  const { PrismaPg } = await import("@prisma/adapter-pg");
  // The lock lives as long as its connection, and plans as long as theirs: neither is closed for being idle.
  const single = { connectionString: url, max: 1, idleTimeoutMillis: 0 };
  const guardFactory = new PrismaPg(single);
  // Few statements, often: the database plans each once.
  const names = new Map<string, string>();
  const statementNameGenerator = ({ sql }: { sql: string }): string => {
    const name = names.get(sql) ?? `lode_${names.size}`;
    names.set(sql, name);
    return name;
  };
  const writerFactory = new PrismaPg(single, { statementNameGenerator });
  const followerFactory = new PrismaPg(single, { statementNameGenerator });
  try {
    const guard = await guardFactory.connect();
    const { rows } = await guard.queryRaw({ sql: "SELECT pg_try_advisory_lock(1280263237)", args: [], argTypes: [] });
    if (rows[0]?.[0] !== true) {
      await guard.dispose();
      throw new StoreError("locked", "Another coordinator uses this database; stop it first.");
    }
    await migrate(guard);
    const client = lazyClient(() => ({ adapter: new PrismaPg({ connectionString: url }) }));
    const [writer, follower] = [await writerFactory.connect(), await followerFactory.connect()];
    await writer.executeScript("SET plan_cache_mode = force_generic_plan");
    await follower.executeScript("SET plan_cache_mode = force_generic_plan; SET synchronous_commit = off");
    return {
      prisma: client.open,
      query: asker(guard),
      execute: executor(writer),
      follow: executor(follower),
      close: async () => {
        await client.close();
        await writer.dispose();
        await follower.dispose();
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
export async function openEmbedded(
  folder: string,
  warn: (message: string) => void,
  template = empty,
): Promise<Database> {
  if (!existsSync(folder) && existsSync(template)) copyEmpty(template, folder, warn);
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

/** Whole or not at all: without a copy one is made from nothing. */
function copyEmpty(template: string, folder: string, warn: (message: string) => void): void {
  const half = `${folder}.half`;
  rmSync(half, { recursive: true, force: true });
  try {
    mkdirSync(half, { recursive: true, mode: 0o700 });
    const { ino } = statSync(template);
    cpSync(template, half, { recursive: true });
    if (statSync(template).ino !== ino) throw new Error("it was made anew meanwhile");
    chmodSync(half, 0o700);
    renameSync(half, folder);
  } catch (cause) {
    warn(`the empty database in ${template} cannot be copied (${String(cause)}); one is made from nothing`);
    rmSync(half, { recursive: true, force: true });
  }
}

/** Opens the embedded database in a folder, or makes it there, and brings its schema up to date. */
export async function openPGlite(folder: string): Promise<Database> {
  const [{ PGlite }, { PrismaPGlite }] = await Promise.all([
    import("@electric-sql/pglite"),
    import("pglite-prisma-adapter"),
  ]);
  const pglite = await PGlite.create({ dataDir: folder, relaxedDurability: true });
  const factory = new PrismaPGlite(pglite);
  const connection = await factory.connect();
  try {
    await migrate({
      executeRaw: (query) => connection.executeRaw(query),
      queryRaw: (query) => connection.queryRaw(query),
      // The adapter's own neither waits for a script nor tells its errors, and a database closed under one never comes to rest.
      executeScript: async (script) => {
        await pglite.exec(script);
      },
      dispose: () => connection.dispose(),
    });
  } catch (cause) {
    await pglite.close();
    throw cause;
  }
  const client = lazyClient(() => ({ adapter: factory }));
  return {
    prisma: client.open,
    query: asker(connection),
    execute: executor(connection),
    follow: executor(connection),
    close: async () => {
      await client.close();
      if (!pglite.closed) await pglite.close();
    },
  };
}

/** Prisma's client, made when it is first asked for. */
function lazyClient(options: () => ConstructorParameters<typeof PrismaClient>[0]): {
  readonly open: () => Promise<PrismaClient>;
  readonly close: () => Promise<void>;
} {
  let client: Promise<PrismaClient> | undefined;
  return {
    open: () =>
      (client ??= import("../../../../prisma/generated/client.ts").then(
        (generated) => new generated.PrismaClient(options()),
      )),
    close: async () => (await client)?.$disconnect(),
  };
}

function asker(connection: Pick<SqlRunner, "queryRaw">): Database["query"] {
  return async (sql, args) => {
    const { rows } = await connection.queryRaw({ sql, args: [...args], argTypes: args.map(() => textType) });
    return rows as (string | null)[][];
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
