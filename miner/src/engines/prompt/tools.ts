import type { ChatMessage, Tool } from "@lode/protocol";
import type { Conversation } from "../engine.ts";
import { EngineError } from "../errors.ts";

/** What a chat template is given, by the names that templates know. */
export interface TemplateInput {
  readonly messages: readonly Record<string, unknown>[];
  readonly tools: readonly Record<string, unknown>[] | undefined;
}

/**
 * A prompt as the template's author expects it: tools as JSON schemas, arguments as objects. A template that knows no
 * tools gets them in words, so that none is lost.
 */
export function templateInput(prompt: Conversation, template: string): TemplateInput {
  const knowsTools = /\btools\b/.test(template);
  const { tools } = prompt;
  const messages = prompt.messages.map((message) => (knowsTools ? native(message) : plain(message)));
  if (tools === undefined) return { messages, tools: undefined };
  return knowsTools
    ? { messages, tools: tools.map(declaration) }
    : { messages: explained(messages, tools), tools: undefined };
}

function declaration({ name, description = "", parameters }: Tool): Record<string, unknown> {
  const schema = parameters === undefined ? { type: "object", properties: {} } : parse(parameters, `The tool ${name}`);
  return { type: "function", function: { name, description, parameters: schema } };
}

function native({ role, content, toolCalls, toolCallId }: ChatMessage): Record<string, unknown> {
  const calls = toolCalls?.map(({ id, name, arguments: given }) => {
    return { id, type: "function", function: { name, arguments: parse(given, `The call of ${name}`) } };
  });
  return {
    role,
    content,
    ...(calls === undefined ? {} : { tool_calls: calls }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
  };
}

/** Calls become part of the assistant's text, in the form that the mask asks for; results come from the user. */
function plain({ role, content, toolCalls }: ChatMessage): Record<string, unknown> {
  if (role === "tool") return { role: "user", content: `Result of the call: ${content}` };
  const calls = (toolCalls ?? []).map(({ name, arguments: given }) => callText(name, given));
  return { role, content: [...(content === "" ? [] : [content]), ...calls].join("\n") };
}

const callText = (name: string, given: string): string =>
  JSON.stringify({ name, arguments: parse(given, `The call of ${name}`) });

function explained(
  messages: readonly Record<string, unknown>[],
  tools: readonly Tool[],
): readonly Record<string, unknown>[] {
  const list = tools.map((tool) => JSON.stringify(declaration(tool)["function"]));
  const words = [
    "You can call these functions:",
    ...list,
    'To call one, answer {"name": ..., "arguments": {...}}.',
  ].join("\n");
  const [first, ...rest] = messages;
  return first?.["role"] === "system"
    ? [{ ...first, content: `${String(first["content"])}\n\n${words}` }, ...rest]
    : [{ role: "system", content: words }, ...messages];
}

function parse(json: string, whose: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new EngineError("bad-request", `${whose} comes with something that is not JSON.`);
  }
}
