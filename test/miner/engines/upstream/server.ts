import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

export interface TestServer {
  readonly url: string;
  readonly received: Received[];
  /** Connections whose client went before the answer was whole. */
  readonly hungUp: () => number;
  close(): Promise<void>;
}

type Answer = (response: ServerResponse, received: Received) => void | Promise<void>;

/** A real HTTP server that answers as a test says; `/v1/models` lists `m` unless the test does. At any port unless one is given. */
export async function openServer(answers: Readonly<Record<string, Answer>>, port = 0): Promise<TestServer> {
  const received: Received[] = [];
  let hungUp = 0;
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) hungUp += 1;
    });
    void readBody(request).then(async (body) => {
      const path = request.url ?? "";
      const one: Received = { method: request.method ?? "", path, authorization: request.headers.authorization, body };
      received.push(one);
      const answer = answers[path] ?? (path === "/v1/models" ? json({ data: [{ id: "m" }] }) : undefined);
      if (answer === undefined) response.writeHead(404).end("{}");
      else await answer(response, one);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    hungUp: () => hungUp,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

export const json =
  (value: unknown, status = 200): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

export const raw =
  (text: string): Answer =>
  (response) =>
    void response.writeHead(200, { "content-type": "text/event-stream" }).end(text);

/** A stream of chat deltas, then the reason, then the mark of the end. */
export function stream(pieces: readonly string[], finish: string | null = "stop"): Answer {
  const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
  const deltas = pieces.map((content) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
  const last = finish === null ? "" : event({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  return raw(`${deltas.join("")}${last}data: [DONE]\n\n`);
}
