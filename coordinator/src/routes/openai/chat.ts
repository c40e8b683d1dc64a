import { once } from "node:events";
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import Type from "typebox";
import { ApiError, toApiError } from "../../errors.ts";
import { runJob, type JobRequest, type JobResult, type Sink } from "../../plugins/app/relay/run-job.ts";
import { ChatAnswer } from "./chat-answer.ts";
import { ChatRequest, promptOf, refuseUnsupported, samplerOf, stopsOf, tierOf } from "./chat-request.ts";

/** A silent stream shows a sign of life this often, so that proxies keep it open. */
const keepAliveMs = 15_000;
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
        response: { 200: Type.Any() },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const { body } = request;
      refuseUnsupported(body);
      const model = app.hub.models().get(body.model);
      if (model === undefined) {
        const isKnown = app.knownModels.has(body.model);
        if (isKnown) {
          throw new ApiError(503, "no_miner", `No miner serves ${body.model} right now; try again in a moment.`, {
            headers: { "retry-after": "5" },
          });
        }
        throw new ApiError(404, "model_not_found", `The model '${body.model}' does not exist; see GET /v1/models.`, {
          param: "model",
        });
      }
      const { account } = request.key();
      const job: JobRequest = {
        jobId: `chatcmpl-${randomBytes(12).toString("hex")}`,
        client: account,
        model,
        prompt: promptOf(body),
        sampler: samplerOf(body),
        clientSeed: body.seed ?? undefined,
        maxTokens: Math.min(body.max_completion_tokens ?? body.max_tokens ?? defaultMaxTokens, model.contextTokens),
        stop: stopsOf(body),
        tier: tierOf(body),
      };
      const answer = new ChatAnswer(job.jobId, Math.floor(app.nowMs() / 1000), body.model);
      const gone = new AbortController();
      reply.raw.once("close", () => {
        if (!reply.raw.writableFinished) gone.abort();
      });
      // A client that stops reading cannot hold its miner for ever.
      const deadline = setTimeout(() => gone.abort(), app.config.deadlineSecs * 1000);
      deadline.unref();
      reply.raw.once("close", () => clearTimeout(deadline));
      const started = Promise.withResolvers<Parameters<Sink["onStart"]>[0]>();
      const run = (onText: Sink["onText"]): Promise<JobResult> =>
        runJob(app.relay, job, {
          signal: gone.signal,
          onStart: (start) => started.resolve(start),
          onText,
          onDrain: (resume) => reply.raw.once("drain", resume),
        });
      const startHeaders = ({ digest, miner, quote }: Parameters<Sink["onStart"]>[0]): Record<string, string> => ({
        "x-lode-job": digest,
        "x-lode-miner": miner,
        "x-lode-price-input-wei": quote.quote.inputPriceWei.toString(),
        "x-lode-price-output-wei": quote.quote.outputPriceWei.toString(),
      });
      const track = app.metrics.jobStarted(body.model);
      if (body.stream !== true) {
        let text = "";
        const result = await run((piece) => {
          text += piece;
          track.text();
          return true;
        }).catch((error: unknown) => {
          track.failed(toApiError(error).code);
          throw error;
        });
        track.done(result);
        return reply.headers(startHeaders(await started.promise)).send(answer.whole(text, result));
      }

      const raw = reply.raw;
      const running = run((piece) => {
        track.text();
        return raw.write(answer.text(piece));
      });
      // Until a miner is assigned an error is a plain answer with its status; from then on it is a part of the stream.
      const start = await Promise.race([started.promise, running.then(() => started.promise)]).catch(
        (error: unknown) => {
          track.failed(toApiError(error).code);
          throw error;
        },
      );
      reply.hijack();
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
        ...startHeaders(start),
      });
      raw.write(answer.first());
      const keepAlive = setInterval(() => raw.write(": still working\n\n"), keepAliveMs);
      keepAlive.unref();
      try {
        const result = await running;
        track.done(result);
        raw.write(answer.finish(result));
        raw.write(answer.usage(result, body.stream_options?.include_usage === true));
        raw.end("data: [DONE]\n\n");
      } catch (error) {
        const problem = toApiError(error);
        track.failed(problem.code);
        if (problem.status === 500) request.log.error({ err: error }, "a stream broke");
        // No [DONE]: a stream that is cut without an error object would look like success.
        raw.end(`data: ${JSON.stringify(problem.body())}\n\n`);
      } finally {
        clearInterval(keepAlive);
        await closed(raw);
      }
    },
  );
};

async function closed(raw: ServerResponse): Promise<void> {
  if (!raw.closed && !raw.writableFinished) await once(raw, "close");
}
