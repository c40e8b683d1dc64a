import Type, { type Static, type TSchema } from "typebox";
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
    background: Type.Literal(false),
    error: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
    incomplete_details: Type.Union([Type.Object({ reason: Type.Literal("max_output_tokens") }), Type.Null()]),
    instructions: Type.Union([Type.String(), Type.Null()]),
    max_output_tokens: Type.Union([Type.Integer(), Type.Null()]),
    max_tool_calls: Type.Null(),
    model: Type.String(),
    output: Type.Array(Type.Union([MessageItem, CallItem])),
    parallel_tool_calls: Type.Boolean(),
    previous_response_id: Type.Union([Type.String(), Type.Null()]),
    reasoning: Type.Object({ effort: Type.Null(), summary: Type.Null() }),
    service_tier: Type.Literal("default"),
    store: Type.Boolean(),
    temperature: Type.Number(),
    text: Type.Unknown(),
    tool_choice: Type.Unknown(),
    tools: Type.Array(Type.Unknown()),
    top_logprobs: Type.Literal(0),
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
    user: Type.Union([Type.String(), Type.Null()]),
    metadata: Type.Record(Type.String(), Type.String()),
    lode: Type.Optional(LodeFields),
  },
  { title: "Response" },
);
export type ResponseBody = Static<typeof ResponseBody>;

const event = <N extends string, F extends Record<string, TSchema>>(type: N, fields: F) =>
  Type.Object({ type: Type.Literal(type), sequence_number: Type.Integer(), ...fields });
const place = { item_id: Type.String(), output_index: Type.Integer() };
const textPlace = { ...place, content_index: Type.Integer() };
const part = MessageItem.properties.content.items;
const item = { output_index: Type.Integer(), item: Type.Union([MessageItem, CallItem]) };
const logprobs = Type.Array(Type.Unknown());
const response = { response: ResponseBody };
const problem = { code: Type.String(), message: Type.String(), param: Type.Union([Type.String(), Type.Null()]) };

/** One event's data of a streamed response. Documentation only. */
export const ResponseEvent = Type.Union(
  [
    event("response.created", response),
    event("response.in_progress", response),
    event("response.output_item.added", item),
    event("response.content_part.added", { ...textPlace, part }),
    event("response.output_text.delta", { ...textPlace, delta: Type.String(), logprobs }),
    event("response.output_text.done", { ...textPlace, text: Type.String(), logprobs }),
    event("response.content_part.done", { ...textPlace, part }),
    event("response.function_call_arguments.delta", { ...place, delta: Type.String() }),
    event("response.function_call_arguments.done", { ...place, name: Type.String(), arguments: Type.String() }),
    event("response.output_item.done", item),
    event("response.completed", response),
    event("response.incomplete", response),
    event("error", { ...problem, error: Type.Object({ type: Type.String(), ...problem }) }),
    event("response.failed", response),
  ],
  { title: "ResponseEvent" },
);

/** Fields that no request changes. */
export const alwaysTheSame = {
  background: false,
  max_tool_calls: null,
  reasoning: { effort: null, summary: null },
  service_tier: "default",
  top_logprobs: 0,
} as const satisfies Partial<ResponseBody>;
