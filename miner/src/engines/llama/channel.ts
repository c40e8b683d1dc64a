import type { Duplex } from "node:stream";

/** One message a line, as JSON. */
export interface Channel<Outgoing> {
  /** `sent` comes when the message has left this process, or never will. */
  send(message: Outgoing, sent?: () => void): void;
  /** No more messages; the other side sees an end. */
  close(): void;
}

/** Far above any message of ours: a prompt and its prefix, or 32 tokens. */
const mostChars = 64 * 2 ** 20;

/**
 * Node's own channel for messages is not used: it throws in this process, where nobody can catch it, when the other side writes
 * anything that is no message, and it knows messages of its own kind. The other side may be under a model file's control.
 * `broken` comes at most once, for a line that is no JSON or never ends; nothing is read behind it. `take` may throw, with the
 * same result.
 */
export function createChannel<Outgoing>(
  stream: Duplex,
  take: (message: unknown) => void,
  broken: (reason: Error) => void,
): Channel<Outgoing> {
  let parts: string[] = [];
  let chars = 0;
  stream.setEncoding("utf8");
  const onText = (text: string): void => {
    try {
      let from = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
        parts.push(text.slice(from, end));
        from = end + 1;
        const line = parts.length === 1 ? parts[0] : parts.join("");
        parts = [];
        chars = 0;
        take(JSON.parse(line ?? ""));
      }
      if (from === text.length) return;
      parts.push(from === 0 ? text : text.slice(from));
      chars += text.length - from;
      if (chars > mostChars) throw new Error(`a message has more than ${mostChars} characters`);
    } catch (error) {
      stream.off("data", onText);
      stream.resume();
      parts = [];
      broken(error instanceof Error ? error : new Error(String(error)));
    }
  };
  stream.on("data", onText);
  return {
    send(message, sent) {
      if (stream.writable) stream.write(`${JSON.stringify(message)}\n`, () => sent?.());
      else sent?.();
    },
    close: () => void stream.destroy(),
  };
}
