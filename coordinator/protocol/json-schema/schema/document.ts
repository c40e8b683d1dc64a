import { SchemaError } from "../errors.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** A subschema and where it stands. */
export interface Place {
  readonly path: string;
  readonly value: unknown;
}

/** Reads a schema's text. Throws SchemaError. */
export function parseDocument(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new SchemaError("schema-invalid", "", "it is not JSON");
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const below = (path: string, ...names: (string | number)[]): string =>
  [path, ...names.map((name) => String(name).replaceAll("~", "~0").replaceAll("/", "~1"))].join("/");

/** Follows a reference into the same document: `#` or `#/...`. */
export function resolveReference(document: unknown, reference: unknown, path: string): Place {
  if (typeof reference !== "string") throw new SchemaError("schema-invalid", path, "$ref is not a text");
  const fragment = /^#(\/.*)?$/s.exec(reference);
  if (fragment === null) {
    throw new SchemaError("schema-unsupported", path, "$ref leads out of the schema; only #/... is supported");
  }
  const names = (fragment[1] ?? "").split("/").slice(1);
  let value = document;
  for (const name of names.map((escaped) => decode(escaped, path))) {
    const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    if (!isThere) throw new SchemaError("schema-invalid", path, `$ref leads nowhere`);
    value = (value as JsonObject)[name];
  }
  return { path: below("", ...names.map((escaped) => decode(escaped, path))), value };
}

function decode(escaped: string, path: string): string {
  try {
    return decodeURIComponent(escaped).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    throw new SchemaError("schema-invalid", path, "$ref is badly escaped");
  }
}
