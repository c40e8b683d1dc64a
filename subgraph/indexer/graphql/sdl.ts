import type { columnTypes } from "../rows.ts";
import type { EntityModel, EntityType, Field } from "../entity-model.ts";
import { endingsOf } from "./filters.ts";
import { plural, singular } from "./names.ts";

/** Most entities that one list gives. */
export const MAXIMUM_FIRST = 1_000;
/** Most entities that one list passes over. */
export const MAXIMUM_SKIP = 5_000;

const base = `
"A whole number of any size, in decimal digits."
scalar BigInt
"A decimal number of any size."
scalar BigDecimal
"Bytes in hexadecimal digits, with 0x."
scalar Bytes
"A whole number of 64 bits, in decimal digits."
scalar Int8
"Microseconds since the Unix epoch, in decimal digits."
scalar Timestamp

"In which order a list comes."
enum OrderDirection { asc desc }

"At which block a query looks; the last one that is indexed when nothing is given."
input Block_height {
  "By its hash."
  hash: Bytes
  "By its number."
  number: Int
  "The last one, which must not be before this number."
  number_gte: Int
}

"When an entity changed last."
input BlockChangedFilter {
  "Not before this block."
  number_gte: Int!
}

"A block that is indexed."
type _Block_ {
  "Its hash; null for a block of the past that nothing happened in."
  hash: Bytes
  "Its number."
  number: Int!
  "Unix seconds; null where the hash is."
  timestamp: Int
  "Hash of the block before; null where the hash is."
  parentHash: Bytes
}

"About the index itself."
type _Meta_ {
  "The block that the query looks at."
  block: _Block_!
  "What the index is of: changes with the chain, the contracts, the schema and the mappings."
  deployment: String!
  "Whether a mapping failed, so that the index stands still."
  hasIndexingErrors: Boolean!
}
`;

/** The schema that clients see, in The Graph's shape. */
export function renderSdl(model: EntityModel): string {
  const enums = model.enums.map(
    ({ name, description, values }) =>
      `${quote(description)}\nenum ${name} {\n${values.map((value) => `${quote(value.description)}\n${value.name}\n`).join("")}}`,
  );
  const entities = [...model.entities.values()];
  const queries = entities.map(
    ({ name, description }) => `
  ${quote(description)}
  ${singular(name)}(id: ID!, block: Block_height): ${name}
  ${quote(description)}
  ${plural(name)}${listArguments(name, true)}: [${name}!]!`,
  );
  return [
    base,
    ...enums,
    ...entities.flatMap((entity) => [renderType(model, entity), renderFilter(entity), renderOrder(entity)]),
    `type Query {\n"About the index itself."\n_meta(block: Block_height): _Meta_\n${queries.join("\n")}\n}`,
  ].join("\n\n");
}

function listArguments(entity: string, isRoot: boolean): string {
  const block = isRoot ? ", block: Block_height" : "";
  return `(skip: Int = 0, first: Int = 100, orderBy: ${entity}_orderBy, orderDirection: OrderDirection, where: ${entity}_filter${block})`;
}

function renderType(model: EntityModel, entity: EntityType): string {
  const fields = entity.fields.map((field) => {
    const list = field.derivedFrom === undefined ? "" : listArguments(field.type, false);
    return `${quote(field.description)}\n${field.name}${list}: ${typeOf(field)}`;
  });
  return `${quote(entity.description)}\ntype ${entity.name} {\n${fields.join("\n")}\n}`;
}

function typeOf(field: Field): string {
  if (field.derivedFrom !== undefined) return `[${field.type}!]!`;
  const inner = field.isList ? `[${field.type}!]` : field.type;
  return field.isRequired ? `${inner}!` : inner;
}

function renderFilter(entity: EntityType): string {
  const lines = entity.fields.flatMap((field) => {
    const filters: string[] = [];
    if (field.derivedFrom === undefined) {
      // References are filtered by id, as text.
      const type = field.refersTo === "entity" ? "String" : field.type;
      for (const [ending, shape] of endingsOf(field)) {
        filters.push(`${field.name}${ending}: ${shape === "list" ? `[${type}!]` : type}`);
      }
    }
    if (field.refersTo === "entity") filters.push(`${field.name}_: ${field.type}_filter`);
    return filters;
  });
  const name = `${entity.name}_filter`;
  return `input ${name} {\n${lines.join("\n")}\n_change_block: BlockChangedFilter\nand: [${name}]\nor: [${name}]\n}`;
}

function renderOrder(entity: EntityType): string {
  const names = entity.kept.filter(({ isList }) => !isList).map(({ name }) => name);
  return `enum ${entity.name}_orderBy {\n${names.join("\n")}\n}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** Scalars that are strings on the wire, with what they are kept as. */
export const wireScalars = [
  "BigInt",
  "BigDecimal",
  "Bytes",
  "Int8",
  "Timestamp",
] as const satisfies readonly (keyof typeof columnTypes)[];
