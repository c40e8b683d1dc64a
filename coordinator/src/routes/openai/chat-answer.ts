import type { Static } from "typebox";
import type { JobResult } from "../../plugins/app/relay/relay.ts";
import type { ChatCompletion } from "./chat-schemas.ts";

/** The shapes of OpenAI's chat completions, prepared once a job so that a chunk costs two joined strings. */
export class ChatAnswer {
  readonly #head: { id: string; created: number; model: string; system_fingerprint: null };
  readonly #chunkHead: string;
  readonly #textHead: string;
  readonly #textTail: string;
  readonly #includeUsage: boolean;

  /** @param includeUsage the client asked for the usage chunk; then every other chunk says `usage: null` */
  constructor(id: string, created: number, model: string, includeUsage = false) {
    this.#head = { id, created, model, system_fingerprint: null };
    const head = { id, object: "chat.completion.chunk", created, model, system_fingerprint: null };
    this.#chunkHead = `data: ${JSON.stringify({ ...head, ...(includeUsage && { usage: null }) }).slice(0, -1)}`;
    this.#textHead = `${this.#chunkHead},"choices":[{"index":0,"delta":{"content":`;
    this.#textTail = `},"logprobs":null,"finish_reason":null}]}\n\n`;
    this.#includeUsage = includeUsage;
  }

  first(): string {
    const delta = { role: "assistant", content: "", refusal: null };
    return this.#chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: null }] });
  }

  text(text: string): string {
    return this.#textHead + JSON.stringify(text) + this.#textTail;
  }

  /** The rest of a stream: the chunk with the finish reason, which also carries what is ours; the usage if asked; the end mark. */
  end(result: JobResult): string {
    const finish = { index: 0, delta: {}, logprobs: null, finish_reason: finishOf(result) };
    const usage = `${this.#chunkHead.replace(',"usage":null', "")},"choices":[],"usage":${JSON.stringify(usageOf(result))}}\n\n`;
    return `${this.#chunk({ choices: [finish], lode: lodeOf(result) })}${this.#includeUsage ? usage : ""}data: [DONE]\n\n`;
  }

  whole(content: string, result: JobResult): Static<typeof ChatCompletion> {
    const message = { role: "assistant" as const, content, refusal: null };
    return {
      ...this.#head,
      object: "chat.completion",
      choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(result) }],
      usage: usageOf(result),
      lode: lodeOf(result),
    };
  }

  #chunk(fields: object): string {
    return `${this.#chunkHead},${JSON.stringify(fields).slice(1)}\n\n`;
  }
}

/** A client that is still there and whose job was cancelled has run into the job's deadline. */
function finishOf({ finish }: JobResult): "stop" | "length" {
  return finish === "stop" ? "stop" : "length";
}

function usageOf({ inputTokens, outputTokens }: JobResult): Static<typeof ChatCompletion>["usage"] {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}

function lodeOf({ job, receipts, miners, amountWei }: JobResult): Static<typeof ChatCompletion>["lode"] {
  return { job, receipts: [...receipts], miners: [...miners], amountWei: amountWei.toString() };
}
