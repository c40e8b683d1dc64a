import type { SamplerParams, TextPrompt } from "@lode/protocol";
import { CloudError } from "./errors.ts";

/** What is asked of the upstream, in its own words. */
export interface UpstreamRequest {
  /** The model as the upstream names it. */
  readonly model: string;
  readonly prompt: TextPrompt | { readonly messages: readonly { readonly role: string; readonly content: string }[] };
  readonly sampler: SamplerParams;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly seed: number | undefined;
}

export interface Upstream {
  /** Base URL, as `https://api.example.com/v1`. */
  readonly url: string;
  readonly key: string | undefined;
  /** How long it may be silent, milliseconds: until its first words, and between them. */
  readonly firstTokenMs: number;
  readonly stallMs: number;
}

export interface UpstreamPiece {
  readonly text: string;
  /** Its own word for why the text ended: "stop", "length", or another. */
  readonly finish?: string | undefined;
}

/** An answer that has begun. */
export interface UpstreamAnswer {
  /** Ends with a piece that has a finish. Throws CloudError when it is cut short or falls silent. */
  pieces(): AsyncGenerator<UpstreamPiece>;
  abort(): void;
}

/** Longest event that is put together, characters: nothing that a token says is longer. */
const maximumEventChars = 1_048_576;

/** Asks an OpenAI-compatible server; resolves when it agrees to answer. Throws CloudError. @param signal ends everything */
export async function askUpstream(
  upstream: Upstream,
  request: UpstreamRequest,
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  const { url, key, firstTokenMs } = upstream;
  const silence = new AbortController();
  const both = AbortSignal.any([signal, silence.signal]);
  const path = "text" in request.prompt ? "completions" : "chat/completions";
  const timer = setTimeout(() => silence.abort(), firstTokenMs);
  let answer: Response;
  try {
    answer = await fetch(`${url.replace(/\/+$/, "")}/${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream",
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(bodyOf(request)),
      // A key goes to the server that the operator named and to no other.
      redirect: "error",
      signal: both,
    });
  } catch {
    clearTimeout(timer);
    throw new CloudError(silence.signal.aborted ? "did not answer in time" : "cannot be reached");
  }
  const { body } = answer;
  const isStream = answer.headers.get("content-type")?.includes("text/event-stream") ?? false;
  if (!answer.ok || body === null || !isStream) {
    clearTimeout(timer);
    silence.abort();
    throw new CloudError(answer.ok ? "does not stream" : `answered ${answer.status}`);
  }
  return {
    pieces: () => read(body, upstream, silence, timer, signal),
    abort: () => {
      clearTimeout(timer);
      silence.abort();
    },
  };
}

function bodyOf({ model, prompt, sampler, maxTokens, stop, seed }: UpstreamRequest): object {
  const { temperature, topP, frequencyPenalty, presencePenalty } = sampler;
  const messages = "messages" in prompt ? prompt.messages.map(({ role, content }) => ({ role, content })) : undefined;
  return {
    model,
    ...("text" in prompt ? { prompt: prompt.text } : { messages }),
    temperature,
    top_p: topP,
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(seed !== undefined && { seed }),
    ...(stop.length > 0 && { stop }),
    max_tokens: maxTokens,
    stream: true,
  };
}

async function* read(
  body: ReadableStream<Uint8Array>,
  { stallMs }: Upstream,
  silence: AbortController,
  first: NodeJS.Timeout,
  signal: AbortSignal,
): AsyncGenerator<UpstreamPiece> {
  let timer = first;
  try {
    for await (const data of events(body)) {
      clearTimeout(timer);
      if (data === "[DONE]") return;
      const piece = pieceOf(data);
      yield piece;
      if (piece.finish !== undefined) return;
      // Only now: a client that reads slowly is no silence of the upstream's.
      timer = setTimeout(() => silence.abort(), stallMs);
    }
    throw new CloudError("ended in the middle of its answer");
  } catch (error) {
    if (error instanceof CloudError || signal.aborted) throw error;
    throw new CloudError(silence.signal.aborted ? "fell silent" : "ended in the middle of its answer");
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** The data of each event; comments and other fields are nobody's business. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > maximumEventChars) throw new CloudError("sent an event without an end");
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
  }
}

function pieceOf(data: string): UpstreamPiece {
  let event: { error?: unknown; choices?: unknown };
  try {
    event = JSON.parse(data) as typeof event;
  } catch {
    throw new CloudError("sent what is no JSON");
  }
  if (event.error !== undefined && event.error !== null) throw new CloudError("broke its answer off with an error");
  const [choice] = (Array.isArray(event.choices) ? event.choices : []) as {
    delta?: { content?: unknown };
    text?: unknown;
    finish_reason?: unknown;
  }[];
  const said = choice?.delta?.content ?? choice?.text;
  const reason = choice?.finish_reason;
  return { text: typeof said === "string" ? said : "", finish: typeof reason === "string" ? reason : undefined };
}
