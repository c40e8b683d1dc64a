import type { EntityModel, EntityType, Field } from "../entity-model.ts";
import { columnTypes, quoted } from "../rows.ts";

/** Comparisons of a field, by the ending of the filter's name. */
const comparisons = { "": "=", _not: "<>", _gt: ">", _lt: "<", _gte: ">=", _lte: "<=" } as const;
const patterns = {
  _contains: ["LIKE", "%", "%"],
  _contains_nocase: ["ILIKE", "%", "%"],
  _not_contains: ["NOT LIKE", "%", "%"],
  _not_contains_nocase: ["NOT ILIKE", "%", "%"],
  _starts_with: ["LIKE", "", "%"],
  _starts_with_nocase: ["ILIKE", "", "%"],
  _not_starts_with: ["NOT LIKE", "", "%"],
  _not_starts_with_nocase: ["NOT ILIKE", "", "%"],
  _ends_with: ["LIKE", "%", ""],
  _ends_with_nocase: ["ILIKE", "%", ""],
  _not_ends_with: ["NOT LIKE", "%", ""],
  _not_ends_with_nocase: ["NOT ILIKE", "%", ""],
} as const;

type Shape = "one" | "list";

/** The endings that a field's filters have, and whether each takes one value or a list. */
export function endingsOf(field: Field): ReadonlyMap<string, Shape> {
  if (field.isList) {
    return new Map(["", "_not", "_contains", "_not_contains"].map((ending) => [ending, "list"]));
  }
  const order = field.scalar === "Boolean" || field.refersTo === "enum" ? ["", "_not"] : Object.keys(comparisons);
  const endings: [string, Shape][] = order.map((ending) => [ending, "one"]);
  endings.push(["_in", "list"], ["_not_in", "list"]);
  if (field.scalar === "Bytes") endings.push(["_contains", "one"], ["_not_contains", "one"]);
  if ((field.scalar === "String" && field.refersTo !== "enum") || field.refersTo === "entity") {
    endings.push(...Object.keys(patterns).map((ending): [string, Shape] => [ending, "one"]));
  }
  return new Map(endings);
}

/** Collects values of a statement and names their places. */
export class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

export type Filter = Readonly<Record<string, unknown>>;

/** Rows of an alias that hold at a block. */
export function atBlock(alias: string, block: bigint, values: Values): string {
  const number = `${values.add(block.toString())}::bigint`;
  return `${alias}._from <= ${number} AND (${alias}._to IS NULL OR ${alias}._to > ${number})`;
}

/**
 * The condition of a `where` argument. Names come from the schema, values are handed over apart.
 * @param alias of the entity's table in the statement
 */
export function condition(
  model: EntityModel,
  entity: EntityType,
  filter: Filter,
  alias: string,
  block: bigint,
  values: Values,
): string {
  const nested = (each: Filter): string => condition(model, entity, each, alias, block, values);
  const parts = Object.entries(filter).map(([name, value]) => {
    if (name === "and" || name === "or") {
      const all = (value as Filter[] | null) ?? [];
      if (all.length === 0) return "true";
      return `(${all.map(nested).join(name === "and" ? " AND " : " OR ")})`;
    }
    if (name === "_change_block") {
      return `${alias}._from >= ${values.add(String((value as { number_gte: number }).number_gte))}::bigint`;
    }
    const { field, ending } = find(entity, name);
    if (ending === "_") return related(model, field, value as Filter, alias, block, values);
    return compare(field, ending, value, `${alias}.${quoted(field.name)}`, values);
  });
  return parts.length === 0 ? "true" : `(${parts.join(" AND ")})`;
}

/** Field names may hold underscores themselves: the longest that is one wins. */
function find(entity: EntityType, name: string): { field: Field; ending: string } {
  const field = entity.fields
    .filter((each) => name.startsWith(each.name))
    .sort((a, b) => b.name.length - a.name.length)
    .find((each) => {
      const ending = name.slice(each.name.length);
      return ending === "_" ? each.refersTo === "entity" : endingsOf(each).has(ending);
    });
  // Validation against the schema comes before.
  if (field === undefined) throw new Error(`${entity.name} has no filter ${name}`);
  return { field, ending: name.slice(field.name.length) };
}

/** That some entity on the other side of a reference satisfies a filter of its own. */
function related(
  model: EntityModel,
  field: Field,
  filter: Filter,
  alias: string,
  block: bigint,
  values: Values,
): string {
  const other = model.entities.get(field.type);
  if (other === undefined) throw new Error(`${field.type} is no entity`);
  const inner = `${alias}x`;
  const link =
    field.derivedFrom === undefined
      ? `${inner}.id = ${alias}.${quoted(field.name)}`
      : `${inner}.${quoted(field.derivedFrom)} = ${alias}.id`;
  return `EXISTS (SELECT 1 FROM ${quoted(other.name)} ${inner} WHERE ${link} AND ${atBlock(inner, block, values)} AND ${condition(model, other, filter, inner, block, values)})`;
}

function compare(field: Field, ending: string, value: unknown, column: string, values: Values): string {
  const type = columnTypes[field.scalar];
  if (field.isList) {
    const list = `${values.add(asList(field, value))}::text[]::${type}[]`;
    if (ending === "_contains") return `${column} @> ${list}`;
    if (ending === "_not_contains") return `NOT (${column} @> ${list})`;
    return `${column} ${ending === "" ? "=" : "<>"} ${list}`;
  }
  if (ending === "_in" || ending === "_not_in") {
    const list = `${values.add(asList(field, value))}::text[]::${type}[]`;
    return ending === "_in" ? `${column} = ANY(${list})` : `NOT (${column} = ANY(${list}))`;
  }
  const pattern = patterns[ending as keyof typeof patterns] as (typeof patterns)[keyof typeof patterns] | undefined;
  if (pattern !== undefined) {
    const [operator, before, after] = pattern;
    // A part of some bytes stands anywhere in them.
    const part = field.scalar === "Bytes" ? String(value).toLowerCase().replace(/^0x/, "") : String(value);
    return `${column} ${operator} ${values.add(`${before}${escape(part)}${after}`)}`;
  }
  if (value === null) return `${column} IS ${ending === "_not" ? "NOT " : ""}NULL`;
  const operator = comparisons[ending as keyof typeof comparisons];
  // Everything is handed over as text, and read as what it is by the database.
  const place = `${values.add(plainOf(field, value))}::text::${type}`;
  // What has no value differs from every value.
  return ending === "_not" ? `${column} IS DISTINCT FROM ${place}` : `${column} ${operator} ${place}`;
}

function asList(field: Field, value: unknown): unknown[] {
  return ((value as unknown[] | null) ?? []).map((each) => plainOf(field, each));
}

/** Bytes are kept in lower case. */
function plainOf(field: Field, value: unknown): string {
  const text = String(value);
  if (field.scalar !== "Bytes") return text;
  const lower = text.toLowerCase();
  return lower.startsWith("0x") ? lower : `0x${lower}`;
}

function escape(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
