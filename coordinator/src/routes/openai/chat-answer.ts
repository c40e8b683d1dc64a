import type { Static } from "typebox";
import type { ApiError } from "../../errors.ts";
import type { ChoiceOutcome, Outcome } from "../inference/choices.ts";
import type { Face } from "../inference/face.ts";
import type { Delta } from "../inference/reader.ts";
import { chatLogprobs } from "./logprobs.ts";
import type { ChatCompletion, LodeFields, Usage } from "./schemas.ts";

export interface AnswerOptions {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly choices: number;
  /** The client asked for the usage chunk; then every other chunk says `usage: null`. */
  readonly includeUsage: boolean;
}

/** @param created unix seconds */
export function answerOptions(
  body: { readonly model: string; readonly stream_options?: { include_usage?: boolean | null } | null },
  id: string,
  created: number,
  choices: number,
): AnswerOptions {
  return { id, created, model: body.model, choices, includeUsage: body.stream_options?.include_usage === true };
}

/** The shapes of OpenAI's chat completions, prepared once a job so that a chunk of text costs two joined strings. */
export class ChatAnswer implements Face {
  readonly #options: AnswerOptions;
  readonly #chunkHead: string;
  readonly #textHeads: readonly string[];

  constructor(options: AnswerOptions) {
    this.#options = options;
    const head = { ...this.#head, object: "chat.completion.chunk", ...(options.includeUsage && { usage: null }) };
    this.#chunkHead = `data: ${JSON.stringify(head).slice(0, -1)},"choices":[`;
    this.#textHeads = Array.from(
      { length: options.choices },
      (_, index) => `${this.#chunkHead}{"index":${index},"delta":{"content":`,
    );
  }

  begin(): string {
    const delta = { role: "assistant", content: "", refusal: null };
    return this.#textHeads.map((_, index) => this.#chunk(index, delta)).join("");
  }

  delta(choice: number, { content, call, logprobs }: Delta): string {
    if (call === undefined && logprobs !== undefined && logprobs.length > 0) {
      // A token that only begins a character adds no text, and has its probability all the same.
      return this.#chunk(choice, { content: content ?? "" }, null, "", chatLogprobs(logprobs));
    }
    if (call === undefined) {
      if (content === undefined || content === "") return "";
      return `${this.#textHeads[choice] ?? ""}${JSON.stringify(content)}},"logprobs":null,"finish_reason":null}]}\n\n`;
    }
    const { index, id, name, arguments: more = "" } = call;
    // Clients drop calls without an index, and take id, type and name from the first piece.
    const first = id === undefined ? {} : { id, type: "function" };
    const piece = { index, ...first, function: { ...(name !== undefined && { name }), arguments: more } };
    return this.#chunk(choice, { tool_calls: [piece] });
  }

  /** The chunks with the finish reasons, of which the last also carries what is ours; the usage if asked; the end mark. */
  end(outcome: Outcome): string {
    const last = outcome.choices.length - 1;
    const finishes = outcome.choices.map((choice, index) =>
      this.#chunk(index, {}, finishOf(choice), index === last ? `,"lode":${JSON.stringify(lodeOf(outcome))}` : ""),
    );
    const usage = JSON.stringify({
      ...this.#head,
      object: "chat.completion.chunk",
      choices: [],
      usage: usageOf(outcome),
    });
    return `${finishes.join("")}${this.#options.includeUsage ? `data: ${usage}\n\n` : ""}data: [DONE]\n\n`;
  }

  broken(problem: ApiError): string {
    return brokenStream(problem);
  }

  whole(outcome: Outcome): Static<typeof ChatCompletion> {
    return {
      ...this.#head,
      object: "chat.completion",
      choices: outcome.choices.map((choice, index) => ({
        index,
        message: messageOf(choice),
        logprobs: choice.logprobs === undefined ? null : chatLogprobs(choice.logprobs),
        finish_reason: finishOf(choice),
      })),
      usage: usageOf(outcome),
      lode: lodeOf(outcome),
    };
  }

  get #head(): { id: string; created: number; model: string; system_fingerprint: null } {
    const { id, created, model } = this.#options;
    return { id, created, model, system_fingerprint: null };
  }

  /** @param more JSON of further fields, each after a comma */
  #chunk(
    index: number,
    delta: object,
    finish: string | null = null,
    more = "",
    logprobs: object | null = null,
  ): string {
    const choice = JSON.stringify({ index, delta, logprobs, finish_reason: finish });
    return `${this.#chunkHead}${choice}]${more}}\n\n`;
  }
}

function messageOf({ content, calls }: ChoiceOutcome): Static<typeof ChatCompletion>["choices"][number]["message"] {
  const said = { role: "assistant" as const, refusal: null };
  if (calls.length === 0) return { ...said, content };
  return {
    ...said,
    content: content === "" ? null : content,
    tool_calls: calls.map(({ id, ...call }) => ({ id, type: "function" as const, function: call })),
  };
}

function finishOf({ finish, calls }: ChoiceOutcome): "stop" | "length" | "tool_calls" {
  return finish === "stop" && calls.length > 0 ? "tool_calls" : finish;
}

/** No [DONE]: a stream that is cut without an error object would look like success. */
export function brokenStream(problem: ApiError): string {
  return `data: ${JSON.stringify(problem.body())}\n\n`;
}

/** What clients add up without looking whether it is there. */
const noDetails = {
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
} as const;

export function usageOf({ inputTokens, outputTokens }: Outcome): Static<typeof Usage> {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...noDetails,
  };
}

export function lodeOf({ job, receipts, miners, amountWei, ...more }: Outcome): Static<typeof LodeFields> {
  const { refundWei, cloud } = more;
  return {
    ...{ job, receipts: [...receipts], miners: [...miners], amountWei },
    ...(refundWei !== undefined && { refundWei }),
    ...(cloud !== undefined && { cloud }),
  };
}
