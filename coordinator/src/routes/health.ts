import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import Type from "typebox";
import { ApiError } from "../errors.ts";
import { ReturningError } from "../plugins/app/ledger/errors.ts";
import { errorAnswers } from "./errors.ts";

/**
 * Whether the process lives, whether it can take jobs, and its figures for Prometheus. A chain that is away is no reason to restart
 * a process that serves known clients, holds streams and collects receipts; it is one to send new ones elsewhere.
 */
export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    "/health",
    {
      schema: {
        summary: "Whether the process lives; it goes on answering while it is not ready",
        tags: ["operations"],
        response: {
          200: Type.Object({
            status: Type.Literal("ok"),
            chain: Type.Union([Type.Literal("ok"), Type.Literal("away")]),
            miners: Type.Integer(),
            openAttempts: Type.Integer(),
            logSize: Type.Integer(),
            version: Type.String(),
          }),
        },
      },
      config: { isProbe: true },
    },
    async () => ({
      status: "ok" as const,
      chain: app.chain.isAway ? ("away" as const) : ("ok" as const),
      miners: app.hub.size,
      openAttempts: app.ledger.openAttempts,
      logSize: app.ledger.logSize,
      version: app.release,
    }),
  );
  app.get(
    "/ready",
    {
      schema: {
        summary:
          "Whether the coordinator can take new jobs: 503 while it stops, the chain does not answer, or what was done before a long absence is not anchored",
        tags: ["operations"],
        response: { 200: Type.Object({ status: Type.Literal("ready") }), ...errorAnswers },
      },
      config: { isProbe: true },
    },
    async () => {
      const headers = { "retry-after": "5" };
      if (app.relay.isStopping) throw new ApiError(503, "stopping", "The coordinator stops.", { headers });
      if (app.chain.isAway) throw new ApiError(503, "chain_unreachable", "The chain does not answer.", { headers });
      if (app.ledger.isReturning) throw new ReturningError();
      return { status: "ready" as const };
    },
  );
  app.get(
    "/metrics",
    {
      schema: {
        summary: "Metrics in Prometheus' text format",
        tags: ["operations"],
        response: { 200: { description: "The figures", content: { "text/plain": { schema: Type.String() } } } },
      },
      config: { isProbe: true },
    },
    async (_request, reply) => reply.type(app.metrics.contentType).send(await app.metrics.text()),
  );
};
