import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { OfferedModel } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import type { FastifyInstance } from "fastify";
import { ApiError, toApiError } from "../../errors.ts";
import type { JobRequest, JobStart } from "../../plugins/app/relay/relay.ts";
import { errorAnswers } from "../errors.ts";
import { ChatAnswer } from "./chat-answer.ts";
import { ChatRequest, promptOf, refuseUnsupported, samplerOf, stopsOf, tierOf } from "./chat-request.ts";
import { ChatCompletion, ChatCompletionChunk } from "./chat-schemas.ts";
import { EventStream } from "./event-stream.ts";

const defaultMaxTokens = 512;

/** `POST /v1/chat/completions`, streamed or whole. */
export const chatRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    "/v1/chat/completions",
    {
      schema: {
        summary: "A chat completion, streamed or whole, from a staked miner",
        tags: ["openai"],
        security: [{ key: [] }],
        body: ChatRequest,
        response: {
          200: {
            description: "The answer, or with `stream: true` its chunks as events and `[DONE]`",
            content: {
              "application/json": { schema: ChatCompletion },
              "text/event-stream": { schema: ChatCompletionChunk },
            },
          },
          ...errorAnswers,
        },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const { body } = request;
      refuseUnsupported(body);
      const model = modelOf(app, body.model);
      const job = jobOf(request.key().account, body, model);
      const includeUsage = body.stream_options?.include_usage === true;
      const answer = new ChatAnswer(job.jobId, Math.floor(app.nowMs() / 1000), body.model, includeUsage);
      const gone = new AbortController();
      const { raw } = reply;
      raw.once("close", () => {
        if (!raw.writableFinished) gone.abort();
      });
      const track = app.metrics.jobStarted(model.id);
      const { signal } = gone;

      if (body.stream !== true) {
        let text = "";
        let start: JobStart | undefined;
        const onText = (piece: string): boolean => {
          text += piece;
          track.text();
          return true;
        };
        try {
          const onStart = (started: JobStart): void => void (start = started);
          const result = await app.relay.run(job, { signal, onStart, onText, onDrain: () => undefined });
          track.done(result);
          reply.headers(start === undefined ? {} : startHeaders(job, start)).type("application/json");
          return await reply.send(answer.whole(text, result));
        } catch (error) {
          track.failed(toApiError(error).code);
          throw error;
        }
      }

      // Until a miner is assigned an error is a plain answer with its status; from then on it is a part of the stream.
      let stream: EventStream | undefined;
      try {
        const result = await app.relay.run(job, {
          signal,
          onStart: (start) => {
            reply.hijack();
            const headers = { ...(reply.getHeaders() as Record<string, string>), ...startHeaders(job, start) };
            const { clientStallMs } = app.config;
            stream = new EventStream(raw, { headers, clientStallMs, onStall: () => raw.destroy() });
            stream.write(answer.first());
          },
          onText: (piece) => {
            track.text();
            return stream?.write(answer.text(piece)) ?? true;
          },
          onDrain: (resume) => stream?.onDrain(resume),
        });
        track.done(result);
        await stream?.end(answer.end(result));
      } catch (error) {
        const problem = toApiError(error);
        track.failed(problem.code);
        if (stream === undefined) throw error;
        if (problem.status === 500) request.log.error({ err: error }, "a stream broke");
        // No [DONE]: a stream that is cut without an error object would look like success.
        await stream.end(`data: ${JSON.stringify(problem.body())}\n\n`);
      }
      return reply;
    },
  );
};

function modelOf(app: FastifyInstance, id: string): OfferedModel {
  const model = app.hub.models().get(id);
  if (model !== undefined) return model;
  if (app.hub.knownModels.has(id)) {
    const headers = { "retry-after": "5" };
    throw new ApiError(503, "no_miner", `No miner serves ${id} right now; try again in a moment.`, { headers });
  }
  const message = `The model '${id}' does not exist; see GET /v1/models.`;
  throw new ApiError(404, "model_not_found", message, { param: "model" });
}

function jobOf(client: Hex, body: ChatRequest, model: OfferedModel): JobRequest {
  const wantedTokens = body.max_completion_tokens ?? body.max_tokens ?? defaultMaxTokens;
  return {
    jobId: `chatcmpl-${randomBytes(12).toString("hex")}`,
    client,
    model,
    prompt: promptOf(body),
    sampler: samplerOf(body),
    clientSeed: body.seed ?? undefined,
    maxTokens: Math.min(wantedTokens, model.contextTokens),
    stop: stopsOf(body),
    tier: tierOf(body),
  };
}

function startHeaders({ jobId }: JobRequest, { digest, miner, quote }: JobStart): Record<string, string> {
  return {
    // The name under which OpenAI's clients show a request.
    "x-request-id": jobId,
    "x-lode-job": digest,
    "x-lode-miner": miner,
    "x-lode-price-input-wei": quote.quote.inputPriceWei.toString(),
    "x-lode-price-output-wei": quote.quote.outputPriceWei.toString(),
  };
}
