import { anyObject, compileSchema, compileToolCalls, type Grammar } from "@lode/protocol/json-schema";
import { EngineError } from "../errors.ts";
import type { GenerateRequest } from "../engine.ts";
import type { Constraint } from "../sampler/index.ts";
import { createJsonConstraint, type MaskVocabulary } from "./json-constraint.ts";

export { createJsonConstraint, createMaskVocabulary, type MaskVocabulary } from "./json-constraint.ts";

/** The part of a request that says what the answer must be. */
export type Constrained = Pick<GenerateRequest, "sampler" | "prompt">;

/** Compiles what a request asks for; undefined where it asks for nothing. Throws SchemaError. */
export function grammarOf({ sampler: { constraint }, prompt }: Constrained): Grammar | undefined {
  switch (constraint?.type) {
    case undefined:
      return undefined;
    case "json_object":
      return anyObject();
    case "json_schema":
      return compileSchema(constraint.schema);
    case "tool_calls":
      return compileToolCalls(("tools" in prompt ? prompt.tools : undefined) ?? [], constraint);
    default:
      // Requests come from outside, and what is not understood must not be ignored.
      throw new EngineError("bad-request", "The constraint's type is unknown.");
  }
}

/** The constraint of a request, fresh for its first token. Throws SchemaError. */
export function createConstraint(request: Constrained, vocabulary: () => MaskVocabulary): Constraint | undefined {
  const grammar = grammarOf(request);
  return grammar === undefined ? undefined : createJsonConstraint(grammar, vocabulary());
}
