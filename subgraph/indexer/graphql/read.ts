import type { Database } from "../database.ts";
import type { EntityType } from "../entity-model.ts";
import { columnsOf, quoted, type Row } from "../rows.ts";
import { atBlock, condition, Values, type Filter } from "./filters.ts";
import { MAXIMUM_FIRST, MAXIMUM_SKIP } from "./sdl.ts";
import { QueryError } from "./query-error.ts";

export interface ListArguments {
  readonly first?: number | null;
  readonly skip?: number | null;
  readonly orderBy?: string | null;
  readonly orderDirection?: "asc" | "desc" | null;
  readonly where?: Filter | null;
}

/** An entity at a block; the block goes along to what it refers to. */
export type Found = Row & { readonly _block: bigint };

/** One page of a list, as `first`, `skip`, `orderBy` and `where` say. Equal places come in the order of ids. */
export async function readList(
  database: Database,
  entity: EntityType,
  { first, skip, orderBy, orderDirection, where }: ListArguments,
  block: bigint,
): Promise<Found[]> {
  const limit = first ?? 100;
  const offset = skip ?? 0;
  if (limit < 0 || limit > MAXIMUM_FIRST) throw new QueryError(`"first" must be between 0 and ${MAXIMUM_FIRST}.`);
  if (offset < 0 || offset > MAXIMUM_SKIP) throw new QueryError(`"skip" must be between 0 and ${MAXIMUM_SKIP}.`);
  const values = new Values();
  const condition_ = `${atBlock("t", block, values)} AND ${condition(database.model, entity, where ?? {}, "t", block, values)}`;
  const direction = orderDirection === "desc" ? "DESC" : "ASC";
  const order = `${orderBy === null || orderBy === undefined ? "" : `t.${quoted(orderBy)} ${direction}, `}t.id ${direction}`;
  const sql = `SELECT ${columnsOf(entity)} FROM ${quoted(entity.name)} t WHERE ${condition_} ORDER BY ${order} LIMIT ${values.add(limit)} OFFSET ${values.add(offset)}`;
  return (await select(database, sql, values)).map((row) => ({ ...row, _block: block }));
}

/** Entities by id at a block, in the order of the ids; null for those that are not there. */
export async function readMany(
  database: Database,
  entity: EntityType,
  ids: readonly string[],
  block: bigint,
): Promise<(Found | null)[]> {
  const values = new Values();
  const sql = `SELECT ${columnsOf(entity)} FROM ${quoted(entity.name)} t WHERE t.id::text = ANY(${values.add([...new Set(ids)])}::text[]) AND ${atBlock("t", block, values)}`;
  const rows = new Map((await select(database, sql, values)).map((row) => [String(row["id"]), row]));
  return ids.map((id) => {
    const row = rows.get(id);
    return row === undefined ? null : { ...row, _block: block };
  });
}

async function select(database: Database, sql: string, values: Values): Promise<Row[]> {
  try {
    return await database.select(sql, values.list);
  } catch (error) {
    // Class 22 is what somebody's values are not: a number, in range.
    if (/^22/.test(String((error as { code?: unknown }).code))) {
      throw new QueryError("A value of the filter is not of its field's type.");
    }
    // What went wrong in the database is ours to know.
    throw new QueryError("The query could not be answered.", { cause: error });
  }
}
