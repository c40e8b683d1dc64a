import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { OfferedModel } from "@lode/protocol";
import Type from "typebox";
import { ApiError } from "../../errors.ts";
import { errorAnswers } from "../errors.ts";

const Model = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal("model"),
    created: Type.Integer(),
    owned_by: Type.String(),
    digest: Type.String({ description: "Hash of the weights that the name means" }),
    context_tokens: Type.Integer(),
  },
  { title: "Model" },
);

/** `GET /v1/models`: what somebody serves now. */
export const modelRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["openai"], security: [{ key: [] }] };
  const config = { scopes: ["client", "read", "miner", "admin"] as const };
  const describe = ({ id, digest, contextTokens }: OfferedModel) => ({
    id,
    object: "model" as const,
    created: Math.floor(app.startedMs / 1000),
    owned_by: "lode",
    digest,
    context_tokens: contextTokens,
  });
  app.get(
    "/v1/models",
    {
      schema: {
        summary: "Models that connected miners serve",
        ...shared,
        response: { 200: Type.Object({ object: Type.Literal("list"), data: Type.Array(Model) }), ...errorAnswers },
      },
      config,
    },
    async () => ({ object: "list" as const, data: [...app.hub.models().values()].map(describe) }),
  );
  app.get(
    "/v1/models/:model",
    {
      schema: {
        summary: "One model that connected miners serve",
        ...shared,
        params: Type.Object({ model: Type.String() }),
        response: { 200: Model, ...errorAnswers },
      },
      config,
    },
    async ({ params }) => {
      const model = app.hub.models().get(params.model);
      if (model !== undefined) return describe(model);
      throw new ApiError(404, "model_not_found", "The model does not exist; see GET /v1/models.", { param: "model" });
    },
  );
};
