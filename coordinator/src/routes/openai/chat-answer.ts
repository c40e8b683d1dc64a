import type { JobResult } from "../../plugins/app/relay/run-job.ts";

/** The shapes of OpenAI's chat completions, built once a job so that a chunk costs one string. */
export class ChatAnswer {
  readonly #id: string;
  readonly #created: number;
  readonly #model: string;
  readonly #chunkHead: string;

  constructor(id: string, created: number, model: string) {
    this.#id = id;
    this.#created = created;
    this.#model = model;
    const head = { id, object: "chat.completion.chunk", created, model, system_fingerprint: null };
    this.#chunkHead = `data: ${JSON.stringify(head).slice(0, -1)},"choices":`;
  }

  first(): string {
    return this.#chunk('{"role":"assistant","content":""}', null);
  }

  text(text: string): string {
    return this.#chunk(`{"content":${JSON.stringify(text)}}`, null);
  }

  finish(result: JobResult): string {
    return this.#chunk("{}", result.finish === "length" ? "length" : "stop");
  }

  /** OpenAI's usage chunk: no choices. It also carries what is ours, so that clients that ignore it lose nothing. */
  usage(result: JobResult, includeUsage: boolean): string {
    const usage = includeUsage ? `,"usage":${JSON.stringify(usageOf(result))}` : "";
    return `${this.#chunkHead}[]${usage},"lode":${JSON.stringify(lodeOf(result))}}\n\n`;
  }

  whole(text: string, result: JobResult): object {
    return {
      id: this.#id,
      object: "chat.completion",
      created: this.#created,
      model: this.#model,
      system_fingerprint: null,
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: text, refusal: null },
          logprobs: null,
          finish_reason: result.finish === "length" ? "length" : "stop",
        },
      ],
      usage: usageOf(result),
      lode: lodeOf(result),
    };
  }

  #chunk(delta: string, finish: string | null): string {
    return `${this.#chunkHead}[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
  }
}

function usageOf({ inputTokens, outputTokens }: JobResult): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}

function lodeOf({ job, receipts, miners, amountWei }: JobResult): object {
  return { job, receipts, miners, amountWei: amountWei.toString() };
}
