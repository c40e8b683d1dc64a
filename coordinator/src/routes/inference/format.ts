import type { Constraint } from "@lode/protocol";
import { compileSchema } from "@lode/protocol/json-schema";
import { ApiError } from "../../errors.ts";
import { refuseBadSchema, schemaText } from "./schema.ts";
import type { ToolPlan } from "./tools.ts";

/** What an answer must be like, by the names that OpenAI's APIs share. */
export interface Format {
  readonly type: "text" | "json_object" | "json_schema";
  readonly schema?: Readonly<Record<string, unknown>> | undefined;
}

/** A plan whose text is held to a format too. Throws 400 that names `param`. */
export function withFormat(plan: ToolPlan, format: Format | undefined, param: string): ToolPlan {
  const constraint = constraintOf(format, param);
  // An answer that must be a call has no content that a format could be about.
  if (constraint === undefined || plan.reading.kind === "calls") return plan;
  if (plan.reading.kind === "text") return { ...plan, constraint };
  const message = `A JSON '${param}' leaves no room for calls: set 'tool_choice' to none or required.`;
  throw new ApiError(400, "unsupported_parameter", message, { param });
}

function constraintOf(format: Format | undefined, param: string): Constraint | undefined {
  switch (format?.type) {
    case undefined:
    case "text":
      return undefined;
    case "json_object":
      return { type: "json_object" };
    case "json_schema": {
      if (format.schema === undefined) {
        throw new ApiError(400, "invalid_value", `'${param}' needs a schema.`, { param });
      }
      const schema = schemaText(format.schema, param);
      refuseBadSchema(param, () => compileSchema(schema));
      return { type: "json_schema", schema };
    }
  }
}
