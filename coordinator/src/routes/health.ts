import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import Type from "typebox";

/** Whether the process answers, and its figures for Prometheus. */
export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    "/health",
    {
      schema: {
        summary: "Whether the coordinator can take jobs",
        tags: ["operations"],
        response: {
          200: Type.Object({
            status: Type.Literal("ok"),
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
      miners: app.hub.size,
      openAttempts: app.ledger.openAttempts,
      logSize: app.ledger.logSize,
      version: app.release,
    }),
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
