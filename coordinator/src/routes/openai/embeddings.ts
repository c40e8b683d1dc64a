import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { embeddingBytes, limits } from "@lode/protocol";
import type { FastifyInstance } from "fastify";
import Type, { type Static } from "typebox";
import { toApiError } from "../../errors.ts";
import type { JobStart, VectorRequest, VectorResult } from "../../plugins/app/relay/relay.ts";
import { errorAnswers } from "../errors.ts";
import { startHeaders } from "../inference/headers.ts";
import { modelOf, tierOf } from "../inference/model.ts";
import { optional, refuseUnsupported } from "./fields.ts";
import { LodeFields } from "./schemas.ts";

const Text = Type.String({ minLength: 1, maxLength: limits.embeddingChars });
/** As many as OpenAI takes. */
const maximumTexts = 2048;

const EmbeddingsRequest = Type.Object(
  {
    model: Type.String({ minLength: 1, maxLength: 128 }),
    input: Type.Union([Text, Type.Array(Text, { minItems: 1, maxItems: maximumTexts })], {
      description: "Texts; token ids are not taken, because they are another model's",
    }),
    encoding_format: optional(Type.Union([Type.Literal("float"), Type.Literal("base64")])),
    tier: Type.Optional(Type.String({ maxLength: 32 })),
    user: Type.Optional(Type.String({ maxLength: 512 })),
  },
  { title: "EmbeddingsRequest" },
);

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
        body: EmbeddingsRequest,
        response: { 200: { content: { "application/json": { schema: Embeddings } } }, ...errorAnswers },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const { body } = request;
      refuseUnsupported(body, { dimensions: () => false });
      const tier = tierOf(body.tier);
      const model = modelOf(app, body.model);
      const jobId = `embd-${randomBytes(12).toString("hex")}`;
      const client = request.key().account;
      const texts = typeof body.input === "string" ? [body.input] : body.input;
      const jobs = Array.from({ length: Math.ceil(texts.length / limits.embeddingTexts) }, (_, part): VectorRequest => {
        const from = part * limits.embeddingTexts;
        return { jobId, client, model, tier, prompt: { texts: texts.slice(from, from + limits.embeddingTexts) } };
      });
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const results = await runAll(app, jobs, gone.signal, (start) => void reply.headers(startHeaders(jobId, start)));
      const answer = answerOf(results, body.model, body.encoding_format === "base64");
      // A serialiser that walks a schema costs more than the vectors themselves.
      return reply.type("application/json").serializer(JSON.stringify).send(answer);
    },
  );
};

/** Jobs of one request that run at the same time: more would only fill the miners' queues. */
const width = 4;

/** Runs all jobs; when one fails no other is begun. Throws what it threw. */
async function runAll(
  app: FastifyInstance,
  jobs: readonly VectorRequest[],
  signal: AbortSignal,
  onStart: (start: JobStart) => void,
): Promise<VectorResult[]> {
  const results: VectorResult[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < jobs.length; at = next++) {
      const job = jobs[at];
      if (job === undefined) return;
      const track = app.metrics.jobStarted(job.model.id);
      try {
        const onFirst = at === 0 ? onStart : () => undefined;
        const result = await app.relay.embed(job, { signal, onStart: onFirst });
        results[at] = result;
        track.done(result);
      } catch (error) {
        next = jobs.length;
        track.failed(toApiError(error).code);
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(width, jobs.length) }, work);
  await Promise.allSettled(workers);
  await Promise.all(workers);
  return results;
}

function answerOf(results: readonly VectorResult[], model: string, isBase64: boolean): Static<typeof Embeddings> {
  const tokens = results.reduce((sum, { inputTokens }) => sum + inputTokens, 0);
  const vectors = results.flatMap((result) => result.vectors);
  const [first] = results;
  if (first === undefined) throw new Error("a request without texts");
  return {
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: isBase64 ? Buffer.from(embeddingBytes(vector)).toString("base64") : Array.from(vector),
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    lode: {
      job: first.job,
      receipts: results.flatMap(({ receipts }) => receipts),
      miners: [...new Set(results.flatMap(({ miners }) => miners))],
      amountWei: results.reduce((sum, { amountWei }) => sum + amountWei, 0n).toString(),
    },
  };
}
