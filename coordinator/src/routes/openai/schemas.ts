import Type from "typebox";

const Finish = Type.Union([Type.Literal("stop"), Type.Literal("length")]);
const Usage = Type.Object({
  prompt_tokens: Type.Integer(),
  completion_tokens: Type.Integer(),
  total_tokens: Type.Integer(),
});

/** What is ours in an answer: how to find its receipts, and what it cost. */
const LodeFields = Type.Object(
  {
    job: Type.String({ description: "Digest of the job's first assignment" }),
    receipts: Type.Array(Type.String(), { description: "Assignment digests, each with a receipt in the log" }),
    miners: Type.Array(Type.String()),
    amountWei: Type.String({ description: "Debited to the client" }),
  },
  { title: "LodeFields" },
);

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
        message: Type.Object({ role: Type.Literal("assistant"), content: Type.String(), refusal: Type.Null() }),
        logprobs: Type.Null(),
        finish_reason: Finish,
      }),
    ),
    usage: Usage,
    lode: LodeFields,
  },
  { title: "ChatCompletion" },
);

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
        delta: Type.Object({ role: Type.Optional(Type.String()), content: Type.Optional(Type.String()) }),
        logprobs: Type.Null(),
        finish_reason: Type.Union([Finish, Type.Null()]),
      }),
    ),
    usage: Type.Optional(Type.Union([Usage, Type.Null()])),
    lode: Type.Optional(LodeFields),
  },
  { title: "ChatCompletionChunk" },
);
