import { samplerLimits, type Constraint, type Tool } from "@lode/protocol";
import { compileSchema, compileToolCalls, fits, type Grammar } from "@lode/protocol/json-schema";
import { ApiError } from "../../errors.ts";
import type { Reading } from "./reader.ts";
import { refuseBadSchema } from "./schema.ts";

/** Whether the model may, must or must not call; `names` are the tools to choose from, all unless given. */
export interface ToolWish {
  readonly mode: "none" | "auto" | "required";
  readonly names?: readonly string[];
  /** Whether one answer may hold several calls. */
  readonly isParallel: boolean;
}

/** A tool, and whether every call of it must fit its schema; those that a mask forces always do. */
export interface WishedTool {
  readonly tool: Tool;
  readonly isStrict: boolean;
}

/** What tools mean for a job: what the prompt shows, what the answer must be, and how it is read. */
export interface ToolPlan {
  readonly tools?: Tool[];
  readonly constraint?: Constraint;
  readonly reading: Reading;
}

/**
 * Plans a job's tools. A model that must not call is not shown any, one that must is held to it by a mask, and what
 * another one says is searched for calls, of which one that a strict tool does not take is nothing but said. Throws 400,
 * naming `tools` or `tool_choice`.
 */
export function planTools(wished: readonly WishedTool[], { mode, names, isParallel }: ToolWish): ToolPlan {
  const tools = wished.map(({ tool }) => tool);
  refuseBadNames(tools, names);
  if (mode === "required" && tools.length === 0) {
    throw new ApiError(400, "invalid_value", "'tool_choice' asks for a call, but there are no tools.", {
      param: "tool_choice",
    });
  }
  if (mode === "none" || tools.length === 0) return { reading: { kind: "text" } };
  const most = isParallel ? samplerLimits.toolCalls : 1;
  const callable = names ?? tools.map(({ name }) => name);
  if (mode === "auto") {
    return { tools: [...tools], reading: { kind: "free", names: callable, most, accepts: judgeOf(wished) } };
  }
  const choice = { ...(names !== undefined && { names: [...names] }), most };
  refuseBadSchema("tools", () => compileToolCalls(tools, choice));
  return { tools: [...tools], constraint: { type: "tool_calls", ...choice }, reading: { kind: "calls" } };
}

/** Judges calls by the schemas of strict tools. */
function judgeOf(wished: readonly WishedTool[]): (name: string, given: object) => boolean {
  const grammars = new Map<string, Grammar>();
  for (const { tool, isStrict } of wished) {
    const schema = tool.parameters ?? '{"type":"object","properties":{},"additionalProperties":false}';
    if (isStrict) refuseBadSchema("tools", () => grammars.set(tool.name, compileSchema(schema)));
  }
  return (name, given) => {
    const grammar = grammars.get(name);
    return grammar === undefined || fits(grammar, given);
  };
}

function refuseBadNames(tools: readonly Tool[], names: readonly string[] = []): void {
  const known = new Set(tools.map(({ name }) => name));
  if (known.size < tools.length) {
    throw new ApiError(400, "invalid_value", "'tools' holds two functions of one name.", { param: "tools" });
  }
  if (names.every((name) => known.has(name))) return;
  throw new ApiError(400, "invalid_value", "'tool_choice' names a function that is not among the tools.", {
    param: "tool_choice",
  });
}
