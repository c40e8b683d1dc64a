import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { leafOf } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { exitCode, MinerError } from "../../errors.ts";
import type { EntryCopy } from "../copy/entry-copy.ts";
import { readWitnessed, toShown, type HeadBook, type WitnessedHead } from "../gossip/head-book.ts";
import { mostPeerHeads } from "../gossip/peer.ts";
import { Strangers } from "./strangers.ts";

/** What a witness shows and takes. */
export interface Shown {
  readonly coordinator: Hex;
  readonly heads: HeadBook;
  /** The copy of the log; undefined before the first round. */
  readonly copy: () => EntryCopy | undefined;
  readonly metrics: () => string;
  readonly report: () => unknown;
  /** Takes heads of strangers; says how many of them were the coordinator's and new. */
  readonly take: (heads: readonly WitnessedHead[]) => number;
  readonly nowMs: () => number;
}

export interface WitnessServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Bytes and heads of one request. A head costs a recovery of a signature, and a look-up about a thousand hashes. */
const [mostBytes, mostSentHeads] = [64 * 1024, 32];
const cost = { plain: 1, lookUp: 2, heads: 10 } as const;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const refuse = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

/** Serves what a witness saw to other auditors and to Prometheus. Throws MinerError `port_taken`. */
export async function serveWitness(at: { host: string; port: number }, shown: Shown): Promise<WitnessServer> {
  const strangers = new Strangers(shown.nowMs);
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      void answer(request, strangers, shown)
        .catch(() => refuse(500, "failed", "The request failed."))
        .then((result) => send(request, response, result));
    },
  );
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, resolve);
  }).catch((cause: unknown) => {
    const message = `The audit cannot be served at ${at.host}:${at.port}; name another --port.`;
    throw new MinerError("port_taken", message, { cause, exitCode: exitCode.port });
  });
  // Nobody is told of a later failure of a socket: whoever asked asks again.
  server.on("error", () => undefined);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, strangers: Strangers, shown: Shown): Promise<Answer> {
  const url = new URL(request.url ?? "/", "http://witness");
  const route = `${request.method ?? "GET"} ${url.pathname}`.replace(/^HEAD /, "GET ");
  const price =
    route === "POST /v1/audit/heads" ? cost.heads : /\/(root|leaf)$/.test(url.pathname) ? cost.lookUp : cost.plain;
  if (!strangers.mayAsk(request.socket.remoteAddress ?? "", price)) {
    return refuse(429, "too_many_requests", "Ask less often.");
  }
  switch (route) {
    case "GET /metrics":
      return { status: 200, body: shown.metrics() };
    case "GET /v1/audit/report":
      return { status: 200, body: shown.report() };
    case "GET /v1/audit/heads":
      return headsOf(url, shown);
    case "POST /v1/audit/heads":
      return takeHeads(request, shown);
    case "GET /v1/audit/root":
      return lookUp(shown, (copy) => ({ root: copy.tree.root(numberIn(url, "size")) }));
    case "GET /v1/audit/leaf":
      return lookUp(shown, (copy) => {
        const [index, size] = [numberIn(url, "index"), numberIn(url, "size")];
        // The path first: it refuses an index that is not there.
        const path = copy.tree.path(index, size);
        return { leaf: leafOf(copy.entry(index), 0), path };
      });
    default:
      return refuse(404, "not_found", "There are /metrics, /v1/audit/report, /heads, /root and /leaf.");
  }
}

function headsOf(url: URL, { coordinator, heads }: Shown): Answer {
  const asked = url.searchParams.get("coordinator")?.toLowerCase() ?? coordinator;
  const mine = asked === coordinator ? heads.all.slice(-mostPeerHeads) : [];
  return { status: 200, body: { coordinator, heads: mine.map(toShown) } };
}

async function takeHeads(request: IncomingMessage, shown: Shown): Promise<Answer> {
  const bytes = await readBody(request);
  if (bytes === undefined) return refuse(413, "too_long", `Send at most ${mostBytes} bytes.`);
  let heads: unknown;
  try {
    ({ heads } = JSON.parse(bytes.toString("utf8")) as { heads?: unknown });
  } catch {
    return refuse(400, "not_json", "Send JSON: { heads: [...] }.");
  }
  if (!Array.isArray(heads)) return refuse(400, "no_heads", "Send { heads: [...] }.");
  if (heads.length > mostSentHeads) return refuse(413, "too_many_heads", `Send at most ${mostSentHeads} heads.`);
  return { status: 200, body: { taken: shown.take(heads.flatMap((head) => readWitnessed(head) ?? [])) } };
}

function lookUp({ copy }: Shown, read: (copy: EntryCopy) => unknown): Answer {
  const held = copy();
  if (held === undefined) return refuse(503, "not_ready", "The first round has not ended.");
  try {
    return { status: 200, body: read(held) };
  } catch (cause) {
    if (cause instanceof RangeError) return refuse(404, "not_there", "The copy has no such entry or size.");
    throw cause;
  }
}

function numberIn(url: URL, name: string): number {
  const text = url.searchParams.get(name) ?? "";
  if (!/^\d{1,15}$/.test(text)) throw new RangeError(`${name} is no count`);
  return Number(text);
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(request: IncomingMessage, response: ServerResponse, { status, body }: Answer): void {
  const isText = typeof body === "string";
  const bytes = Buffer.from(
    isText
      ? body
      : JSON.stringify(body, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)),
  );
  response.writeHead(status, {
    "content-type": isText ? "text/plain; version=0.0.4; charset=utf-8" : "application/json",
    "content-length": bytes.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // What was not read of a body that is too long must not be taken for the next request.
    ...(status === 413 && { connection: "close" }),
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
