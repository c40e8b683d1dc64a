import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { PGlite, type Transaction } from "@electric-sql/pglite";
import type { Hex } from "viem";
import type { EntityData } from "../host/store-values.ts";
import type { EntityModel, EntityType } from "./entity-model.ts";
import { columnsOf, columnTypes, fromRow, quoted, toRow, type Row } from "./rows.ts";

/** A block that the index has reached. */
export interface BlockRef {
  readonly number: bigint;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Unix seconds. */
  readonly timestamp: bigint;
}

/** One change of an entity; without data it is removed. */
export interface Change {
  readonly entity: string;
  readonly id: string;
  readonly block: bigint;
  readonly data: EntityData | undefined;
}

/** Blocks by which the place where a chain forked is found; older ones are forgotten. */
const BLOCKS_KEPT = 2_000n;

/**
 * The embedded database. Each entity has a table, each of its versions a row with the blocks that it holds for, as in
 * graph-node: a fork of the chain takes versions back, and queries can ask for the state at a past block.
 */
export class Database {
  readonly #db: PGlite;
  readonly model: EntityModel;

  private constructor(db: PGlite, model: EntityModel) {
    this.#db = db;
    this.model = model;
  }

  /**
   * Opens the database in a folder. One that was made for something else, or cannot be opened, is made anew: all that it
   * holds follows from the chain.
   * @param folder in memory when undefined
   * @param purpose what the index is of: chain, addresses, schema and mappings
   */
  static async open(folder: string | undefined, model: EntityModel, purpose: string): Promise<Database> {
    if (folder !== undefined) mkdirSync(dirname(folder), { recursive: true });
    const isThere = folder !== undefined && existsSync(folder);
    let database = new Database(await openOrRemake(folder), model);
    if (isThere && (await database.#purpose()) !== purpose) {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
      database = new Database(await start(folder), model);
    }
    await database.#create(purpose);
    return database;
  }

  /** The last block that is in the index whole. */
  async head(): Promise<BlockRef | undefined> {
    const { rows } = await this.#db.query<StoredBlock>(`SELECT * FROM _blocks ORDER BY number DESC LIMIT 1`);
    return rows[0] === undefined ? undefined : toBlockRef(rows[0]);
  }

  /** Known blocks below a number, the highest first. */
  async blocksBelow(number: bigint, limit: number): Promise<BlockRef[]> {
    const { rows } = await this.#db.query<StoredBlock>(
      `SELECT * FROM _blocks WHERE number < $1 ORDER BY number DESC LIMIT $2`,
      [number.toString(), limit],
    );
    return rows.map(toBlockRef);
  }

  /** A known block by number or hash. */
  async block(by: { number: bigint } | { hash: string }): Promise<BlockRef | undefined> {
    const [column, value] = "hash" in by ? ["hash", by.hash] : ["number", by.number.toString()];
    const { rows } = await this.#db.query<StoredBlock>(`SELECT * FROM _blocks WHERE ${column} = $1`, [value]);
    return rows[0] === undefined ? undefined : toBlockRef(rows[0]);
  }

  /** The present version of an entity. */
  async load(entity: EntityType, id: string): Promise<EntityData | undefined> {
    const { rows } = await this.#db.query<Row>(
      `SELECT ${columnsOf(entity)} FROM ${quoted(entity.name)} t WHERE t.id = $1 AND t._to IS NULL`,
      [id],
    );
    return rows[0] === undefined ? undefined : fromRow(entity, rows[0]);
  }

  /** Writes what blocks changed, and that the index reaches the last of them; all of it or nothing. */
  async write(changes: readonly Change[], blocks: readonly BlockRef[]): Promise<void> {
    const byEntity = Map.groupBy(changes, ({ entity }) => entity);
    await this.#db.transaction(async (tx) => {
      for (const [name, ofEntity] of byEntity) {
        const entity = this.model.entities.get(name);
        if (entity !== undefined) await writeVersions(tx, entity, ofEntity);
      }
      await tx.query(
        `INSERT INTO _blocks SELECT * FROM jsonb_populate_recordset(null::_blocks, $1::jsonb)
         ON CONFLICT (number) DO UPDATE SET hash = excluded.hash`,
        [JSON.stringify(blocks.map(toStoredBlock))],
      );
      const last = blocks.at(-1);
      if (last !== undefined) {
        await tx.query(`DELETE FROM _blocks WHERE number < $1`, [(last.number - BLOCKS_KEPT).toString()]);
      }
    });
  }

  /** Takes back everything after a block; everything at all when there is none. */
  async revertTo(block: BlockRef | undefined): Promise<void> {
    const number = (block?.number ?? -1n).toString();
    await this.#db.transaction(async (tx) => {
      for (const { name } of this.model.entities.values()) {
        await tx.query(`DELETE FROM ${quoted(name)} WHERE _from > $1`, [number]);
        await tx.query(`UPDATE ${quoted(name)} SET _to = NULL WHERE _to > $1`, [number]);
      }
      await tx.query(`DELETE FROM _blocks WHERE number > $1`, [number]);
    });
  }

  /** Reads rows for a query of somebody's; the text is made by us, the values are theirs. */
  async select(sql: string, values: readonly unknown[]): Promise<Row[]> {
    return (await this.#db.query<Row>(sql, [...values])).rows;
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  async #purpose(): Promise<string | undefined> {
    try {
      const { rows } = await this.#db.query<{ purpose: string }>(`SELECT purpose FROM _index`);
      return rows[0]?.purpose;
    } catch {
      // A start that was killed may have left an empty database.
      return undefined;
    }
  }

  async #create(purpose: string): Promise<void> {
    const tables = [...this.model.entities.values()].map(createTable).join("\n");
    await this.#db.exec(`BEGIN;
      CREATE TABLE IF NOT EXISTS _index (purpose text PRIMARY KEY);
      CREATE TABLE IF NOT EXISTS _blocks (
        number bigint PRIMARY KEY, hash text NOT NULL, parent text NOT NULL, timestamp bigint NOT NULL);
      ${tables}
      COMMIT;`);
    await this.#db.query(`INSERT INTO _index VALUES ($1) ON CONFLICT DO NOTHING`, [purpose]);
  }
}

interface StoredBlock {
  readonly number: number | bigint;
  readonly hash: string;
  readonly parent: string;
  readonly timestamp: number | bigint;
}

function toBlockRef({ number, hash, parent, timestamp }: StoredBlock): BlockRef {
  return { number: BigInt(number), hash: hash as Hex, parentHash: parent as Hex, timestamp: BigInt(timestamp) };
}

function toStoredBlock({ number, hash, parentHash, timestamp }: BlockRef): Row {
  return { number: number.toString(), hash, parent: parentHash, timestamp: timestamp.toString() };
}

async function openOrRemake(folder: string | undefined): Promise<PGlite> {
  try {
    return await start(folder);
  } catch (error) {
    if (folder === undefined || !existsSync(folder)) throw error;
    rmSync(folder, { recursive: true, force: true });
    return start(folder);
  }
}

function start(folder: string | undefined): Promise<PGlite> {
  // What a crash of the machine would lose is read from the chain again.
  return PGlite.create({ ...(folder !== undefined && { dataDir: folder }), relaxedDurability: true });
}

function createTable(entity: EntityType): string {
  const columns = entity.kept.map(
    ({ name, scalar, isList, isRequired }) =>
      `${quoted(name)} ${columnTypes[scalar]}${isList ? "[]" : ""}${isRequired ? " NOT NULL" : ""}`,
  );
  const table = quoted(entity.name);
  const references = entity.kept.filter(({ refersTo }) => refersTo === "entity");
  const indexes = references.map(
    ({ name }) => `CREATE INDEX IF NOT EXISTS ${quoted(`${entity.name}.${name}`)} ON ${table} (${quoted(name)});`,
  );
  return `CREATE TABLE IF NOT EXISTS ${table} (${columns.join(", ")}, _from bigint NOT NULL, _to bigint, PRIMARY KEY (id, _from));
    CREATE INDEX IF NOT EXISTS ${quoted(`${entity.name}._from`)} ON ${table} (_from);
    ${indexes.join("\n")}`;
}

/** Ends the versions that are stored, and adds the new ones; within the batch each ends where the next begins. */
async function writeVersions(tx: Transaction, entity: EntityType, changes: readonly Change[]): Promise<void> {
  const table = quoted(entity.name);
  const byId = Map.groupBy(changes, ({ id }) => id);
  const ends: Row[] = [];
  const versions: Row[] = [];
  for (const [id, ofId] of byId) {
    if (!entity.isImmutable) ends.push({ id, at: ofId[0]?.block.toString() });
    for (const [index, { block, data }] of ofId.entries()) {
      if (data === undefined) continue;
      const next = ofId[index + 1]?.block.toString() ?? null;
      versions.push({ ...toRow(entity, data), _from: block.toString(), _to: next });
    }
  }
  if (ends.length > 0) {
    await tx.query(
      `UPDATE ${table} t SET _to = e.at FROM jsonb_to_recordset($1::jsonb) AS e(id text, at bigint)
       WHERE t.id::text = e.id AND t._to IS NULL`,
      [JSON.stringify(ends)],
    );
  }
  await tx.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(null::${table}, $1::jsonb)`, [
    JSON.stringify(versions),
  ]);
}
