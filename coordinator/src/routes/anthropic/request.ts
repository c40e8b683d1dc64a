import { limits, samplerLimits } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { withFormat } from "../inference/format.ts";
import { argumentsText } from "../inference/schema.ts";
import { planTools, type ToolPlan, type ToolWish, type WishedTool } from "../inference/tools.ts";
import { FunctionName } from "../openai/chat-tools.ts";
import { askedTokens, optional, type Unsupported } from "../openai/fields.ts";
import { Blocks, Message } from "./conversation.ts";

const ToolChoice = Type.Object({
  type: Type.Union([Type.Literal("auto"), Type.Literal("any"), Type.Literal("tool"), Type.Literal("none")]),
  name: Type.Optional(FunctionName),
  disable_parallel_tool_use: Type.Optional(Type.Boolean()),
});

/** Fields that are not here say how hard a model should think, of which none here knows anything. */
const OutputConfig = Type.Object({
  format: optional(
    Type.Object({
      type: Type.Literal("json_schema"),
      schema: Type.Record(Type.String(), Type.Unknown(), { description: "Enforced by a mask over the tokens" }),
    }),
  ),
});

const ClientTool = Type.Object({
  type: optional(Type.Literal("custom")),
  name: FunctionName,
  description: Type.Optional(Type.String({ maxLength: limits.toolChars })),
  input_schema: Type.Record(Type.String(), Type.Unknown(), { description: "JSON schema of the input" }),
  strict: Type.Optional(Type.Boolean()),
});

/** What the model reads, and what its answer must be. */
const promptFields = {
  model: Type.String({ minLength: 1, maxLength: 128 }),
  messages: Type.Array(Message, { minItems: 1, maxItems: limits.messages }),
  system: Type.Optional(Type.Union([Type.String(), Blocks])),
  tools: Type.Optional(Type.Array(ClientTool, { maxItems: limits.tools })),
  tool_choice: Type.Optional(ToolChoice),
  output_config: optional(OutputConfig),
} as const;

/** The part of Anthropic's request that is served. Fields that are not here are ignored, unless refused below. */
export const MessagesRequest = Type.Object(
  {
    ...promptFields,
    max_tokens: askedTokens(),
    stop_sequences: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: limits.stopChars }), { maxItems: limits.stops }),
    ),
    stream: Type.Optional(Type.Boolean()),
    temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    top_p: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    top_k: Type.Optional(
      Type.Integer({ minimum: 0, maximum: samplerLimits.maxTopK, description: "0 says as little as leaving it out" }),
    ),
    tier: Type.Optional(Type.String({ maxLength: 32 })),
  },
  { title: "MessagesRequest" },
);
export type MessagesRequest = Static<typeof MessagesRequest>;

/** The same without what an answer would need. */
export const CountTokensRequest = Type.Object(promptFields, { title: "CountTokensRequest" });
type CountTokensRequest = Static<typeof CountTokensRequest>;

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

export const unsupportedInMessages: Unsupported = {
  // A model that may think as it likes may also not think at all.
  thinking: (value) =>
    typeof value === "object" && value !== null && "type" in value && /^(disabled|adaptive)$/.test(String(value.type)),
  mcp_servers: isEmpty,
  container: () => false,
  context_management: () => false,
  output_format: () => false,
};

/** What tools and the output's format ask for together. Throws 400. */
export function planOf({ tools = [], tool_choice, output_config }: CountTokensRequest): ToolPlan {
  const plan = planTools(tools.map(toolOf), wishOf(tool_choice));
  return withFormat(plan, output_config?.format ?? undefined, "output_config.format");
}

function toolOf({ name, description, input_schema, strict }: Static<typeof ClientTool>): WishedTool {
  const parameters = argumentsText(input_schema);
  const tool = { name, parameters, ...(description !== undefined && { description }) };
  return { tool, isStrict: strict === true };
}

function wishOf(choice: Static<typeof ToolChoice> | undefined): ToolWish {
  const isParallel = choice?.disable_parallel_tool_use !== true;
  switch (choice?.type) {
    case undefined:
    case "auto":
      return { mode: "auto", isParallel };
    case "none":
      return { mode: "none", isParallel };
    case "any":
      return { mode: "required", isParallel };
    case "tool":
      // A tool that is not named is none of those there are.
      return { mode: "required", names: [choice.name ?? ""], isParallel: false };
  }
}
