import type { ChatMessage } from "@lode/protocol";
import Type, { type Static } from "typebox";

/** One object for all types, as they come in. */
export const InputItem = Type.Object({
  id: Type.String(),
  type: Type.Union([Type.Literal("message"), Type.Literal("function_call"), Type.Literal("function_call_output")]),
  status: Type.Literal("completed"),
  role: Type.Optional(Type.String()),
  content: Type.Optional(
    Type.Array(
      Type.Object({
        type: Type.Union([Type.Literal("input_text"), Type.Literal("output_text")]),
        text: Type.String(),
        annotations: Type.Optional(Type.Array(Type.Unknown())),
      }),
    ),
  ),
  call_id: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  arguments: Type.Optional(Type.String()),
  output: Type.Optional(Type.String()),
});
type InputItem = Static<typeof InputItem>;
type Unnamed = Omit<InputItem, "id">;

/** A conversation as items, the oldest first. @param unique tells their ids from those of other responses' items */
export function inputItemsOf(messages: readonly ChatMessage[], unique: string): InputItem[] {
  const status = "completed";
  const items = messages.flatMap(({ role, content, toolCalls = [], toolCallId }): Unnamed[] => {
    if (role === "tool") {
      return [{ type: "function_call_output", status, call_id: toolCallId ?? "", output: content }];
    }
    const isAnswer = role === "assistant";
    const type = isAnswer ? "output_text" : "input_text";
    const message: Unnamed = {
      ...{ type: "message", status, role },
      content: [{ type, text: content, ...(isAnswer && { annotations: [] }) }],
    };
    const calls = toolCalls.map(({ id, name, arguments: given }): Unnamed => {
      return { type: "function_call", status, call_id: id, name, arguments: given };
    });
    return content === "" && calls.length > 0 ? calls : [message, ...calls];
  });
  return items.map((item, index) => ({ id: `${prefixes[item.type]}_${unique}${index}`, ...item }));
}

const prefixes = { message: "msg", function_call: "fc", function_call_output: "fco" } as const;
