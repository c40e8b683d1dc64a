import { SchemaError } from "../errors.ts";
import { below, type JsonObject } from "./document.ts";

/** Keywords that say nothing about which values fit. */
const annotations = [
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "$comment",
  "$defs",
  "definitions",
];
/** Annotations of a whole document. */
const rootOnly = ["$schema", "$id"];

/** Keywords that stand alone beside annotations, because the machine cannot intersect. */
const alone = ["$ref", "anyOf", "oneOf", "allOf", "enum", "const"] as const;
export type Alone = (typeof alone)[number];

const byType: Readonly<Record<string, readonly string[]>> = {
  string: ["minLength", "maxLength", "pattern", "format"],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  array: ["items", "minItems", "maxItems", "uniqueItems"],
  object: ["properties", "required", "additionalProperties", "propertyNames"],
  boolean: [],
  null: [],
};
const typed = new Set(Object.values(byType).flat());

export const typeNames: readonly string[] = Object.keys(byType);

/** The one keyword that says what fits, or undefined where `type` does. Throws SchemaError for what is not supported. */
export function mainKeyword(schema: JsonObject, path: string): Alone | undefined {
  const said = Object.keys(schema).filter(
    (name) => !annotations.includes(name) && !(path === "" && rootOnly.includes(name)),
  );
  for (const name of said) {
    const isKnown = name === "type" || typed.has(name) || alone.some((other) => other === name);
    if (!isKnown) throw new SchemaError("schema-unsupported", below(path, name), "this keyword is not supported");
  }
  const main = alone.find((name) => said.includes(name));
  // Values of an enum can be sorted out by their type; everything else would be an intersection.
  const mayStand = main === "enum" || main === "const" ? [main, "type"] : [main];
  const second = said.find((name) => !mayStand.some((other) => other === name));
  if (main !== undefined && second !== undefined) {
    throw new SchemaError("schema-unsupported", below(path, second), `it cannot stand beside ${main}`);
  }
  return main;
}

/** The types that a schema names. Throws SchemaError, also for a schema that says things about a type it does not name. */
export function typesOf(schema: JsonObject, path: string): readonly string[] {
  const { type } = schema;
  if (type === undefined) {
    const name = Object.keys(schema).find((keyword) => typed.has(keyword));
    if (name === undefined) return [];
    throw new SchemaError("schema-unsupported", path, `it has ${name} but names no type`);
  }
  const types: unknown[] = Array.isArray(type) ? type : [type];
  const isList = types.length > 0 && types.every((name) => typeof name === "string" && typeNames.includes(name));
  if (!isList) throw new SchemaError("schema-invalid", below(path, "type"), "it is no type of JSON");
  return types as string[];
}
