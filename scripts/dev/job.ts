import OpenAI from "openai";
import type { Hex } from "viem";
import type { Voice } from "./display.ts";

export interface JobDone {
  readonly id: string;
  readonly text: string;
  /** Digests of the receipts, one for each miner that delivered a part. */
  readonly receipts: readonly Hex[];
  readonly miners: readonly Hex[];
  readonly amountWei: bigint;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Milliseconds from the request to the first piece of text. */
  readonly firstTextMs: number;
  /** Milliseconds from the request to the last piece of text. */
  readonly lastTextMs: number;
  /** While text streamed. */
  readonly tokensPerSecond: number;
}

/** What the last chunk of a stream carries beside OpenAI's own fields. */
interface LodeFields {
  readonly job: Hex;
  readonly receipts: readonly Hex[];
  readonly miners: readonly Hex[];
  readonly amountWei: string;
}

/** Streams one answer through the public client library, showing the text as it arrives. */
export async function streamJob(
  api: { url: string; key: string },
  request: { model: string; prompt: string; maxTokens: number; seed: number },
  voice: Voice,
): Promise<JobDone> {
  const client = new OpenAI({ baseURL: `${api.url}/v1`, apiKey: api.key, maxRetries: 0 });
  const started = performance.now();
  const stream = await client.chat.completions.create({
    model: request.model,
    messages: [{ role: "user", content: request.prompt }],
    max_completion_tokens: request.maxTokens,
    // Deprecated where it is only a best effort; here it decides every draw.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    seed: request.seed,
    stream: true,
    stream_options: { include_usage: true },
  });
  let [id, text] = ["", ""];
  let [firstAt, lastAt] = [0, 0];
  let usage: { prompt_tokens: number; completion_tokens: number } | undefined;
  let fields: LodeFields | undefined;
  for await (const chunk of stream) {
    id = chunk.id;
    const piece = chunk.choices[0]?.delta.content ?? "";
    if (piece !== "") {
      lastAt = performance.now();
      firstAt ||= lastAt;
      text += piece;
      voice.stream(piece);
    }
    usage = chunk.usage ?? usage;
    fields = (chunk as { lode?: LodeFields }).lode ?? fields;
  }
  if (fields === undefined || usage === undefined) throw new Error("The answer ended without its receipt.");
  return {
    id,
    text,
    receipts: fields.receipts,
    miners: fields.miners,
    amountWei: BigInt(fields.amountWei),
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    firstTextMs: firstAt - started,
    lastTextMs: lastAt - started,
    tokensPerSecond: (usage.completion_tokens - 1) / Math.max(0.001, (lastAt - firstAt) / 1000),
  };
}
