import Type from "typebox";
import { ChatLogprobs, CompletionLogprobs } from "./logprobs.ts";

const Finish = Type.Union([Type.Literal("stop"), Type.Literal("length"), Type.Literal("tool_calls")]);

export const Usage = Type.Object(
  {
    prompt_tokens: Type.Integer({ description: "As billed: with `n` answers the prompt is read n times" }),
    completion_tokens: Type.Integer(),
    total_tokens: Type.Integer(),
    // Missing from what an earlier version kept.
    prompt_tokens_details: Type.Optional(
      Type.Object(
        { cached_tokens: Type.Literal(0), audio_tokens: Type.Literal(0) },
        { description: "Every token is billed as one that is read anew" },
      ),
    ),
    completion_tokens_details: Type.Optional(
      Type.Object({
        reasoning_tokens: Type.Literal(0),
        audio_tokens: Type.Literal(0),
        accepted_prediction_tokens: Type.Literal(0),
        rejected_prediction_tokens: Type.Literal(0),
      }),
    ),
  },
  { title: "Usage" },
);

/** What is ours in an answer: how to find its receipts, and what it cost. */
export const LodeFields = Type.Object(
  {
    job: Type.String({ description: "Digest of the first job's first assignment" }),
    receipts: Type.Array(Type.String(), { description: "Assignment digests, each with a receipt in the log" }),
    miners: Type.Array(Type.String()),
    amountWei: Type.String({ description: "Debited to the client" }),
    refundWei: Type.Optional(
      Type.String({ description: "Taken off the price, because the first token came later than its quote promised" }),
    ),
    cloud: Type.Optional(
      Type.String({ description: "What the cloud that did it calls the model; absent where miners did it" }),
    ),
  },
  { title: "LodeFields" },
);

/** A client's own notes on what it keeps. */
export const Metadata = Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 512 }), {
  maxProperties: 16,
});

const Call = Type.Object({
  id: Type.String(),
  type: Type.Literal("function"),
  function: Type.Object({ name: Type.String(), arguments: Type.String() }),
});

export const ChatCompletion = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal("chat.completion"),
    created: Type.Integer(),
    model: Type.String(),
    system_fingerprint: Type.Null(),
    choices: Type.Array(
      Type.Object({
        index: Type.Integer(),
        message: Type.Object({
          role: Type.Literal("assistant"),
          content: Type.Union([Type.String(), Type.Null()]),
          refusal: Type.Null(),
          tool_calls: Type.Optional(Type.Array(Call)),
        }),
        logprobs: Type.Union([ChatLogprobs, Type.Null()]),
        finish_reason: Finish,
      }),
    ),
    usage: Usage,
    lode: LodeFields,
    metadata: Type.Optional(
      Type.Union([Metadata, Type.Null()], { description: "Of an answer that is kept, as its client set it" }),
    ),
  },
  { title: "ChatCompletion" },
);

const CallPiece = Type.Object({
  index: Type.Integer(),
  id: Type.Optional(Type.String({ description: "In a call's first piece, as its type and name" })),
  type: Type.Optional(Type.Literal("function")),
  function: Type.Object({ name: Type.Optional(Type.String()), arguments: Type.String() }),
});

/** One event's data of a streamed answer. Documentation only: chunks are built as text. */
export const ChatCompletionChunk = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal("chat.completion.chunk"),
    created: Type.Integer(),
    model: Type.String(),
    system_fingerprint: Type.Null(),
    choices: Type.Array(
      Type.Object({
        index: Type.Integer(),
        delta: Type.Object({
          role: Type.Optional(Type.String()),
          content: Type.Optional(Type.String()),
          refusal: Type.Optional(Type.Null()),
          tool_calls: Type.Optional(Type.Array(CallPiece)),
        }),
        logprobs: Type.Union([ChatLogprobs, Type.Null()]),
        finish_reason: Type.Union([Finish, Type.Null()]),
      }),
    ),
    usage: Type.Optional(Type.Union([Usage, Type.Null()])),
    lode: Type.Optional(LodeFields),
  },
  { title: "ChatCompletionChunk" },
);

/** A text completion, and one event's data of a streamed one. */
export const Completion = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal("text_completion"),
    created: Type.Integer(),
    model: Type.String(),
    system_fingerprint: Type.Null(),
    choices: Type.Array(
      Type.Object({
        index: Type.Integer(),
        text: Type.String(),
        logprobs: Type.Union([CompletionLogprobs, Type.Null()]),
        finish_reason: Type.Union([Type.Literal("stop"), Type.Literal("length"), Type.Null()]),
      }),
    ),
    usage: Type.Optional(Type.Union([Usage, Type.Null()])),
    lode: Type.Optional(LodeFields),
  },
  { title: "Completion" },
);
