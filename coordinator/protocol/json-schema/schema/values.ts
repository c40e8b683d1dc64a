import { SchemaError } from "../errors.ts";
import type { Node } from "../grammar/nodes.ts";
import { createWords } from "../grammar/words.ts";
import { constraintLimits } from "../limits.ts";
import { below, type JsonObject } from "./document.ts";
import { typesOf } from "./keywords.ts";

/** A node for `enum` or `const`: the values' JSON texts without spaces. */
export function valuesNode(schema: JsonObject, path: string): Node {
  const isConst = Object.hasOwn(schema, "const");
  const values: unknown = isConst ? [schema["const"]] : schema["enum"];
  const at = below(path, isConst ? "const" : "enum");
  if (!Array.isArray(values) || values.length === 0) throw new SchemaError("schema-invalid", at, "it lists no values");
  if (values.length > constraintLimits.enumValues) {
    throw new SchemaError("schema-too-large", at, `it has more than ${constraintLimits.enumValues} values`);
  }
  const types = schema["type"] === undefined ? undefined : typesOf(schema, path);
  const fitting = values.filter((value) => types === undefined || types.some((type) => isOfType(value, type)));
  if (fitting.length === 0) throw new SchemaError("schema-unsatisfiable", at, "no value is of the type");
  const texts = [...new Set(fitting.map((value) => JSON.stringify(value)))];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > constraintLimits.enumBytes) {
    throw new SchemaError("schema-too-large", at, `its values have more than ${constraintLimits.enumBytes} bytes`);
  }
  return { kind: "words", words: createWords(texts) };
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
