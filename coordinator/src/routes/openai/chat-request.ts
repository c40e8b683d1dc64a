import { limits, samplerLimits, type Constraint } from "@lode/protocol";
import { compileSchema } from "@lode/protocol/json-schema";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";
import { refuseBadSchema, schemaText } from "../inference/schema.ts";
import { planTools, type ToolPlan } from "../inference/tools.ts";
import { FunctionTool, ToolChoice, toolOf, wishOf } from "./chat-tools.ts";
import { Message } from "./conversation.ts";
import { maximumChoices, optional, requestFields, samplingFields, type Unsupported } from "./fields.ts";

const maxTokens = Type.Integer({ minimum: 1, maximum: limits.outputTokens });

const JsonSchema = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 64 })),
  description: optional(Type.String({ maxLength: limits.toolChars })),
  schema: Type.Record(Type.String(), Type.Unknown(), {
    description: `Enforced by a mask over the tokens; at most ${samplerLimits.schemaChars} characters`,
  }),
  strict: optional(Type.Boolean({ description: "Schemas are always enforced" })),
});
// One object for all types: a union could not say which field of which alternative is wrong.
const ResponseFormat = Type.Object({
  type: Type.Union([Type.Literal("text"), Type.Literal("json_object"), Type.Literal("json_schema")]),
  json_schema: optional(JsonSchema),
});

/** The part of OpenAI's request that is served. Fields that are not here are ignored, unless refused below. */
export const ChatRequest = Type.Object(
  {
    ...requestFields,
    ...samplingFields,
    messages: Type.Array(Message, { minItems: 1, maxItems: limits.messages }),
    max_tokens: optional(maxTokens),
    max_completion_tokens: optional(maxTokens),
    n: optional(Type.Integer({ minimum: 1, maximum: maximumChoices })),
    tools: optional(Type.Array(FunctionTool, { maxItems: limits.tools })),
    tool_choice: optional(ToolChoice),
    parallel_tool_calls: optional(Type.Boolean()),
    response_format: optional(ResponseFormat),
  },
  { title: "ChatCompletionRequest" },
);
export type ChatRequest = Static<typeof ChatRequest>;

/** What the protocol between coordinator and miner does not carry, and what OpenAI itself has given up. */
export const unsupportedInChat: Unsupported = {
  functions: (value) => Array.isArray(value) && value.length === 0,
  function_call: (value) => value === "none",
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  modalities: (value) => Array.isArray(value) && value.every((item) => item === "text"),
  audio: () => false,
  prediction: () => false,
  web_search_options: () => false,
};

/** What tools and the response format ask for together. Throws 400. */
export function planOf({ tools, tool_choice, parallel_tool_calls, response_format }: ChatRequest): ToolPlan {
  const plan = planTools((tools ?? []).map(toolOf), wishOf(tool_choice ?? undefined, parallel_tool_calls !== false));
  const constraint = formatOf(response_format ?? undefined);
  // An answer that must be a call has no content that a format could be about.
  if (constraint === undefined || plan.reading.kind === "calls") return plan;
  if (plan.reading.kind === "text") return { ...plan, constraint };
  const message = "A JSON 'response_format' leaves no room for calls: set 'tool_choice' to none or required.";
  throw new ApiError(400, "unsupported_parameter", message, { param: "response_format" });
}

function formatOf(format: Static<typeof ResponseFormat> | undefined): Constraint | undefined {
  switch (format?.type) {
    case undefined:
    case "text":
      return undefined;
    case "json_object":
      return { type: "json_object" };
    case "json_schema": {
      const param = "response_format";
      if (!format.json_schema)
        throw new ApiError(400, "invalid_value", `'${param}.json_schema' is required.`, { param });
      const schema = schemaText(format.json_schema.schema, param);
      refuseBadSchema(param, () => compileSchema(schema));
      return { type: "json_schema", schema };
    }
  }
}
