import { GraphQLScalarType, Kind } from "graphql/index.js";
import type { IResolvers, MercuriusLoaders } from "mercurius";
import type { BlockRef, Database } from "../database.ts";
import type { EntityType } from "../entity-model.ts";
import { plural, singular } from "./names.ts";
import { QueryError } from "./query-error.ts";
import { readList, readMany, type Found, type ListArguments } from "./read.ts";
import { wireScalars } from "./sdl.ts";

/** What a running index tells of itself. */
export interface IndexState {
  readonly head: BlockRef | undefined;
  readonly deployment: string;
  readonly hasFailed: boolean;
}

interface BlockHeight {
  readonly hash?: string | null;
  readonly number?: number | null;
  readonly number_gte?: number | null;
}

interface RootArguments extends ListArguments {
  readonly id: string;
  readonly block?: BlockHeight | null;
}

export function makeResolvers(database: Database, state: () => IndexState): IResolvers {
  const query: Record<string, unknown> = {
    _meta: async (_: unknown, { block }: { block?: BlockHeight | null }) => {
      const { deployment, hasFailed } = state();
      const number = await blockOf(database, state(), block);
      const known = await database.block({ number });
      return {
        deployment,
        hasIndexingErrors: hasFailed,
        block: {
          number: Number(number),
          hash: known?.hash ?? null,
          parentHash: known?.parentHash ?? null,
          timestamp: known === undefined ? null : Number(known.timestamp),
        },
      };
    },
  };
  for (const entity of database.model.entities.values()) {
    query[singular(entity.name)] = async (_: unknown, { id, block }: RootArguments) => {
      const at = await blockOf(database, state(), block);
      return (await readMany(database, entity, [idOf(entity, id)], at))[0];
    };
    query[plural(entity.name)] = async (_: unknown, given: RootArguments) =>
      readList(database, entity, given, await blockOf(database, state(), given.block));
  }
  return { Query: query, ...Object.fromEntries(wireScalars.map((name) => [name, wireScalar(name)])) } as IResolvers;
}

/** Fields that refer to other entities: all of one field's at once. */
export function makeLoaders(database: Database): MercuriusLoaders {
  const loaders: Record<string, Record<string, unknown>> = {};
  for (const entity of database.model.entities.values()) {
    for (const field of entity.fields) {
      const other = database.model.entities.get(field.type);
      if (field.refersTo !== "entity" || other === undefined) continue;
      const ofEntity = (loaders[entity.name] ??= {});
      const from = field.derivedFrom;
      ofEntity[field.name] =
        from === undefined
          ? (queries: readonly LoaderQuery[]) => loadReferred(database, other, field.name, queries)
          : (queries: readonly LoaderQuery[]) =>
              Promise.all(queries.map(({ obj, params }) => loadDerived(database, other, from, obj, params)));
    }
  }
  return loaders as unknown as MercuriusLoaders;
}

interface LoaderQuery {
  readonly obj: Found;
  readonly params: ListArguments;
}

async function loadReferred(
  database: Database,
  other: EntityType,
  field: string,
  queries: readonly LoaderQuery[],
): Promise<(Found | null)[]> {
  // Within one query all entities are of one block for each field of the root.
  const found = new Map<bigint, Map<string, Found | null>>();
  for (const [block, ofBlock] of Map.groupBy(queries, ({ obj }) => obj._block)) {
    const ids = ofBlock.flatMap(({ obj }) => (typeof obj[field] === "string" ? [obj[field]] : []));
    const entities = await readMany(database, other, ids, block);
    found.set(block, new Map(ids.map((id, index) => [id, entities[index] ?? null])));
  }
  return queries.map(({ obj }) => found.get(obj._block)?.get(String(obj[field])) ?? null);
}

function loadDerived(
  database: Database,
  other: EntityType,
  from: string,
  obj: Found,
  params: ListArguments,
): Promise<Found[]> {
  const own = { [from]: obj["id"] };
  const where = params.where === undefined || params.where === null ? own : { and: [own, params.where] };
  return readList(database, other, { ...params, where }, obj._block);
}

/** The number of the block that a query looks at. */
async function blockOf(
  database: Database,
  { head }: IndexState,
  wanted: BlockHeight | null | undefined,
): Promise<bigint> {
  if (head === undefined) throw new QueryError("Nothing is indexed yet; ask again in a moment.");
  const { hash, number, number_gte: atLeast } = wanted ?? {};
  if (hash !== undefined && hash !== null) {
    const block = await database.block({ hash: hash.toLowerCase() });
    if (block === undefined) throw new QueryError(`No block with the hash ${hash} is known to the index.`);
    return block.number;
  }
  const needed = number ?? atLeast ?? 0;
  if (BigInt(needed) > head.number) {
    throw new QueryError(`The index has reached block ${head.number}; block ${needed} is not there yet.`);
  }
  return number === undefined || number === null ? head.number : BigInt(number);
}

function idOf(entity: EntityType, id: string): string {
  const field = entity.fields.find(({ name }) => name === "id");
  return field?.scalar === "Bytes" ? id.toLowerCase() : id;
}

/** Text on the wire; whole numbers are taken as well where a query writes them without quotes. */
function wireScalar(name: (typeof wireScalars)[number]): GraphQLScalarType {
  const shape = { Bytes: /^(0x)?([0-9a-fA-F]{2})*$/, BigDecimal: /^-?\d+(\.\d+)?$/ }[name as string] ?? /^-?\d+$/;
  const check = (value: unknown): string => {
    const text = typeof value === "number" || typeof value === "bigint" ? value.toString() : value;
    if (typeof text !== "string" || !shape.test(text)) throw new QueryError(`${String(value)} is no ${name}.`);
    return text;
  };
  return new GraphQLScalarType({
    name,
    serialize: String,
    parseValue: check,
    parseLiteral: (node) =>
      check(node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT ? node.value : null),
  });
}
