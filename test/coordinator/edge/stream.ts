/** The parts of OpenAI's chunks, usage and errors that tests look at. */
export interface Chunk {
  readonly id: string;
  readonly choices: readonly {
    readonly delta: { readonly role?: string; readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: unknown;
  readonly lode?: { readonly job: string; readonly miners: readonly string[]; readonly receipts: readonly string[] };
  readonly error?: { readonly code: string; readonly type: string; readonly param: string | null };
}

/** Reads a server-sent stream event by event; "[DONE]" stays a text. */
export async function* eventsOf(answer: Response): AsyncGenerator<Chunk | "[DONE]"> {
  let rest = "";
  const decoder = new TextDecoder();
  if (answer.body === null) return;
  for await (const bytes of answer.body) {
    rest += decoder.decode(bytes as Uint8Array, { stream: true });
    const parts = rest.split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      if (!part.startsWith("data: ")) continue;
      const data = part.slice("data: ".length);
      yield data === "[DONE]" ? data : (JSON.parse(data) as Chunk);
    }
  }
}

export interface WholeStream {
  readonly text: string;
  readonly chunks: readonly Chunk[];
  /** The chunk that carries a finish reason. */
  readonly last: Chunk | undefined;
  readonly error: Chunk["error"];
  /** Whether the end mark came. */
  readonly isDone: boolean;
}

/** Reads a stream to its end. */
export async function readStream(answer: Response): Promise<WholeStream> {
  const events: (Chunk | "[DONE]")[] = [];
  for await (const event of eventsOf(answer)) events.push(event);
  const chunks = events.filter((event) => event !== "[DONE]");
  return {
    chunks,
    text: chunks.map(({ choices }) => (choices as Chunk["choices"] | undefined)?.[0]?.delta.content ?? "").join(""),
    last: chunks.find(
      ({ choices }) => typeof (choices as Chunk["choices"] | undefined)?.[0]?.finish_reason === "string",
    ),
    error: chunks.find(({ error }) => error !== undefined)?.error,
    isDone: events.at(-1) === "[DONE]",
  };
}
