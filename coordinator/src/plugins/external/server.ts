import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { limits } from "@lode/protocol";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { ApiError, toApiError } from "../../errors.ts";
import { anthropicError } from "../../routes/anthropic/errors.ts";
import { marketError } from "../../routes/errors.ts";
import { idHeaders } from "../../routes/inference/headers.ts";
import { useCompilers } from "./compilers.ts";
import { ConfigError, type Config } from "./config.ts";
import { describeError } from "./describe-error.ts";
import { addressGroup } from "./rate-limit.ts";
import { useRoutes } from "./routes.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whose error shape the route answers with; OpenAI's unless given. */
    errors?: "anthropic" | "market";
    /** A miner's door: with TLS_MINER_CA_FILE it opens to certificates of that authority only. */
    isMinerDoor?: boolean;
  }
}

/** Open sockets, idle ones included. */
const maximumConnections = 10_000;
/** A TLS handshake is a few round trips. */
const handshakeMs = 10_000;

/** The server with every limit that Node and Fastify leave open set, and every error in the providers' shapes. */
export function makeServer(config: Config, logStream?: { write(line: string): void }): FastifyInstance {
  const http = {
    // For the headers of a request, from its connection's or its predecessor's end on.
    headersTimeout: config.headersTimeoutMs,
    // Java's client offers HTTP/2 with its first request: that is an offer, and the request is served as it is.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => /\bwebsocket\b/i.test(headers.upgrade ?? ""),
    // Node looks for slow senders this often only.
    connectionsCheckingInterval: Math.max(50, Math.min(config.headersTimeoutMs, config.requestTimeoutMs) / 4),
  };
  const shared = {
    logger: {
      level: config.logLevel,
      ...(logStream !== undefined && { stream: logStream }),
      // No header, no query and no path is logged: any of them may hold what nobody else should read.
      serializers: {
        req: ({ method, routeOptions }: FastifyRequest) => ({ method, route: routeOptions.url ?? "none" }),
        err: describeError,
      },
    },
    bodyLimit: limits.bodyBytes,
    // Told to who asks, so that they can name a request to the operator; an answer's own id takes its place.
    genReqId: () => `req_${randomUUID().replaceAll("-", "")}`,
    // For receiving a whole request.
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: 75_000,
    // The socket's address is the caller: forwarding headers can be written by anybody.
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerBadRequest,
    // What no route sees, such as a path that cannot be decoded.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      answerError(error, request, reply);
    },
  };
  const tls = tlsOptions(config);
  // Fastify types the two servers apart, which differ in nothing that anybody here asks for.
  const options = tls === undefined ? { ...shared, http } : { ...shared, https: { ...tls, ...http } };
  const app = fastify(options as typeof shared & { http: typeof http }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = maximumConnections;
  boundConnections(app, config.connectionsPerAddress);
  useCompilers(app);
  app.setErrorHandler(answerError);
  app.server.on("request", ({ socket }, response) => {
    // An answer that nobody reads keeps its memory and its socket no longer than a stream would.
    response.once("prefinish", () => socket.setTimeout(config.clientStallMs));
  });
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(idHeaders(request.id));
    done(refuseWithoutCertificate(config, request));
  });
  useRoutes(app);
  return app;
}

/** TLS when a certificate is set; undefined without. Throws ConfigError for files that are missing or cannot be read. */
function tlsOptions({ tls }: Config): (TlsOptions & { handshakeTimeout: number }) | undefined {
  if (tls === undefined) return undefined;
  const read = (name: string, file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch {
      throw new ConfigError(name, `names ${file}, which cannot be read`);
    }
  };
  return {
    cert: read("TLS_CERT_FILE", tls.certFile),
    key: read("TLS_KEY_FILE", tls.keyFile),
    minVersion: "TLSv1.3",
    handshakeTimeout: handshakeMs,
    ...(tls.minerCaFile !== undefined && {
      ca: read("TLS_MINER_CA_FILE", tls.minerCaFile),
      requestCert: true,
      // Clients have none; a miner's door looks for itself.
      rejectUnauthorized: false,
    }),
  };
}

/** Why a request may not pass the miners' door. */
function refuseWithoutCertificate({ tls }: Config, request: FastifyRequest): ApiError | undefined {
  if (tls?.minerCaFile === undefined) return undefined;
  const { isMinerDoor, scopes } = request.routeOptions.config;
  const isForMiners = isMinerDoor === true || (scopes?.length === 1 && scopes[0] === "miner");
  if (!isForMiners || (request.raw.socket as Partial<{ authorized: boolean }>).authorized === true) return undefined;
  return new ApiError(403, "certificate_required", "Miners need a client certificate of this coordinator's authority.");
}

/** One address cannot take all the sockets. */
function boundConnections(app: FastifyInstance, most: number): void {
  const open = new Map<string, number>();
  app.server.on("connection", (socket: Socket) => {
    const address = addressGroup(socket.remoteAddress ?? "");
    const count = (open.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = toApiError(error);
  if (answer.code === "internal_error") request.log.error({ err: error }, "a request failed");
  const isMarket = request.routeOptions.config.errors === "market";
  // What the framework itself refuses has seen no hook.
  if (!reply.hasHeader("request-id")) reply.headers(idHeaders(request.id));
  const id = String(reply.getHeader("request-id"));
  const isAnthropic = isOfAnthropic(request);
  const body = isAnthropic ? anthropicError(answer, id) : isMarket ? marketError(answer) : answer.body();
  // A shared route's schema knows one shape only.
  if (isAnthropic) reply.type("application/json; charset=utf-8").serializer(JSON.stringify);
  return reply.code(answer.status).headers(answer.headers).send(body);
}

/** Its clients get its shape where there is no route, too, and for the models, which they share with OpenAI's. */
function isOfAnthropic({ routeOptions, url, headers }: FastifyRequest): boolean {
  const isShared = url.startsWith("/v1/models") && headers["anthropic-version"] !== undefined;
  return isShared || routeOptions.config.errors === "anthropic" || url.startsWith("/v1/messages");
}

const badRequests: Readonly<Record<string, [status: number, code: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "request_timeout", "The request did not come in time."],
  HPE_HEADER_OVERFLOW: [431, "headers_too_large", "The headers are too large."],
};

/** What is not even HTTP, or too slow: there is no request to answer, only a socket. */
function answerBadRequest(error: Error & { code?: string }, socket: Socket): void {
  const known = badRequests[error.code ?? ""] ?? [400, "bad_request", "The request is not valid HTTP."];
  const [status, code, message] = known;
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const body = JSON.stringify(new ApiError(status, code, message).body());
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  // Whoever sends slowly may read slowly too.
  setTimeout(() => socket.destroy(), 1000).unref();
}
