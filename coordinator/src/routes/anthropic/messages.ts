import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { errorHeaders } from "../errors.ts";
import type { Choice } from "../inference/choices.ts";
import { answerHeaders } from "../inference/headers.ts";
import { RequestHeaders } from "../inference/idempotent.ts";
import { modelOf, tierOf } from "../inference/model.ts";
import { serve } from "../inference/serve.ts";
import { refuseUnsupported, samplerOf } from "../openai/fields.ts";
import { MessageAnswer, MessageAnswerSchema, MessageEvent } from "./answer.ts";
import { messagesOf } from "./conversation.ts";
import { AnthropicError } from "./errors.ts";
import { MessagesRequest, planOf, unsupportedInMessages } from "./request.ts";

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
      const sampler = samplerOf(body, constraint);
      const tier = tierOf(body.tier);
      const id = `msg_${randomBytes(12).toString("hex")}`;
      const payer = request.payer();
      const choices = (mayBeCloud: boolean): readonly Choice[] => {
        const model = modelOf(app, body.model, mayBeCloud);
        const prompt = { messages, ...(tools !== undefined && { tools }) };
        const maxTokens = Math.min(body.max_tokens, model.contextTokens);
        const stop = body.stop_sequences ?? [];
        return [{ job: { jobId: id, ...payer, model, prompt, sampler, maxTokens, stop, tier }, reading }];
      };
      const face = (name: string): MessageAnswer => new MessageAnswer(name, body.model);
      return serve(app, request, reply, { id, isStream: body.stream === true, choices, face });
    },
  );
};
