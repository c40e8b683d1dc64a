import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { embeddingBytes, limits, readEmbedding, type EmbeddingText } from "@lode/protocol";
import type { FastifyInstance } from "fastify";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";
import type { Payer } from "../../plugins/app/auth.ts";
import type { JobStart, VectorRequest, WholeResult } from "../../plugins/app/relay/request.ts";
import { errorAnswers } from "../errors.ts";
import { answerHeaders, idHeaders, startHeaders } from "../inference/headers.ts";
import { idempotent, RequestHeaders } from "../inference/idempotent.ts";
import { lodeFieldsOf, runAll, type RequestHooks } from "../inference/jobs-of-request.ts";
import { wishesOf } from "../inference/wishes.ts";
import { modelOf, tierOf } from "../inference/model.ts";
import { checkTokenIds, listOf, textsOrTokens } from "../inference/token-ids.ts";
import { optional, refuseUnsupported } from "./fields.ts";
import { LodeFields } from "./schemas.ts";

const Text = Type.String({ minLength: 1, maxLength: limits.embeddingChars });
/** As many as OpenAI takes. */
const maximumTexts = 2048;

export const EmbeddingsRequest = Type.Object(
  {
    model: Type.String({ minLength: 1, maxLength: 128 }),
    input: Type.Union(textsOrTokens(Text, limits.embeddingChars).anyOf, {
      description: "Texts, or the model's token ids exactly as they are, with nothing put around them",
    }),
    encoding_format: optional(Type.Union([Type.Literal("float"), Type.Literal("base64")])),
    tier: Type.Optional(Type.String({ maxLength: 32 })),
    user: optional(Type.String({ maxLength: 512 })),
  },
  { title: "EmbeddingsRequest" },
);

export type EmbeddingsRequest = Static<typeof EmbeddingsRequest>;

const Embeddings = Type.Object(
  {
    object: Type.Literal("list"),
    data: Type.Array(
      Type.Object({
        object: Type.Literal("embedding"),
        index: Type.Integer(),
        embedding: Type.Union([Type.Array(Type.Number()), Type.String()], {
          description: "Of length 1; as base64 its float32 values, little-endian",
        }),
      }),
    ),
    model: Type.String(),
    usage: Type.Object({ prompt_tokens: Type.Integer(), total_tokens: Type.Integer() }),
    lode: LodeFields,
  },
  { title: "Embeddings" },
);

/** `POST /v1/embeddings`: one vector for each text. */
export const embeddingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    "/v1/embeddings",
    {
      schema: {
        summary: "A vector for each text; paid by the texts' tokens",
        tags: ["openai"],
        security: [{ key: [] }],
        headers: RequestHeaders,
        body: EmbeddingsRequest,
        response: {
          200: {
            description: "The vectors, in the texts' order",
            headers: answerHeaders,
            content: { "application/json": { schema: Embeddings } },
          },
          ...errorAnswers,
        },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const { body } = request;
      const id = `embd-${randomBytes(12).toString("hex")}`;
      const wishes = wishesOf(request);
      const trace = request.trace();
      const onStart = (start: JobStart): void => void reply.headers(startHeaders(id, start));
      const embed = embeddingWork(app, id, request.payer(), body);
      const { value, id: known } = await idempotent(app, request, reply, id, (signal) =>
        embed({ signal, trace, onStart, wishes }),
      );
      reply.headers(idHeaders(known));
      const answer = embeddingsOf(value, body.model, body.encoding_format === "base64");
      // A serialiser that walks a schema costs more than the vectors themselves.
      return reply.type("application/json").serializer(JSON.stringify).send(answer);
    },
  );
};

/** What a request asks for, checked; it is done when what comes is called. Throws 400. */
export function embeddingWork(
  app: FastifyInstance,
  id: string,
  payer: Payer,
  body: EmbeddingsRequest,
): (hooks: RequestHooks) => Promise<VectorsOutcome> {
  refuseUnsupported(body, { dimensions: () => false });
  const tier = tierOf(body.tier);
  const texts = listOf(body.input, "input").map((one) => (typeof one === "string" ? one : [...one]));
  if (texts.length > maximumTexts) {
    throw new ApiError(400, "invalid_value", `'input' holds more than ${maximumTexts} texts.`, { param: "input" });
  }
  return async ({ wishes, ...hooks }) => {
    const shared = { jobId: id, ...payer, model: modelOf(app, body.model), tier, wishes };
    checkTokenIds(texts, shared.model, "input");
    return outcomeOf(await runAll(app, jobsOf(texts, shared), hooks, (job, sink) => app.relay.embed(job, sink)));
  };
}

/** The texts in as many jobs as they need. */
function jobsOf(texts: readonly EmbeddingText[], shared: Omit<VectorRequest, "prompt">): VectorRequest[] {
  const { embeddingTexts } = limits;
  return Array.from({ length: Math.ceil(texts.length / embeddingTexts) }, (_, part) => {
    return { ...shared, prompt: { texts: texts.slice(part * embeddingTexts, (part + 1) * embeddingTexts) } };
  });
}

/** What a request led to. JSON values only. */
interface VectorsOutcome {
  /** Float32 values, little-endian, as base64. */
  readonly vectors: readonly string[];
  readonly tokens: number;
  readonly lode: Static<typeof LodeFields>;
}

function outcomeOf(results: readonly WholeResult[]): VectorsOutcome {
  const base64 = (vector: Float32Array): string => Buffer.from(embeddingBytes(vector)).toString("base64");
  return {
    vectors: results.flatMap(({ vectors }) => vectors.map(base64)),
    tokens: results.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    lode: lodeFieldsOf(results),
  };
}

export function embeddingsOf(outcome: VectorsOutcome, model: string, isBase64: boolean): Static<typeof Embeddings> {
  const { vectors, tokens, lode } = outcome;
  const numbers = (base64: string): number[] => Array.from(readEmbedding(Buffer.from(base64, "base64")));
  return {
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: isBase64 ? vector : numbers(vector),
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    lode,
  };
}
