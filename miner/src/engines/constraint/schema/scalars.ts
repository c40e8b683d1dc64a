import { SchemaError } from "../errors.ts";
import type { Node } from "../grammar/nodes.ts";
import { constraintLimits } from "../limits.ts";
import { formats } from "../pattern/formats.ts";
import { PatternError } from "../pattern/parse.ts";
import { compilePattern, type Pattern } from "../pattern/pattern.ts";
import { below, type JsonObject } from "./document.ts";

/** A whole number at a keyword, or the fallback where there is none. */
export function countAt(schema: JsonObject, name: string, fallback: number, path: string): number {
  const value = schema[name];
  if (value === undefined) return fallback;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new SchemaError("schema-invalid", below(path, name), "it is not a whole number from 0");
  }
  if (value > constraintLimits.count) {
    throw new SchemaError("schema-too-large", below(path, name), `it is above ${constraintLimits.count}`);
  }
  return value;
}

/** Throws where nothing lies between the bounds. */
export function requireOrder(min: number, max: number, path: string): void {
  if (min > max) throw new SchemaError("schema-unsatisfiable", path, "its least is above its most");
}

export function stringNode(schema: JsonObject, path: string): Node {
  const min = countAt(schema, "minLength", 0, path);
  const max = countAt(schema, "maxLength", Infinity, path);
  requireOrder(min, max, path);
  const pattern = patternOf(schema, path);
  if (pattern !== undefined && (min > 0 || max < Infinity)) {
    throw new SchemaError("schema-unsupported", path, "a pattern or format cannot stand beside a length");
  }
  return { kind: "string", min, max, pattern };
}

function patternOf(schema: JsonObject, path: string): Pattern | undefined {
  const { pattern, format } = schema;
  if (pattern === undefined && format === undefined) return undefined;
  if (pattern !== undefined && format !== undefined) {
    throw new SchemaError("schema-unsupported", path, "a pattern cannot stand beside a format");
  }
  const isKnown = typeof format === "string" && Object.hasOwn(formats, format);
  if (format !== undefined && !isKnown) {
    throw new SchemaError("schema-unsupported", below(path, "format"), "this format is not supported");
  }
  const source = pattern ?? (isKnown ? formats[format] : undefined);
  if (typeof source !== "string") throw new SchemaError("schema-invalid", below(path, "pattern"), "it is not a text");
  try {
    return compilePattern(source);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new SchemaError("schema-unsupported", path, error.message);
  }
}

/** Largest number that an answer writes; JSON numbers are exact up to here. */
const most = 10 ** constraintLimits.integerDigits - 1;

export function numberNode(schema: JsonObject, path: string): Node {
  const bound = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"].find(
    (name) => schema[name] !== undefined,
  );
  if (bound === undefined) return { kind: "number" };
  throw new SchemaError("schema-unsupported", below(path, bound), "bounds are supported for integers only");
}

export function integerNode(schema: JsonObject, path: string): Node {
  const bound = (name: string): number | undefined => {
    const value = schema[name];
    if (value === undefined || typeof value === "number") return value;
    throw new SchemaError("schema-invalid", below(path, name), "it is not a number");
  };
  const above = (value: number | undefined): number => (value === undefined ? -most : Math.floor(value) + 1);
  const under = (value: number | undefined): number => (value === undefined ? most : Math.ceil(value) - 1);
  const min = Math.max(-most, Math.ceil(bound("minimum") ?? -most), above(bound("exclusiveMinimum")));
  const max = Math.min(most, Math.floor(bound("maximum") ?? most), under(bound("exclusiveMaximum")));
  requireOrder(min, max, path);
  return { kind: "integer", min, max };
}
