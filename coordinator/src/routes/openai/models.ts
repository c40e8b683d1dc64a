import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import Type from "typebox";

/** `GET /v1/models`: what somebody serves now. */
export const modelRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const Model = Type.Object({
    id: Type.String(),
    object: Type.Literal("model"),
    created: Type.Integer(),
    owned_by: Type.String(),
    digest: Type.String(),
    context_tokens: Type.Integer(),
  });
  app.get(
    "/v1/models",
    {
      schema: {
        summary: "Models that connected miners serve",
        tags: ["openai"],
        security: [{ key: [] }],
        response: { 200: Type.Object({ object: Type.Literal("list"), data: Type.Array(Model) }) },
      },
      config: { scopes: ["client", "read", "miner", "admin"] },
    },
    async () => ({
      object: "list" as const,
      data: [...app.hub.models().values()].map(({ id, digest, contextTokens }) => ({
        id,
        object: "model" as const,
        created: Math.floor(app.startedMs / 1000),
        owned_by: "lode",
        digest,
        context_tokens: contextTokens,
      })),
    }),
  );
};
