import type { ChatMessage, ToolCall } from "@lode/protocol";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";
import { FunctionName } from "../openai/chat-tools.ts";

const CallId = Type.String({ minLength: 1, maxLength: 64 });
const Inner = Type.Object({ type: Type.String({ maxLength: 64 }), text: Type.Optional(Type.String()) });

/** One object for all types: a union could not say which field of which alternative is wrong. */
const Block = Type.Object({
  type: Type.String({ maxLength: 64, description: "text, tool_use or tool_result" }),
  text: Type.Optional(Type.String()),
  id: Type.Optional(CallId),
  name: Type.Optional(FunctionName),
  input: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  tool_use_id: Type.Optional(CallId),
  content: Type.Optional(Type.Union([Type.String(), Type.Array(Inner, { maxItems: 256 })])),
  is_error: Type.Optional(Type.Boolean()),
});
type Block = Static<typeof Block>;

export const Blocks = Type.Array(Block, { maxItems: 256 });

export const Message = Type.Object({
  role: Type.Union([Type.Literal("user"), Type.Literal("assistant"), Type.Literal("system")]),
  content: Type.Union([Type.String(), Blocks]),
});
type Message = Static<typeof Message>;

/** The conversation as a chat template takes it. Throws a 400 that names the block. */
export function messagesOf(system: string | readonly Block[] | undefined, messages: readonly Message[]): ChatMessage[] {
  const asked = new Set<string>();
  const first = system === undefined ? "" : typeof system === "string" ? system : textOf(system, "system");
  return [
    ...(first === "" ? [] : [{ role: "system" as const, content: first }]),
    ...messages.flatMap(({ role, content }, i) => {
      const at = `messages[${i}].content`;
      if (typeof content === "string") return [{ role, content }];
      if (role === "system") return [{ role, content: textOf(content, at) }];
      return role === "assistant" ? [assistant(content, at, asked)] : user(content, at, asked);
    }),
  ];
}

/** An answer's beginning, written by its client, would be closed by the template: the model would begin another one. Throws 400. */
export function refusePrefill(messages: readonly ChatMessage[]): void {
  if (messages.at(-1)?.role !== "assistant") return;
  refuse("messages", "must not end with an assistant's message: answers cannot be begun here");
}

function assistant(blocks: readonly Block[], at: string, asked: Set<string>): ChatMessage {
  const calls: ToolCall[] = [];
  const said = blocks.flatMap((block, i) => {
    // What another model thought is no part of the conversation: Anthropic leaves it out of later turns too.
    if (block.type === "thinking" || block.type === "redacted_thinking") return [];
    if (block.type !== "tool_use") return [sayingOf(block, `${at}[${i}]`)];
    const { id, name, input } = block;
    if (id === undefined || name === undefined || input === undefined) {
      return refuse(`${at}[${i}]`, "needs an id, a name and an input");
    }
    asked.add(id);
    calls.push({ id, name, arguments: JSON.stringify(input) });
    return [];
  });
  return { role: "assistant", content: said.join(""), ...(calls.length > 0 && { toolCalls: calls }) };
}

/** Results come before what the user says to them. */
function user(blocks: readonly Block[], at: string, asked: ReadonlySet<string>): ChatMessage[] {
  const results: ChatMessage[] = [];
  const said = blocks.flatMap((block, i) => {
    if (block.type !== "tool_result") return [sayingOf(block, `${at}[${i}]`)];
    results.push(resultOf(block, `${at}[${i}]`, asked));
    return [];
  });
  return said.length > 0 || results.length === 0 ? [...results, { role: "user", content: said.join("") }] : results;
}

function resultOf(
  { tool_use_id = "", content = "", is_error }: Block,
  at: string,
  asked: ReadonlySet<string>,
): ChatMessage {
  if (!asked.has(tool_use_id)) refuse(`${at}.tool_use_id`, "must be the id of a tool_use in a message before it");
  const text = typeof content === "string" ? content : textOf(content, `${at}.content`);
  // No template has a place for it.
  return { role: "tool", content: is_error === true ? `Error: ${text}` : text, toolCallId: tool_use_id };
}

function textOf(blocks: readonly Static<typeof Inner>[], at: string): string {
  return blocks.map((block, i) => sayingOf(block, `${at}[${i}]`)).join("");
}

function sayingOf({ type, text }: Static<typeof Inner>, at: string): string {
  if (type !== "text") return refuse(`${at}.type`, "is not supported here");
  return text ?? refuse(`${at}.text`, "is required");
}

function refuse(param: string, problem: string): never {
  throw new ApiError(400, "invalid_value", `'${param}' ${problem}.`, { param });
}
