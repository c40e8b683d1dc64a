import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import Type from "typebox";
import { errorHeaders } from "../errors.ts";
import type { Choice } from "../inference/choices.ts";
import { countsPerMinute, countTokens } from "../inference/count-tokens.ts";
import { answerHeaders } from "../inference/headers.ts";
import { RequestHeaders } from "../inference/idempotent.ts";
import { modelOf, tierOf } from "../inference/model.ts";
import { serve } from "../inference/serve.ts";
import { refuseUnsupported, roomOf, samplerOf } from "../openai/fields.ts";
import { MessageAnswer, MessageAnswerSchema, MessageEvent } from "./answer.ts";
import { messagesOf, refusePrefill } from "./conversation.ts";
import { AnthropicError } from "./errors.ts";
import { CountTokensRequest, MessagesRequest, planOf, unsupportedInMessages } from "./request.ts";

const problem = {
  description: "What is wrong",
  headers: errorHeaders,
  content: { "application/json": { schema: AnthropicError } },
};

/** `POST /v1/messages`, as Anthropic's clients call it; the key may come as `x-api-key`. */
export const messageRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    "/v1/messages",
    {
      schema: {
        summary: "A message in Anthropic's shapes, streamed or whole",
        tags: ["anthropic"],
        security: [{ key: [] }, { anthropicKey: [] }],
        headers: RequestHeaders,
        body: MessagesRequest,
        response: {
          200: {
            description: "The message, or with `stream: true` its events",
            headers: answerHeaders,
            content: {
              "application/json": { schema: MessageAnswerSchema },
              "text/event-stream": { schema: MessageEvent },
            },
          },
          "4xx": problem,
          "5xx": problem,
        },
      },
      config: { scopes: ["client"], errors: "anthropic" },
    },
    async (request, reply) => {
      const { body } = request;
      refuseUnsupported(body, unsupportedInMessages);
      const { tools, constraint, reading } = planOf(body);
      const messages = messagesOf(body.system, body.messages);
      refusePrefill(messages);
      const { top_k, ...sampling } = body;
      const sampler = samplerOf({ ...sampling, ...(top_k !== undefined && top_k > 0 && { top_k }) }, constraint);
      const tier = tierOf(body.tier);
      const id = `msg_${randomBytes(12).toString("hex")}`;
      const payer = request.payer();
      const choices = (mayBeCloud: boolean): readonly Choice[] => {
        const model = modelOf(app, body.model, mayBeCloud);
        const prompt = { messages, ...(tools !== undefined && { tools }) };
        const maxTokens = roomOf(body.max_tokens, model);
        const stop = body.stop_sequences ?? [];
        return [{ job: { jobId: id, ...payer, model, prompt, sampler, maxTokens, stop, tier }, reading }];
      };
      const face = (name: string): MessageAnswer => new MessageAnswer(name, body.model);
      return serve(app, request, reply, { id, isStream: body.stream === true, choices, face });
    },
  );
  app.post(
    "/v1/messages/count_tokens",
    {
      schema: {
        summary: "How many tokens a message's prompt has for a model, as one of its miners counts them; free",
        tags: ["anthropic"],
        security: [{ key: [] }, { anthropicKey: [] }],
        body: CountTokensRequest,
        response: {
          200: Type.Object({ input_tokens: Type.Integer() }, { title: "TokenCount" }),
          "4xx": problem,
          "5xx": problem,
        },
      },
      config: { scopes: ["client"], errors: "anthropic", requestsPerMinute: countsPerMinute },
    },
    async (request) => {
      const { body } = request;
      refuseUnsupported(body, unsupportedInMessages);
      const { tools } = planOf(body);
      const prompt = { messages: messagesOf(body.system, body.messages), ...(tools !== undefined && { tools }) };
      return { input_tokens: await countTokens(app, request, body.model, prompt) };
    },
  );
};
