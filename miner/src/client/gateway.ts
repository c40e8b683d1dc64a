import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { timingSafeEqual } from "node:crypto";
import { LodeError } from "@lode/sdk/errors";
import { imageTokens, limits } from "@lode/protocol";
import { exitCode, MinerError } from "../errors.ts";
import type { ClientAccount } from "./account.ts";

export interface GatewayOptions {
  readonly coordinatorUrl: string;
  /** The client's API key: it names the account, and spends nothing without the signer. */
  readonly key: string;
  readonly account: ClientAccount;
  readonly host: string;
  readonly port: number;
  /** What local programs must send as their API key; anything will do where it is undefined. */
  readonly localKey: string | undefined;
  readonly prices: { readonly inputPriceWei: bigint; readonly outputPriceWei: bigint };
  readonly warn: (message: string) => void;
}

export interface Gateway {
  readonly url: string;
  close(): Promise<void>;
}

const pictures = "/v1/images/generations";
const posts = new Set([
  ...["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages"],
  pictures,
]);
/** What costs nothing: no voucher follows, and nothing is set aside. */
const freePosts = new Set(["/v1/messages/count_tokens", "/v1/responses/input_tokens"]);
const gets = /^\/v1\/(models(\/.+)?|responses\/[^/]+|chat\/completions(\/[^/]+(\/messages)?)?)$/;
/** Headers of an answer that are between two neighbours, or that Node writes itself. */
const notPassedOn = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"]);
/** Output tokens of a request that does not say how many. */
const usualMaxTokens = 4096;
/** Most of a body that is read at all, bytes. */
const mostReadBytes = 16 * limits.bodyBytes;
/** How often debits are looked for that came behind their answers, as after a hang-up. */
const syncEveryMs = 1000;

/** A local endpoint that passes requests on to a coordinator and pays for what comes back. Resolves when it listens. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { account, host, port, warn } = options;
  let open = 0;
  const server = createServer((request, response) => {
    open += 1;
    handle(options, request, response)
      .catch((error: unknown) => refuse(response, error, request.url?.startsWith("/v1/messages") === true))
      .finally(() => {
        open -= 1;
        void account.sync();
      });
  });
  server.requestTimeout = 60_000;
  await listen(server, host, port);
  server.on("error", (error) => warn(String(error)));
  const timer = setInterval(() => void account.sync(), syncEveryMs);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    async close() {
      clearInterval(timer);
      server.close();
      if (open > 0) server.closeAllConnections();
      await account.sync();
    },
  };
}

class GatewayError extends LodeError {
  override readonly name = "GatewayError";
  readonly status: number;
  constructor(status: number, code: string, message: string) {
    super(code, message);
    this.status = status;
  }
}

async function handle(options: GatewayOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { account, coordinatorUrl } = options;
  checkCaller(options, request);
  // Looked at as it is sent: what stands for "one level up" is gone from it, and another host's name shows.
  const target = targetOf(request.url ?? "", coordinatorUrl);
  const isPost = request.method === "POST" && posts.has(target?.pathname ?? "");
  const isFreePost = request.method === "POST" && freePosts.has(target?.pathname ?? "");
  const isGet = request.method === "GET" && gets.test(target?.pathname ?? "");
  if (target === undefined || !(isPost || isFreePost || isGet)) {
    throw new GatewayError(404, "not_found", "This gateway passes on requests for inference and for models only.");
  }
  if (isPost && account.problem !== undefined) throw new GatewayError(502, "not_signing", account.problem);
  const sent = isPost || isFreePost ? await readBody(request, target.pathname === pictures) : undefined;
  const body = isPost && sent !== undefined ? withEarlier(account, sent) : undefined;
  const release = body === undefined ? undefined : account.reserve(mostOf(body, options.prices));
  const bill = body === undefined ? undefined : account.begin();
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const answer = await fetch(target, {
      method: request.method ?? "GET",
      headers: { ...headersFor(options.key, request), ...(isPost && ceilingsOf(options.prices, request)) },
      signal: gone.signal,
      ...(sent !== undefined && { body: sent.text }),
    });
    await passOn(options, answer, response, body, bill);
  } catch (error) {
    // Whoever hung up is told nothing.
    if (!gone.signal.aborted) throw error;
  } finally {
    bill?.over();
    // Until what it cost is in the books, the request may cost its most.
    if (release !== undefined) void account.sync().finally(release);
  }
}

/** Where a request is passed on to; undefined for what names no place of the coordinator. */
function targetOf(path: string, coordinatorUrl: string): URL | undefined {
  if (!URL.canParse(path, coordinatorUrl)) return undefined;
  const target = new URL(path, coordinatorUrl);
  return target.origin === new URL(coordinatorUrl).origin ? target : undefined;
}

/** Local programs and nobody else: a page in a browser could reach a loopback port too. */
function checkCaller({ localKey, host }: GatewayOptions, request: IncomingMessage): void {
  const { headers } = request;
  const name = (headers.host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  if (headers.origin !== undefined || (isLoopback(host) && !isLoopback(name))) {
    throw new GatewayError(403, "not_local", "Only programs on this machine are answered, not pages in a browser.");
  }
  if (request.method === "POST" && !/^application\/json\b/i.test(headers["content-type"] ?? "")) {
    throw new GatewayError(415, "unsupported_media_type", "Send the body as 'Content-Type: application/json'.");
  }
  if (localKey === undefined) return;
  const given = Buffer.from(headers.authorization?.replace(/^bearer /i, "") ?? String(headers["x-api-key"] ?? ""));
  const wanted = Buffer.from(localKey);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new GatewayError(401, "invalid_api_key", "The API key is not this gateway's.");
  }
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

interface Body {
  readonly text: string;
  /** What a job of it may have to read. */
  readonly bytes: number;
  /** Jobs that it leads to, by texts that each reads and by answers to each. */
  readonly texts: number;
  readonly answers: number;
  readonly maxOutputTokens: number | undefined;
  readonly isForPictures: boolean;
  /** The kept response whose conversation it goes on with. */
  readonly previous: string | undefined;
}

/** Goes on with what an earlier request said and was told, which is read and billed again. Throws GatewayError. */
function withEarlier(account: ClientAccount, body: Body): Body {
  if (body.previous === undefined) return body;
  const earlierBytes = account.conversationBytes(body.previous);
  if (earlierBytes === undefined) {
    const message =
      "What 'previous_response_id' names did not come through this gateway, which cannot check a bill for it: send the conversation itself.";
    throw new GatewayError(400, "previous_response_unknown", message);
  }
  return { ...body, bytes: body.bytes + earlierBytes };
}

async function readBody(request: IncomingMessage, isForPictures: boolean): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= limits.bodyBytes) chunks.push(chunk as Buffer);
    // Up to a bound it is read to its end all the same: refused half-way it loses its socket, and its sender sees no answer.
    if (bytes > mostReadBytes) break;
  }
  if (bytes > limits.bodyBytes) throw new GatewayError(413, "request_too_large", "The body is too large.");
  const text = Buffer.concat(chunks).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GatewayError(400, "invalid_json", "The body is not valid JSON.");
  }
  const { n, prompt, previous_response_id: previous } = fieldsOf(value);
  const answers = isCount(n) ? n : 1;
  // A list of token ids is one prompt.
  const texts = Array.isArray(prompt) && typeof prompt[0] !== "number" ? prompt.length : 1;
  const most = isForPictures ? pictureTokensOf(value) : maxTokensOf(value);
  return {
    ...{ text, bytes, texts, answers, isForPictures },
    maxOutputTokens: most === undefined ? undefined : most * answers * texts,
    previous: typeof previous === "string" ? previous : undefined,
  };
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** Whether a field is a number of things at all; the coordinator refuses what is none. */
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Output tokens that a job of a request asks for at most; undefined when it does not say. */
function maxTokensOf(value: unknown): number | undefined {
  const fields = fieldsOf(value);
  const asked = ["max_completion_tokens", "max_tokens", "max_output_tokens"].map((name) => fields[name]);
  const most = asked.find(isCount);
  // One job makes no more, whatever was asked for.
  return most === undefined ? undefined : Math.min(most, limits.outputTokens);
}

/** Output tokens of one picture that a request asks for; undefined where its size is none, which no coordinator takes. */
function pictureTokensOf(value: unknown): number | undefined {
  const { size } = fieldsOf(value);
  const text = typeof size === "string" && size !== "auto" ? size : "1024x1024";
  const [width, height] = text.split("x").map(Number);
  const tokens = imageTokens({ width: width ?? Number.NaN, height: height ?? Number.NaN });
  return Number.isSafeInteger(tokens) ? tokens : undefined;
}

/** What a request may cost, as far as can be said before: each byte may be a token, for every answer anew. */
function mostOf({ bytes, texts, answers, maxOutputTokens }: Body, prices: GatewayOptions["prices"]): bigint {
  const outputTokens = maxOutputTokens ?? usualMaxTokens * texts * answers;
  return BigInt(bytes * answers) * prices.inputPriceWei + BigInt(outputTokens) * prices.outputPriceWei;
}

/**
 * The coordinator takes only what a bill may cost here, since signing would stop at the first one above, and no more than the caller
 * says itself. What is no number is passed on, for the coordinator to refuse.
 */
function ceilingsOf(prices: GatewayOptions["prices"], { headers }: IncomingMessage): Record<string, string> {
  const least = (name: string, most: bigint): [string, string] => {
    const own = headers[name];
    // An empty one is no wish there.
    if (typeof own !== "string" || own.trim() === "") return [name, `${most}`];
    return [name, /^[0-9]{1,30}$/.test(own) && BigInt(own) > most ? `${most}` : own];
  };
  return Object.fromEntries([
    least("x-lode-max-input-price", prices.inputPriceWei),
    least("x-lode-max-output-price", prices.outputPriceWei),
  ]);
}

function headersFor(key: string, { headers }: IncomingMessage): Record<string, string> {
  const wishes = ["x-lode-latency", "x-lode-region", "x-lode-pool"];
  const passed = ["content-type", "accept", "idempotency-key", "anthropic-version", "traceparent", ...wishes];
  const given = passed.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]] as const] : []));
  return { ...Object.fromEntries(given), authorization: `Bearer ${key}` };
}

async function passOn(
  { account }: GatewayOptions,
  answer: Response,
  response: ServerResponse,
  body: Body | undefined,
  bill: ReturnType<ClientAccount["begin"]> | undefined,
): Promise<void> {
  // An error that came before any job names the request only, and nothing will be billed under that.
  const isOfJob = answer.ok || answer.headers.has("x-lode-job");
  const id = isOfJob ? answer.headers.get("x-request-id") : null;
  if (id !== null && body !== undefined) {
    await bill?.named(id, { bodyBytes: body.bytes, maxOutputTokens: body.maxOutputTokens });
  }
  let answerBytes = 0;
  const headers = [...answer.headers].filter(([name]) => !notPassedOn.has(name));
  response.writeHead(answer.status, Object.fromEntries(headers));
  try {
    const reader = answer.body?.getReader();
    for (;;) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) break;
      answerBytes += (piece.value as Uint8Array).length;
      if (!response.write(piece.value)) await drained(response);
    }
  } finally {
    // Also when it was cut: what came is owed.
    if (id !== null && body !== undefined) {
      const { bytes: bodyBytes, maxOutputTokens, isForPictures } = body;
      // What a picture counts follows from its size, however few bytes its file has.
      if (isForPictures) answerBytes = Math.max(answerBytes, maxOutputTokens ?? 0);
      await account.sent(id, { bodyBytes, answerBytes, maxOutputTokens });
    }
  }
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
}

/** @param isAnthropic whether the caller reads Anthropic's shape */
function refuse(response: ServerResponse, error: unknown, isAnthropic: boolean): void {
  const known = error instanceof LodeError ? error : undefined;
  const status = error instanceof GatewayError ? error.status : known?.code === "max_spend" ? 402 : 502;
  const code = known?.code ?? "coordinator_unreachable";
  const message = known?.message ?? "The coordinator does not answer.";
  if (response.headersSent) return void response.destroy();
  const type = status === 402 ? "insufficient_quota" : status >= 500 ? "server_error" : "invalid_request_error";
  response.writeHead(status, { "content-type": "application/json", "x-should-retry": String(status === 502) });
  const anthropic = status === 402 ? "billing_error" : status >= 500 ? "api_error" : "invalid_request_error";
  const body = isAnthropic
    ? { type: "error", error: { type: anthropic, message, code } }
    : { error: { message, type, param: null, code } };
  response.end(JSON.stringify(body));
}

/** Throws MinerError `port_taken`. */
async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  }).catch((cause: unknown) => {
    const message = `The gateway cannot listen at ${host}:${port}; name another --port.`;
    throw new MinerError("port_taken", message, { cause, exitCode: exitCode.port });
  });
}
