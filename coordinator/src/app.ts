import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import websocket from "@fastify/websocket";
import { limits } from "@lode/protocol";
import fastify, { type FastifyInstance } from "fastify";
import { ApiError, toApiError } from "./errors.ts";
import { useAuth } from "./plugins/app/auth.ts";
import type { Chain } from "./plugins/app/chain/chain.ts";
import type { Ledger } from "./plugins/app/ledger/types.ts";
import { MinerHub } from "./plugins/app/relay/hub.ts";
import type { RelayOptions } from "./plugins/app/relay/run-job.ts";
import type { Config } from "./plugins/external/config.ts";
import { Metrics } from "./plugins/external/metrics.ts";
import { healthRoutes } from "./routes/health.ts";
import { keyRoutes } from "./routes/keys/keys.ts";
import { logRoutes } from "./routes/log/log.ts";
import { chatRoutes } from "./routes/openai/chat.ts";
import { modelRoutes } from "./routes/openai/models.ts";
import { walletRoutes } from "./routes/wallet.ts";

export const version = "0.1.0";

declare module "fastify" {
  interface FastifyInstance {
    config: Config;
    ledger: Ledger;
    chain: Chain;
    hub: MinerHub;
    relay: RelayOptions;
    metrics: Metrics;
    release: string;
    startedMs: number;
    /** Ids of models that were served at some time: for them nobody being there is a pause, not an unknown name. */
    knownModels: Set<string>;
    nowMs: () => number;
  }
}

export interface Parts {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly chain: Chain;
  readonly nowMs: () => number;
}

/** The coordinator's HTTP and WebSocket face over its parts. */
export async function buildApp({ config, ledger, chain, nowMs }: Parts): Promise<FastifyInstance> {
  const app = fastify({
    logger: {
      level: config.logLevel,
      redact: ["req.headers.authorization", "req.headers.cookie"],
      serializers: {
        req: ({ method, url }: { method: string; url: string }) => ({ method, url: url.split("?")[0] ?? "" }),
      },
    },
    bodyLimit: limits.bodyBytes,
    requestTimeout: 60_000,
    connectionTimeout: 0,
    keepAliveTimeout: 75_000,
    // The socket's address is the caller: forwarding headers can be written by anybody.
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = 10_000;
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // Only JSON is understood; text that claims to be something else is refused by its type.
  app.removeContentTypeParser("text/plain");

  const log: RelayOptions["log"] = (level, fields, message) => app.log[level](fields, message);
  const hub = new MinerHub({ ledger, chain, heartbeatSecs: config.heartbeatSecs, nowMs, log });
  const metrics = new Metrics({
    miners: () => [...hub.sessions].length,
    openAttempts: () => ledger.openAttempts,
    logSize: () => ledger.logSize,
  });
  const { stallMs, deadlineSecs } = config;
  app.decorate("config", config);
  app.decorate("ledger", ledger);
  app.decorate("chain", chain);
  app.decorate("hub", hub);
  app.decorate("relay", { ledger, hub, stallMs, deadlineSecs, nowMs, log });
  app.decorate("metrics", metrics);
  app.decorate("release", version);
  app.decorate("startedMs", nowMs());
  app.decorate("knownModels", hub.knownModels);
  app.decorate("nowMs", nowMs);

  app.setErrorHandler((error, request, reply) => {
    const answer = toApiError(error);
    if (answer.status >= 500 && answer.code === "internal_error") request.log.error({ err: error }, "a request failed");
    return reply.code(answer.status).headers(answer.headers).send(answer.body());
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = new ApiError(
      404,
      "not_found",
      `There is no ${request.method} ${request.url.split("?")[0] ?? ""}; see /docs.`,
    );
    return reply.code(404).send(problem.body());
  });

  useAuth(app);
  await app.register(rateLimit, {
    max: config.requestsPerMinute,
    timeWindow: "1 minute",
    keyGenerator: (request) => request.keyRecord?.prefix ?? request.ip,
    errorResponseBuilder: (_request, { after }) =>
      new ApiError(429, "rate_limit_exceeded", `Too many requests; try again in ${after}.`, {
        type: "rate_limit_error",
      }),
  });
  await app.register(swagger, {
    openapi: {
      info: {
        title: "Lode coordinator",
        version,
        description: "OpenAI-compatible inference with double-entry receipts.",
      },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
    },
  });
  await app.register(swaggerUi, { routePrefix: "/docs" });
  await app.register(websocket, { options: { maxPayload: limits.frameBytes, perMessageDeflate: false } });
  await app.register(async (routes) => {
    routes.get("/v1/miner/ws", { websocket: true, schema: { hide: true } }, (socket) => hub.accept(socket));
  });
  for (const routes of [chatRoutes, modelRoutes, walletRoutes, logRoutes, keyRoutes, healthRoutes])
    await app.register(routes);
  app.addHook("preClose", async () => hub.close());
  return app;
}
