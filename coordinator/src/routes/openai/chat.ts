import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { OfferedModel, SamplerParams } from "@lode/protocol";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Payer } from "../../plugins/app/auth.ts";
import { ErrorBody, errorAnswers } from "../errors.ts";
import type { Choice } from "../inference/choices.ts";
import { answerHeaders } from "../inference/headers.ts";
import { RequestHeaders } from "../inference/idempotent.ts";
import { modelOf, tierOf } from "../inference/model.ts";
import { serve, type Order } from "../inference/serve.ts";
import type { ToolPlan } from "../inference/tools.ts";
import { answerOptions, ChatAnswer } from "./chat-answer.ts";
import { ChatRequest, planOf, unsupportedInChat } from "./chat-request.ts";
import { messagesOf } from "./conversation.ts";
import { refuseUnsupported, roomOf, samplerOf, seedOf, stopsOf } from "./fields.ts";
import { checkLogprobs, wantedInChat } from "./logprobs.ts";
import { ChatCompletion, ChatCompletionChunk } from "./schemas.ts";
import { keepChat } from "./stored-chat.ts";

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
        headers: RequestHeaders,
        body: ChatRequest,
        response: {
          200: {
            description: "The answer, or with `stream: true` its chunks as events and `[DONE]`",
            headers: answerHeaders,
            content: {
              "application/json": { schema: ChatCompletion },
              "text/event-stream": { schema: Type.Union([ChatCompletionChunk, ErrorBody]) },
            },
          },
          ...errorAnswers,
        },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const id = `chatcmpl-${randomBytes(12).toString("hex")}`;
      const order = chatOrder(app, id, request.payer(), request.body);
      if (request.body.store !== true) return serve(app, request, reply, order);
      return serve(app, request, reply, {
        ...order,
        keep: (outcome, created) => keepChat(app, request, order.face(id, created).whole(outcome), request.body),
      });
    },
  );
};

/** What a request asks for, checked. Throws 400. */
export function chatOrder(
  app: FastifyInstance,
  id: string,
  payer: Payer,
  body: ChatRequest,
): Omit<Order, "face"> & { face(id: string, created: number): ChatAnswer } {
  refuseUnsupported(body, unsupportedInChat);
  const plan = planOf(body);
  const sampler = samplerOf(body, plan.constraint);
  const logprobs = wantedInChat(body);
  const asked = {
    id,
    payer,
    body,
    logprobs,
    plan,
    sampler,
    messages: messagesOf(body.messages),
    tier: tierOf(body.tier),
  };
  return {
    id,
    isStream: body.stream === true,
    choices: (mayBeCloud) => choicesOf(asked, modelOf(app, body.model, mayBeCloud)),
    face: (name, created) => new ChatAnswer(answerOptions(body, name, created, body.n ?? 1)),
  };
}

interface Asked {
  readonly id: string;
  readonly payer: Payer;
  readonly body: ChatRequest;
  readonly logprobs: number | undefined;
  readonly plan: ToolPlan;
  readonly sampler: SamplerParams;
  readonly messages: ReturnType<typeof messagesOf>;
  readonly tier: number | undefined;
}

/** All choices are jobs under one id, so that it leads to all of their receipts. */
function choicesOf({ id, payer, body, logprobs, plan, sampler, messages, tier }: Asked, model: OfferedModel): Choice[] {
  const { tools, reading } = plan;
  const wantedTokens = body.max_completion_tokens ?? body.max_tokens ?? defaultMaxTokens;
  const maxTokens = roomOf(wantedTokens, model);
  checkLogprobs(logprobs, model, reading, maxTokens);
  const shared = {
    jobId: id,
    ...payer,
    model,
    prompt: { messages, ...(tools !== undefined && { tools }) },
    sampler,
    maxTokens,
    logprobs,
    stop: stopsOf(body),
    tier,
  };
  return Array.from({ length: body.n ?? 1 }, (_, choice) => ({
    job: { ...shared, clientSeed: seedOf(body, choice) },
    reading,
  }));
}
