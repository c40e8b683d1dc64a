import { limits, samplerLimits } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { withFormat } from "../../inference/format.ts";
import { planTools, type ToolPlan, type ToolWish, type WishedTool } from "../../inference/tools.ts";
import { FunctionName, toolOf as toolOfChat } from "../chat-tools.ts";
import { askedTokens, optional, type Unsupported } from "../fields.ts";
import { Metadata } from "../schemas.ts";
import { Input } from "./input.ts";

const FunctionTool = Type.Object({
  type: Type.Literal("function"),
  name: FunctionName,
  description: optional(Type.String({ maxLength: limits.toolChars })),
  parameters: optional(Type.Record(Type.String(), Type.Unknown(), { description: "JSON schema of the arguments" })),
  strict: optional(Type.Boolean()),
});

const Named = Type.Object({ type: Type.Literal("function"), name: FunctionName });
const Mode = Type.Union([Type.Literal("auto"), Type.Literal("required")]);
const ToolChoice = Type.Union([
  Type.Literal("none"),
  Mode,
  Named,
  Type.Object({
    type: Type.Literal("allowed_tools"),
    mode: Mode,
    tools: Type.Array(Named, { minItems: 1, maxItems: limits.tools }),
  }),
]);

const Format = Type.Object({
  type: Type.Union([Type.Literal("text"), Type.Literal("json_object"), Type.Literal("json_schema")]),
  name: Type.Optional(Type.String({ maxLength: 64 })),
  description: optional(Type.String({ maxLength: limits.toolChars })),
  schema: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: "Enforced by a mask over the tokens" }),
  ),
  strict: optional(Type.Boolean({ description: "Schemas are always enforced" })),
});

/** The part of OpenAI's request that is served. Fields that are not here are ignored, unless refused below. */
export const ResponsesRequest = Type.Object(
  {
    model: Type.String({ minLength: 1, maxLength: 128 }),
    input: Input,
    instructions: optional(Type.String({ maxLength: limits.bodyBytes })),
    previous_response_id: optional(Type.String({ description: "Of a response that was made with `store: true`" })),
    store: optional(Type.Boolean({ description: "Keep the response for 30 days; false unless given" })),
    stream: optional(Type.Boolean()),
    max_output_tokens: optional(askedTokens("512 unless given")),
    temperature: optional(Type.Number({ minimum: 0, maximum: samplerLimits.maxTemperature })),
    top_p: optional(Type.Number({ minimum: 0, maximum: 1 })),
    tools: optional(Type.Array(FunctionTool, { maxItems: limits.tools })),
    tool_choice: optional(ToolChoice),
    parallel_tool_calls: optional(Type.Boolean()),
    text: optional(Type.Object({ format: optional(Format) })),
    metadata: optional(Metadata),
    tier: Type.Optional(Type.String({ maxLength: 32 })),
    user: optional(Type.String({ maxLength: 512 })),
  },
  { title: "ResponsesRequest" },
);
export type ResponsesRequest = Static<typeof ResponsesRequest>;

export const unsupportedInResponses: Unsupported = {
  background: (value) => value === false,
  conversation: () => false,
  prompt: () => false,
  truncation: (value) => value === "disabled",
  top_logprobs: (value) => value === 0,
  max_tool_calls: () => false,
  // Reasoning that nobody wrote has nothing to be included.
  include: (value) => Array.isArray(value) && value.every((item) => item === "reasoning.encrypted_content"),
};

/** What tools and the text's format ask for together. Throws 400. */
export function planOf({ tools, tool_choice, parallel_tool_calls, text }: ResponsesRequest): ToolPlan {
  const plan = planTools((tools ?? []).map(toolOf), wishOf(tool_choice ?? undefined, parallel_tool_calls !== false));
  const format = text?.format ?? undefined;
  return withFormat(plan, format && { type: format.type, schema: format.schema }, "text.format");
}

function toolOf({ strict, ...asked }: Static<typeof FunctionTool>): WishedTool {
  return toolOfChat({ type: "function", function: { ...asked, strict: strict ?? null } });
}

function wishOf(choice: Static<typeof ToolChoice> | undefined, isParallel: boolean): ToolWish {
  if (choice === undefined) return { mode: "auto", isParallel };
  if (typeof choice === "string") return { mode: choice, isParallel };
  // A function that is named is called once.
  if (choice.type === "function") return { mode: "required", names: [choice.name], isParallel: false };
  return { mode: choice.mode, names: choice.tools.map(({ name }) => name), isParallel };
}
