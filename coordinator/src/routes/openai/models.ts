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
    type: Type.Literal("model", { description: "This and the next two are Anthropic's names" }),
    display_name: Type.String(),
    created_at: Type.String({ format: "date-time" }),
    digest: Type.String({ description: "Hash of the weights that the name means" }),
    context_tokens: Type.Integer(),
    images: Type.Optional(Type.Literal(true, { description: "It makes pictures, and nothing else" })),
  },
  { title: "Model" },
);

const Models = Type.Object({
  object: Type.Literal("list"),
  data: Type.Array(Model),
  has_more: Type.Literal(false, { description: "This and the next two are Anthropic's names: one page holds all" }),
  first_id: Type.Union([Type.String(), Type.Null()]),
  last_id: Type.Union([Type.String(), Type.Null()]),
});

/** `GET /v1/models`: what somebody serves now, as OpenAI's clients and Anthropic's read it. */
export const modelRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["openai"], security: [{ key: [] }] };
  const config = { scopes: ["client", "read", "miner", "admin"] as const };
  const describe = ({ id, digest, contextTokens, images }: OfferedModel) => ({
    id,
    object: "model" as const,
    created: Math.floor(app.startedMs / 1000),
    owned_by: "lode",
    type: "model" as const,
    display_name: id,
    created_at: new Date(app.startedMs).toISOString(),
    digest,
    context_tokens: contextTokens,
    ...(images !== undefined && { images }),
  });
  const one = (id: string): ReturnType<typeof describe> => {
    const model = app.hub.models().get(id);
    if (model !== undefined) return describe(model);
    throw new ApiError(404, "model_not_found", "The model does not exist; see GET /v1/models.", { param: "model" });
  };
  app.get(
    "/v1/models",
    {
      schema: {
        summary: "Models that connected miners serve",
        ...shared,
        response: { 200: Models, ...errorAnswers },
      },
      config,
    },
    async () => {
      const data = [...app.hub.models().values()].map(describe);
      const [first_id, last_id] = [data[0]?.id ?? null, data.at(-1)?.id ?? null];
      return { object: "list" as const, data, has_more: false as const, first_id, last_id };
    },
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
    async ({ params }) => one(params.model),
  );
  // Names with slashes, as clients write them that do not encode them.
  const hidden = { hide: true, params: Type.Object({ "*": Type.String() }), response: { 200: Model } };
  app.get("/v1/models/*", { schema: hidden, config }, async ({ params }) => one(params["*"]));
};
