import { limits, samplerLimits } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { withFormat } from "../inference/format.ts";
import { planTools, type ToolPlan } from "../inference/tools.ts";
import { FunctionTool, ToolChoice, toolOf, wishOf } from "./chat-tools.ts";
import { Message } from "./conversation.ts";
import { Metadata } from "./schemas.ts";
import { askedTokens, maximumChoices, optional, requestFields, samplingFields, type Unsupported } from "./fields.ts";

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
    max_tokens: optional(askedTokens()),
    max_completion_tokens: optional(askedTokens()),
    n: optional(Type.Integer({ minimum: 1, maximum: maximumChoices })),
    tools: optional(Type.Array(FunctionTool, { maxItems: limits.tools })),
    tool_choice: optional(ToolChoice),
    parallel_tool_calls: optional(Type.Boolean()),
    response_format: optional(ResponseFormat),
    logprobs: optional(Type.Boolean()),
    metadata: optional(Metadata),
    store: optional(Type.Boolean({ description: "Keep the answer for 30 days; false unless given" })),
    top_logprobs: optional(Type.Integer({ minimum: 0, maximum: limits.topLogprobs })),
  },
  { title: "ChatCompletionRequest" },
);
export type ChatRequest = Static<typeof ChatRequest>;

/** What the protocol between coordinator and miner does not carry, and what OpenAI itself has given up. */
export const unsupportedInChat: Unsupported = {
  functions: (value) => Array.isArray(value) && value.length === 0,
  function_call: (value) => value === "none",
  modalities: (value) => Array.isArray(value) && value.every((item) => item === "text"),
  audio: () => false,
  prediction: () => false,
  web_search_options: () => false,
};

/** What tools and the response format ask for together. Throws 400. */
export function planOf({ tools, tool_choice, parallel_tool_calls, response_format }: ChatRequest): ToolPlan {
  const plan = planTools((tools ?? []).map(toolOf), wishOf(tool_choice ?? undefined, parallel_tool_calls !== false));
  const format = response_format && { type: response_format.type, schema: response_format.json_schema?.schema };
  return withFormat(plan, format ?? undefined, "response_format");
}
