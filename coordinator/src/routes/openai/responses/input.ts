import { limits, type ChatMessage, type ToolCall } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { ApiError } from "../../../errors.ts";
import { FunctionName } from "../chat-tools.ts";
import { argumentsOf } from "../conversation.ts";
import { optional } from "../fields.ts";

const CallId = Type.String({ minLength: 1, maxLength: 64 });
const Part = Type.Object({
  type: Type.String({ maxLength: 64, description: "input_text, output_text or text; of an assistant also refusal" }),
  text: Type.Optional(Type.String()),
  refusal: Type.Optional(Type.String()),
});
const Parts = Type.Array(Part, { maxItems: 256 });

/** One object for all types: a union could not say which field of which alternative is wrong. */
const Item = Type.Object({
  type: Type.Optional(
    Type.String({ maxLength: 64, description: "message, function_call, function_call_output, reasoning" }),
  ),
  role: Type.Optional(Type.String({ maxLength: 32 })),
  content: Type.Optional(Type.Union([Type.String(), Parts])),
  call_id: Type.Optional(CallId),
  name: optional(FunctionName),
  arguments: Type.Optional(Type.String({ maxLength: limits.bodyBytes })),
  output: Type.Optional(Type.Union([Type.String(), Parts])),
});
type Item = Static<typeof Item>;

export const Input = Type.Union([
  Type.String({ minLength: 1 }),
  Type.Array(Item, { minItems: 1, maxItems: limits.messages }),
]);

const roles: Readonly<Record<string, ChatMessage["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
};

/** A conversation with what is new in it, as a chat template takes it. Throws a 400 that names the item. */
export function messagesOf(history: readonly ChatMessage[], input: Static<typeof Input>): ChatMessage[] {
  if (typeof input === "string") return [...history, { role: "user", content: input }];
  const messages = [...history];
  const asked = new Set(history.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id }) => id)));
  for (const [i, item] of input.entries()) {
    const at = `input[${i}]`;
    switch (item.type ?? "message") {
      case "message":
        messages.push(messageOf(item, at));
        break;
      case "function_call": {
        const call = callOf(item, at);
        asked.add(call.id);
        addCall(messages, call);
        break;
      }
      case "function_call_output": {
        const { call_id = "", output } = item;
        if (!asked.has(call_id)) refuse(`${at}.call_id`, "must be the call_id of a function_call before it");
        messages.push({ role: "tool", content: textOf(output, `${at}.output`), toolCallId: call_id });
        break;
      }
      case "reasoning":
        // What another model thought is sealed for its own server, and no part of what was said.
        break;
      default:
        refuse(`${at}.type`, "is not supported here");
    }
  }
  return messages;
}

function messageOf({ role = "", content }: Item, at: string): ChatMessage {
  const known = Object.hasOwn(roles, role) ? roles[role] : undefined;
  if (known === undefined) return refuse(`${at}.role`, "must be system, developer, user or assistant");
  return { role: known, content: textOf(content, `${at}.content`) };
}

function callOf({ call_id, name, arguments: given }: Item, at: string): ToolCall {
  if (call_id === undefined || typeof name !== "string" || given === undefined) {
    return refuse(at, "needs a call_id, a name and arguments");
  }
  return { id: call_id, name, arguments: argumentsOf(given, `${at}.arguments`) };
}

/** Calls are items of their own here, and a part of what the assistant says in a template. */
function addCall(messages: ChatMessage[], call: ToolCall): void {
  const last = messages.at(-1);
  if (last?.role !== "assistant") {
    messages.push({ role: "assistant", content: "", toolCalls: [call] });
    return;
  }
  messages[messages.length - 1] = { ...last, toolCalls: [...(last.toolCalls ?? []), call] };
}

function textOf(content: string | Static<typeof Parts> | undefined, at: string): string {
  if (content === undefined) return refuse(at, "is required");
  if (typeof content === "string") return content;
  const known = ["input_text", "output_text", "text"];
  return content
    .map(({ type, text, refusal }, i) => {
      if (type === "refusal") return refusal ?? refuse(`${at}[${i}].refusal`, "is required");
      if (!known.includes(type)) return refuse(`${at}[${i}].type`, "is not supported here");
      return text ?? refuse(`${at}[${i}].text`, "is required");
    })
    .join("");
}

function refuse(param: string, problem: string): never {
  throw new ApiError(400, "invalid_value", `'${param}' ${problem}.`, { param });
}
