import { limits, type Tool } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { argumentsText } from "../inference/schema.ts";
import type { ToolWish, WishedTool } from "../inference/tools.ts";
import { optional } from "./fields.ts";

export const FunctionName = Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" });

export const FunctionTool = Type.Object({
  type: Type.Literal("function"),
  function: Type.Object({
    name: FunctionName,
    description: optional(Type.String({ maxLength: limits.toolChars })),
    parameters: optional(Type.Record(Type.String(), Type.Unknown(), { description: "JSON schema of the arguments" })),
    strict: optional(Type.Boolean()),
  }),
});

const Named = Type.Object({ type: Type.Literal("function"), function: Type.Object({ name: FunctionName }) });
const Mode = Type.Union([Type.Literal("auto"), Type.Literal("required")]);
export const ToolChoice = Type.Union([
  Type.Literal("none"),
  Mode,
  Named,
  Type.Object({
    type: Type.Literal("allowed_tools"),
    allowed_tools: Type.Object({ mode: Mode, tools: Type.Array(Named, { minItems: 1, maxItems: limits.tools }) }),
  }),
]);

export function toolOf({ function: asked }: Static<typeof FunctionTool>): WishedTool {
  const { name, description, parameters, strict } = asked;
  const tool: Tool = {
    name,
    ...(typeof description === "string" && { description }),
    ...(parameters && { parameters: argumentsText(parameters) }),
  };
  return { tool, isStrict: strict === true };
}

export function wishOf(choice: Static<typeof ToolChoice> | undefined, isParallel: boolean): ToolWish {
  if (choice === undefined) return { mode: "auto", isParallel };
  if (typeof choice === "string") return { mode: choice, isParallel };
  // A function that is named is called once.
  if (choice.type === "function") return { mode: "required", names: [choice.function.name], isParallel: false };
  const { mode, tools } = choice.allowed_tools;
  return { mode, names: tools.map((tool) => tool.function.name), isParallel };
}
