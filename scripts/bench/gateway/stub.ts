/**
 * An upstream that costs next to nothing: it speaks OpenAI's chat API and answers every request with the same tokens.
 * Prints its port. Shared by every gateway of the benchmark.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const head = { id: "chatcmpl-stub", created: 1, model: "stub", system_fingerprint: null };

function chunk(delta: object, finish: string | null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices })}\n\n`;
}

const piece = chunk({ content: " word" }, null);
const ending = `${chunk({}, "length")}data: [DONE]\n\n`;

function whole(tokens: number): string {
  const message = { role: "assistant", content: " word".repeat(tokens), refusal: null };
  const usage = { prompt_tokens: 8, completion_tokens: tokens, total_tokens: 8 + tokens };
  return JSON.stringify({
    ...head,
    object: "chat.completion",
    choices: [{ index: 0, message, logprobs: null, finish_reason: "length" }],
    usage,
  });
}

/** One chunk a turn of the event loop, as an engine that makes tokens one by one. */
function stream(response: ServerResponse, tokens: number): void {
  let left = tokens;
  const next = (): void => {
    if (response.destroyed) return;
    if (left-- > 0) {
      response.write(piece);
      setImmediate(next);
    } else response.end(ending);
  };
  next();
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (data: string) => (body += data));
  request.on("end", () => {
    const { max_tokens: tokens = 8, stream: isStream } = JSON.parse(body) as { max_tokens?: number; stream?: boolean };
    if (isStream === true) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      return stream(response, tokens);
    }
    const text = whole(tokens);
    response.writeHead(200, { "content-type": "application/json", "content-length": text.length }).end(text);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
