import { samplerLimits } from "@lode/protocol";
import { SchemaError } from "@lode/protocol/json-schema";
import { ApiError } from "../../errors.ts";

/** A JSON schema as the text that travels: the order of its properties is the order of the answer's. Throws 400. */
export function schemaText(schema: unknown, param: string): string {
  const text = JSON.stringify(schema);
  if (text.length <= samplerLimits.schemaChars) return text;
  const message = `'${param}' has ${text.length} characters of JSON; at most ${samplerLimits.schemaChars} are taken.`;
  throw new ApiError(400, "schema_too_large", message, { param });
}

/** Keywords that say what fits without a type. */
const untyped = ["type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"];

/** What a tool is called with, as `schemaText`: an object always, also where its client leaves that out. Throws 400. */
export function argumentsText(schema: Readonly<Record<string, unknown>>): string {
  const isTyped = untyped.some((keyword) => Object.hasOwn(schema, keyword));
  return schemaText(isTyped ? schema : { type: "object", ...schema }, "tools");
}

/** Runs a compilation, and makes of its refusal a 400 that names the parameter: what would not be enforced is not taken. */
export function refuseBadSchema(param: string, compile: () => unknown): void {
  try {
    compile();
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new ApiError(400, error.code.replaceAll("-", "_"), `'${param}': ${error.message}`, { param, cause: error });
  }
}
