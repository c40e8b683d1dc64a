import Type, { type Static, type TSchema } from "typebox";
import type { ApiError } from "../../errors.ts";
import type { ChoiceOutcome, Outcome } from "../inference/choices.ts";
import type { Face } from "../inference/face.ts";
import type { Delta } from "../inference/reader.ts";
import { lodeOf } from "../openai/chat-answer.ts";
import { LodeFields } from "../openai/schemas.ts";
import { AnthropicError, anthropicError } from "./errors.ts";

const StopReason = Type.Union([
  Type.Literal("end_turn"),
  Type.Literal("max_tokens"),
  Type.Literal("stop_sequence"),
  Type.Literal("tool_use"),
]);
const StopSequence = Type.Union([Type.String(), Type.Null()], { description: "The stop sequence that came" });

const MessageUsage = Type.Object({
  input_tokens: Type.Integer(),
  cache_creation_input_tokens: Type.Literal(0),
  cache_read_input_tokens: Type.Literal(0),
  output_tokens: Type.Integer(),
});

export const MessageAnswerSchema = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal("message"),
    role: Type.Literal("assistant"),
    model: Type.String(),
    content: Type.Array(
      Type.Union([
        Type.Object({ type: Type.Literal("text"), text: Type.String() }),
        Type.Object({
          type: Type.Literal("tool_use"),
          id: Type.String(),
          name: Type.String(),
          input: Type.Record(Type.String(), Type.Unknown()),
        }),
      ]),
    ),
    stop_reason: StopReason,
    stop_sequence: StopSequence,
    usage: MessageUsage,
    lode: LodeFields,
  },
  { title: "Message" },
);

const event = <N extends string, F extends Record<string, TSchema>>(type: N, fields: F) =>
  Type.Object({ type: Type.Literal(type), ...fields });
const { properties: message } = MessageAnswerSchema;
const index = Type.Integer();

/** One event's data of a streamed answer. Documentation only. */
export const MessageEvent = Type.Union(
  [
    event("message_start", {
      message: Type.Object({
        id: message.id,
        type: message.type,
        role: message.role,
        model: message.model,
        content: Type.Array(Type.Unknown(), { maxItems: 0 }),
        stop_reason: Type.Null(),
        stop_sequence: Type.Null(),
        usage: message.usage,
      }),
    }),
    event("content_block_start", { index, content_block: message.content.items }),
    event("content_block_delta", {
      index,
      delta: Type.Union([
        Type.Object({ type: Type.Literal("text_delta"), text: Type.String() }),
        Type.Object({ type: Type.Literal("input_json_delta"), partial_json: Type.String() }),
      ]),
    }),
    event("content_block_stop", { index }),
    event("message_delta", {
      delta: Type.Object({ stop_reason: StopReason, stop_sequence: StopSequence }),
      usage: message.usage,
      lode: LodeFields,
    }),
    event("message_stop", {}),
    event("ping", {}),
    AnthropicError,
  ],
  { title: "MessageEvent" },
);

/** The shapes of Anthropic's messages. One instance dresses one answer, because a stream's blocks are numbered. */
export class MessageAnswer implements Face {
  readonly alive = eventOf("ping", {});
  readonly #head: { id: string; type: "message"; role: "assistant"; model: string };
  #blocks = 0;
  /** What the open block is about: text, or a call by its index. */
  #open: "text" | number | undefined;

  constructor(id: string, model: string) {
    this.#head = { id, type: "message", role: "assistant", model };
  }

  /** How many tokens were read is known at the end. */
  begin(): string {
    const usage = usageOf({ inputTokens: 0, outputTokens: 0 });
    const message = { ...this.#head, content: [], stop_reason: null, stop_sequence: null, usage };
    return eventOf("message_start", { message });
  }

  delta(_choice: number, { content = "", call }: Delta): string {
    if (call !== undefined) {
      const { index, id, name, arguments: json = "" } = call;
      const block = { type: "tool_use", id, name, input: {} };
      const begun = this.#open === index ? "" : this.#next(index, block);
      return json === "" ? begun : begun + this.#add({ type: "input_json_delta", partial_json: json });
    }
    if (content === "") return "";
    const begun = this.#open === "text" ? "" : this.#next("text", { type: "text", text: "" });
    return begun + this.#add({ type: "text_delta", text: content });
  }

  end(outcome: Outcome): string {
    const delta = stopOf(outcome);
    const last = eventOf("message_delta", { delta, usage: usageOf(outcome), lode: lodeOf(outcome) });
    return this.#close() + last + eventOf("message_stop", {});
  }

  broken(problem: ApiError): string {
    return `event: error\ndata: ${JSON.stringify(anthropicError(problem))}\n\n`;
  }

  whole(outcome: Outcome): Static<typeof MessageAnswerSchema> {
    return {
      ...this.#head,
      content: outcome.choices.flatMap(blocksOf),
      ...stopOf(outcome),
      usage: usageOf(outcome),
      lode: lodeOf(outcome),
    };
  }

  #next(about: "text" | number, block: object): string {
    const closed = this.#close();
    this.#open = about;
    return closed + eventOf("content_block_start", { index: this.#blocks, content_block: block });
  }

  #add(delta: object): string {
    return eventOf("content_block_delta", { index: this.#blocks, delta });
  }

  #close(): string {
    if (this.#open === undefined) return "";
    this.#open = undefined;
    return eventOf("content_block_stop", { index: this.#blocks++ });
  }
}

function eventOf(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function blocksOf({ content, calls }: ChoiceOutcome): Static<typeof MessageAnswerSchema>["content"] {
  const text = content === "" ? [] : [{ type: "text" as const, text: content }];
  const uses = calls.flatMap(({ id, name, arguments: json }) => {
    const input = readInput(json);
    return input === undefined ? [] : [{ type: "tool_use" as const, id, name, input }];
  });
  return [...text, ...uses];
}

/** Undefined for a call that was cut short: half an input is none. */
function readInput(json: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function stopOf({ choices: [choice] }: Outcome): {
  stop_reason: Static<typeof StopReason>;
  stop_sequence: string | null;
} {
  const reason = (stop_reason: Static<typeof StopReason>, stop_sequence: string | null = null) => ({
    stop_reason,
    stop_sequence,
  });
  if (choice?.finish === "length") return reason("max_tokens");
  if (choice !== undefined && choice.calls.length > 0) return reason("tool_use");
  return choice?.stop === undefined ? reason("end_turn") : reason("stop_sequence", choice.stop);
}

/** Clients add all of them up: what is read from a cache, or written to one, is no part of `input_tokens` there. */
function usageOf(counted: Pick<Outcome, "inputTokens" | "outputTokens">): Static<typeof MessageUsage> {
  const { inputTokens, outputTokens } = counted;
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
  };
}
