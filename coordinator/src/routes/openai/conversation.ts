import { limits, type ChatMessage, type ToolCall } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";
import { FunctionName } from "./chat-tools.ts";
import { optional } from "./fields.ts";

/** One object for all types: a union could not say what is wrong with which. */
const Part = Type.Object({
  type: Type.String({ maxLength: 64, description: "text; in an assistant's message also refusal" }),
  text: Type.Optional(Type.String()),
  refusal: Type.Optional(Type.String()),
});
const CallId = Type.String({ minLength: 1, maxLength: 64 });

export const Message = Type.Object({
  role: Type.String({ maxLength: 32, description: "system, developer, user, assistant or tool" }),
  content: Type.Optional(Type.Union([Type.String(), Type.Array(Part, { maxItems: 256 }), Type.Null()])),
  name: optional(Type.String({ maxLength: 64 })),
  tool_calls: optional(
    Type.Array(
      Type.Object({
        id: CallId,
        type: Type.Literal("function"),
        function: Type.Object({ name: FunctionName, arguments: Type.String({ maxLength: limits.bodyBytes }) }),
      }),
      { maxItems: limits.tools },
    ),
  ),
  tool_call_id: optional(CallId),
});
type Message = Static<typeof Message>;

const roles: Readonly<Record<string, ChatMessage["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
};

/** The conversation as a chat template takes it. Throws a 400 that names the message. */
export function messagesOf(messages: readonly Message[]): ChatMessage[] {
  const asked = new Set<string>();
  return messages.map((message, i) => {
    const at = `messages[${i}]`;
    const role = Object.hasOwn(roles, message.role) ? roles[message.role] : undefined;
    if (role === undefined) refuse(`${at}.role`, "must be system, developer, user, assistant or tool");
    refuseLost(message, at);
    const calls = callsOf(message, role, at);
    for (const { id } of calls) asked.add(id);
    const content = textOf(message, calls.length > 0, at);
    if (role !== "tool") return { role, content, ...(calls.length > 0 && { toolCalls: calls }) };
    const toolCallId = message.tool_call_id ?? "";
    if (!asked.has(toolCallId)) refuse(`${at}.tool_call_id`, "must be the id of a call in a message before it");
    return { role, content, toolCallId };
  });
}

function callsOf({ tool_calls }: Message, role: ChatMessage["role"], at: string): ToolCall[] {
  const calls = tool_calls ?? [];
  if (calls.length > 0 && role !== "assistant") refuse(`${at}.tool_calls`, "belongs to an assistant's message");
  return calls.map(({ id, function: { name, arguments: given } }, i) => {
    return { id, name, arguments: argumentsOf(given, `${at}.tool_calls[${i}].function.arguments`) };
  });
}

/** Arguments as a JSON object's text; some clients write nothing where there are none. Throws 400. */
export function argumentsOf(text: string, param: string): string {
  if (text.trim() === "") return "{}";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(param, "is not JSON");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  return refuse(param, "is not a JSON object");
}

function textOf({ content, role }: Message, hasCalls: boolean, at: string): string {
  if (typeof content === "string") return content;
  if (Array.isArray(content)) return content.map((part, i) => partText(part, role, `${at}.content[${i}]`)).join("");
  if (content === null && role === "assistant") return "";
  return hasCalls ? "" : refuse(`${at}.content`, "is required");
}

function partText({ type, text, refusal }: Static<typeof Part>, role: string, at: string): string {
  if (type === "text") return text ?? refuse(`${at}.text`, "is required");
  if (type === "refusal" && role === "assistant") return refusal ?? refuse(`${at}.refusal`, "is required");
  return refuse(`${at}.type`, "is not supported here: the models read text, no images, audio or files");
}

/** What would be lost on the way to the template, so that the answer would not be to this conversation. */
function refuseLost(message: Readonly<Record<string, unknown>>, at: string): void {
  for (const field of ["function_call", "audio"]) {
    const value = message[field];
    if (value !== undefined && value !== null) refuse(`${at}.${field}`, "is not supported");
  }
}

function refuse(param: string, problem: string): never {
  throw new ApiError(400, "invalid_value", `'${param}' ${problem}.`, { param });
}
