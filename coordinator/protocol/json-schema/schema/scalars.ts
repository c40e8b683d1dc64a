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

const boundNames = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const;

/** The numbers at the keywords for bounds. */
function boundsOf(schema: JsonObject, path: string): Partial<Record<(typeof boundNames)[number], number>> {
  const bounds = boundNames.flatMap((name) => {
    const value = schema[name];
    if (value === undefined) return [];
    if (typeof value !== "number") throw new SchemaError("schema-invalid", below(path, name), "it is not a number");
    return [[name, value] as const];
  });
  return Object.fromEntries(bounds);
}

export function integerNode(schema: JsonObject, path: string): Node {
  const { minimum = -most, maximum = most, exclusiveMinimum, exclusiveMaximum } = boundsOf(schema, path);
  const above = exclusiveMinimum === undefined ? -most : Math.floor(exclusiveMinimum) + 1;
  const under = exclusiveMaximum === undefined ? most : Math.ceil(exclusiveMaximum) - 1;
  const min = Math.max(-most, Math.ceil(minimum), above);
  const max = Math.min(most, Math.floor(maximum), under);
  requireOrder(min, max, path);
  return { kind: "integer", min, max };
}

const unitsOfOne = 10 ** constraintLimits.boundedFractionDigits;
const mostUnits = 10 ** (constraintLimits.boundedIntegerDigits + constraintLimits.boundedFractionDigits) - 1;

/** With bounds a number has less digits and no exponent, so that its beginning shows where it may end. */
export function numberNode(schema: JsonObject, path: string): Node {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum, exclusiveMaximum } = boundsOf(schema, path);
  if (Object.keys(boundsOf(schema, path)).length === 0) return { kind: "number" };
  // A written number is compared as the float64 that it is read as.
  const isAbove = (value: number): boolean => value >= minimum && value > (exclusiveMinimum ?? -Infinity);
  const isUnder = (value: number): boolean => value <= maximum && value < (exclusiveMaximum ?? Infinity);
  const min = firstUnit(Math.max(minimum, exclusiveMinimum ?? -Infinity), isAbove);
  const max = -firstUnit(-Math.min(maximum, exclusiveMaximum ?? Infinity), (value) => isUnder(-value));
  requireOrder(min, max, path);
  return { kind: "decimal", min, max };
}

/** The first whole unit from near a bound that is within it; rounding can be off by one or two. */
function firstUnit(bound: number, isWithin: (value: number) => boolean): number {
  let unit = Math.max(-mostUnits, Math.floor(bound * unitsOfOne) - 1);
  while (unit <= mostUnits && !isWithin(unit / unitsOfOne)) unit += 1;
  return unit;
}
