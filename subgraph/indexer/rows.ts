import type { EntityData, StoreValue } from "../host/store-values.ts";
import type { EntityType, Field } from "./entity-model.ts";

/** A stored version of an entity: its columns as JSON. Numbers beyond 32 bits are decimal text. */
export type Row = Readonly<Record<string, unknown>>;

export const columnTypes: Readonly<Record<Field["scalar"], string>> = {
  ID: "text",
  String: "text",
  Bytes: "text",
  Int: "integer",
  Int8: "bigint",
  BigInt: "numeric",
  BigDecimal: "numeric",
  Boolean: "boolean",
  Timestamp: "bigint",
};

/** The kinds that come out of the database as text, so that no digit is lost. */
const textual = new Set<Field["scalar"]>(["Int8", "BigInt", "BigDecimal", "Timestamp"]);

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The kept columns of an entity for a SELECT. */
export function columnsOf(entity: EntityType, alias = "t"): string {
  return entity.kept
    .map((field) => {
      const column = `${alias}.${quoted(field.name)}`;
      if (!textual.has(field.scalar)) return column;
      return `${column}::text${field.isList ? "[]" : ""} AS ${quoted(field.name)}`;
    })
    .join(", ");
}

export function toRow(entity: EntityType, data: EntityData): Record<string, unknown> {
  return Object.fromEntries(entity.kept.map(({ name }) => [name, plain(data.get(name))]));
}

function plain(value: StoreValue | undefined): unknown {
  if (value === undefined) return null;
  if (value.kind === "Array") return value.value.map(plain);
  return typeof value.value === "bigint" ? value.value.toString() : value.value;
}

/** An entity as mappings see it; fields without a value are not there. */
export function fromRow(entity: EntityType, row: Row): EntityData {
  return new Map(
    entity.kept.flatMap((field) => {
      const value = row[field.name];
      if (value === null || value === undefined) return [];
      const one = (each: unknown): StoreValue => tagged(field, each);
      return [[field.name, field.isList ? { kind: "Array", value: (value as unknown[]).map(one) } : one(value)]];
    }),
  );
}

function tagged({ scalar }: Field, value: unknown): StoreValue {
  switch (scalar) {
    case "ID":
    case "String":
      return { kind: "String", value: value as string };
    case "Bytes":
      return { kind: "Bytes", value: value as `0x${string}` };
    case "Int":
      return { kind: "Int", value: value as number };
    case "Boolean":
      return { kind: "Boolean", value: value as boolean };
    case "BigDecimal":
      return { kind: "BigDecimal", value: value as string };
    case "Int8":
    case "BigInt":
    case "Timestamp":
      return { kind: scalar, value: BigInt(value as string) };
  }
}
