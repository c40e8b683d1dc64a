import { ApiFailure, ask } from "./http.ts";

export interface Ended {
  /** The job's id, under which its receipts are found. */
  readonly id: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly amountWei: string;
  readonly firstMs: number;
  readonly wholeMs: number;
}

interface Chunk {
  readonly id?: string;
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly lode?: { readonly amountWei?: string };
  readonly error?: { readonly code?: string; readonly message?: string };
}

/**
 * One answer, piece by piece.
 * @throws {ApiFailure} when it is refused, or ends with an error
 */
export async function streamChat(
  key: string,
  request: { readonly model: string; readonly prompt: string; readonly maxTokens: number },
  signal: AbortSignal,
  onText: (piece: string) => void,
): Promise<Ended> {
  const startedMs = performance.now();
  const answer = await ask("/v1/chat/completions", {
    key,
    method: "POST",
    signal,
    body: {
      model: request.model,
      messages: [{ role: "user", content: request.prompt }],
      max_completion_tokens: request.maxTokens,
      stream: true,
      stream_options: { include_usage: true },
    },
  });
  let [id, amountWei, firstMs, inputTokens, outputTokens] = ["", "0", 0, 0, 0];
  for await (const chunk of events(answer)) {
    if (chunk.error !== undefined) {
      throw new ApiFailure(502, chunk.error.code ?? "failed", chunk.error.message ?? "The answer ended with an error.");
    }
    id = chunk.id ?? id;
    amountWei = chunk.lode?.amountWei ?? amountWei;
    inputTokens = chunk.usage?.prompt_tokens ?? inputTokens;
    outputTokens = chunk.usage?.completion_tokens ?? outputTokens;
    const piece = chunk.choices?.[0]?.delta?.content ?? "";
    if (piece === "") continue;
    firstMs ||= performance.now() - startedMs;
    onText(piece);
  }
  return { id, amountWei, inputTokens, outputTokens, firstMs, wholeMs: performance.now() - startedMs };
}

async function* events(answer: Response): AsyncGenerator<Chunk> {
  if (answer.body === null) return;
  const decoder = new TextDecoder();
  let rest = "";
  const reader = answer.body.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data: {")) yield JSON.parse(line.slice(6)) as Chunk;
    }
  }
}
