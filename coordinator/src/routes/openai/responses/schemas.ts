import Type, { type Static } from "typebox";
import { LodeFields } from "../schemas.ts";

const Status = Type.Union([Type.Literal("in_progress"), Type.Literal("completed"), Type.Literal("incomplete")]);

const MessageItem = Type.Object({
  id: Type.String(),
  type: Type.Literal("message"),
  status: Status,
  role: Type.Literal("assistant"),
  content: Type.Array(
    Type.Object({
      type: Type.Literal("output_text"),
      text: Type.String(),
      annotations: Type.Array(Type.Unknown()),
      logprobs: Type.Array(Type.Unknown()),
    }),
  ),
});
export type MessageItem = Static<typeof MessageItem>;

const CallItem = Type.Object({
  id: Type.String(),
  type: Type.Literal("function_call"),
  status: Status,
  call_id: Type.String(),
  name: Type.String(),
  arguments: Type.String(),
});
export type CallItem = Static<typeof CallItem>;

export type OutputItem = MessageItem | CallItem;

export const ResponseBody = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal("response"),
    created_at: Type.Integer(),
    status: Type.Union([Status, Type.Literal("failed")]),
    error: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
    incomplete_details: Type.Union([Type.Object({ reason: Type.Literal("max_output_tokens") }), Type.Null()]),
    instructions: Type.Union([Type.String(), Type.Null()]),
    max_output_tokens: Type.Union([Type.Integer(), Type.Null()]),
    model: Type.String(),
    output: Type.Array(Type.Union([MessageItem, CallItem])),
    parallel_tool_calls: Type.Boolean(),
    previous_response_id: Type.Union([Type.String(), Type.Null()]),
    store: Type.Boolean(),
    temperature: Type.Number(),
    text: Type.Unknown(),
    tool_choice: Type.Unknown(),
    tools: Type.Array(Type.Unknown()),
    top_p: Type.Number(),
    truncation: Type.Literal("disabled"),
    usage: Type.Union([
      Type.Object({
        input_tokens: Type.Integer(),
        input_tokens_details: Type.Object({ cached_tokens: Type.Integer() }),
        output_tokens: Type.Integer(),
        output_tokens_details: Type.Object({ reasoning_tokens: Type.Integer() }),
        total_tokens: Type.Integer(),
      }),
      Type.Null(),
    ]),
    metadata: Type.Record(Type.String(), Type.String()),
    lode: Type.Optional(LodeFields),
  },
  { title: "Response" },
);
export type ResponseBody = Static<typeof ResponseBody>;

/** One event of a streamed response. Documentation only. */
export const ResponseEvent = Type.Object(
  {
    type: Type.String({
      description:
        "response.created, response.in_progress, response.output_item.added and .done, response.content_part.added and " +
        ".done, response.output_text.delta and .done, response.function_call_arguments.delta and .done, then " +
        "response.completed, response.incomplete, or error and response.failed",
    }),
    sequence_number: Type.Integer(),
    output_index: Type.Optional(Type.Integer()),
    delta: Type.Optional(Type.String()),
    response: Type.Optional(ResponseBody),
  },
  { title: "ResponseEvent" },
);
