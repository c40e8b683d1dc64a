/** A long answer whose every word is fixed by its schema: there is time to break something in its middle. */
const words = { type: "array", items: { enum: ["alpha", "beta", "gamma", "delta"] }, minItems: 120, maxItems: 120 };
const schema = { type: "object", properties: { words }, required: ["words"], additionalProperties: false };

/** Whole answer, milliseconds. */
const longestMs = 180_000;

export interface Streamed {
  readonly text: string;
  readonly miners: readonly string[];
  /** Longest silence after the break, milliseconds; 0 when there was none. */
  readonly silenceMs: number;
}

/** Streams one answer; `onText` gets the first miner and how much text is there, and says when it breaks something. */
export async function streamAnswer(
  api: { readonly url: string; readonly key: string; readonly model: string },
  seed: number,
  onText: (miner: string, chars: number) => boolean = () => false,
): Promise<Streamed> {
  const answer = await fetch(`${api.url}/v1/chat/completions`, {
    method: "POST",
    // An answer that never ends is the worst failure of all, and must not look like patience.
    signal: AbortSignal.timeout(longestMs),
    headers: { authorization: `Bearer ${api.key}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: api.model,
      messages: [{ role: "user", content: "Many words, please." }],
      max_tokens: 1200,
      seed,
      stream: true,
      response_format: { type: "json_schema", json_schema: { name: "words", schema } },
    }),
  });
  if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status}: ${await answer.text()}`);
  const first = answer.headers.get("x-lode-miner") ?? "";
  let [text, buffer, brokenAt, lastAt, silenceMs] = ["", "", 0, 0, 0];
  let miners: readonly string[] = [];
  for await (const bytes of answer.body.pipeThrough(new TextDecoderStream())) {
    buffer += bytes;
    const lines = buffer.split("\n");
    buffer = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
      const chunk = JSON.parse(line.slice(6)) as {
        error?: { message: string };
        choices?: { delta?: { content?: string } }[];
        lode?: { miners: string[] };
      };
      if (chunk.error !== undefined) throw new Error(chunk.error.message);
      miners = chunk.lode?.miners ?? miners;
      const piece = chunk.choices?.[0]?.delta?.content ?? "";
      if (piece === "") continue;
      const now = performance.now();
      // What was on its way when something broke still comes; the silence is what follows it.
      if (brokenAt > 0) silenceMs = Math.max(silenceMs, now - Math.max(lastAt, brokenAt));
      lastAt = now;
      text += piece;
      if (brokenAt === 0 && onText(first, text.length)) brokenAt = performance.now();
    }
  }
  return { text, miners, silenceMs };
}
