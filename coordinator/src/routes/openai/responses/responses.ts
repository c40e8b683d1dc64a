import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { limits, type ChatMessage } from "@lode/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type from "typebox";
import { ApiError } from "../../../errors.ts";
import { errorAnswers } from "../../errors.ts";
import type { Choice, Outcome } from "../../inference/choices.ts";
import { countsPerMinute, countTokens } from "../../inference/count-tokens.ts";
import { answerHeaders } from "../../inference/headers.ts";
import { RequestHeaders } from "../../inference/idempotent.ts";
import { modelOf, tierOf } from "../../inference/model.ts";
import { serve } from "../../inference/serve.ts";
import { refuseUnsupported, roomOf, samplerOf } from "../fields.ts";
import { ResponseAnswer } from "./answer.ts";
import { following, list, pageFields, pageOf, usualPage } from "../pages.ts";
import { messagesOf } from "./input.ts";
import { InputItem, inputItemsOf } from "./input-items.ts";
import { planOf, ResponsesRequest, unsupportedInResponses } from "./request.ts";
import { ResponseBody, ResponseEvent } from "./schemas.ts";
import { answerMessages, forgetResponse, keepResponse, storedResponse } from "./stored.ts";

/** Every token that may come is reserved, so that nobody is given room without asking. */
const defaultMaxTokens = 512;

// An id that no response can have names none, like any other that is not there.
const ById = Type.Object({ id: Type.String() });

/** `POST /v1/responses`, and what was kept of them. */
export const responseRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["openai"], security: [{ key: [] }] };
  const config = { scopes: ["client"] as const };
  app.post(
    "/v1/responses",
    {
      schema: {
        summary: "A response, streamed or whole; kept only when `store` asks for it",
        ...shared,
        headers: RequestHeaders,
        body: ResponsesRequest,
        response: {
          200: {
            description: "The response, or with `stream: true` its events",
            headers: answerHeaders,
            content: {
              "application/json": { schema: ResponseBody },
              "text/event-stream": { schema: ResponseEvent },
            },
          },
          ...errorAnswers,
        },
      },
      config,
    },
    async (request, reply) => {
      const { body } = request;
      refuseUnsupported(body, unsupportedInResponses);
      const { tools, constraint, reading } = planOf(body);
      const sampler = samplerOf(body, constraint);
      const tier = tierOf(body.tier);
      const messages = await conversationOf(app, request, body);
      const id = `resp_${randomBytes(12).toString("hex")}`;
      const payer = request.payer();
      const choices = (mayBeCloud: boolean): readonly Choice[] => {
        const model = modelOf(app, body.model, mayBeCloud);
        const prompt = { messages: instructed(body.instructions, messages), ...(tools !== undefined && { tools }) };
        const maxTokens = roomOf(body.max_output_tokens ?? defaultMaxTokens, model);
        return [{ job: { jobId: id, ...payer, model, prompt, sampler, maxTokens, stop: [], tier }, reading }];
      };
      const face = (name: string, created: number): ResponseAnswer => new ResponseAnswer(name, created, body);
      return serve(app, request, reply, {
        id,
        isStream: body.stream === true,
        choices,
        face,
        ...(body.store === true && {
          async keep(outcome: Outcome, created: number) {
            const response = face(id, created).whole(outcome);
            await keepResponse(app, request, { response, messages: [...messages, ...answerMessages(outcome)] });
          },
        }),
      });
    },
  );
  app.post(
    "/v1/responses/input_tokens",
    {
      schema: {
        summary: "How many tokens a response's input has for a model, as one of its miners counts them; free",
        ...shared,
        body: ResponsesRequest,
        response: {
          200: Type.Object(
            { object: Type.Literal("response.input_tokens"), input_tokens: Type.Integer() },
            { title: "InputTokens" },
          ),
          ...errorAnswers,
        },
      },
      config: { ...config, requestsPerMinute: countsPerMinute },
    },
    async (request) => {
      const { body } = request;
      refuseUnsupported(body, unsupportedInResponses);
      const { tools } = planOf(body);
      const messages = instructed(body.instructions, await conversationOf(app, request, body));
      const prompt = { messages, ...(tools !== undefined && { tools }) };
      return {
        object: "response.input_tokens" as const,
        input_tokens: await countTokens(app, request, body.model, prompt),
      };
    },
  );
  app.get(
    "/v1/responses/:id",
    {
      schema: {
        summary: "A response that was made with `store: true` by the same API key",
        ...shared,
        params: ById,
        response: { 200: ResponseBody, ...errorAnswers },
      },
      config,
    },
    async (request) => (await storedResponse(app, request, request.params.id, "id")).response,
  );
  app.get(
    "/v1/responses/:id/input_items",
    {
      schema: {
        summary: "What a response that is kept was made of, with the conversation before it; the latest first",
        ...shared,
        params: ById,
        querystring: Type.Object(pageFields),
        response: { 200: pageOf(InputItem, "ResponseItemList"), ...errorAnswers },
      },
      config,
    },
    async (request) => {
      const { id } = request.params;
      const { messages } = await storedResponse(app, request, id, "id");
      // The last message is its answer.
      const items = inputItemsOf(messages.slice(0, -1), id.slice("resp_".length));
      const { limit = usualPage, order = "desc" } = request.query;
      const left = following(items, { ...request.query, order });
      return list(left.slice(0, limit), left.length > limit);
    },
  );
  app.delete(
    "/v1/responses/:id",
    {
      schema: {
        summary: "Forgets a response",
        ...shared,
        params: ById,
        response: {
          200: Type.Object({ id: Type.String(), object: Type.Literal("response"), deleted: Type.Boolean() }),
          ...errorAnswers,
        },
      },
      config,
    },
    async (request) => {
      const { id } = request.params;
      await storedResponse(app, request, id, "id");
      return { id, object: "response" as const, deleted: await forgetResponse(app, request, id) };
    },
  );
};

/** The input behind the conversation that it continues. Throws 400. */
async function conversationOf(
  app: FastifyInstance,
  request: FastifyRequest,
  { previous_response_id, input }: ResponsesRequest,
): Promise<ChatMessage[]> {
  const before = previous_response_id ?? undefined;
  const history =
    before === undefined ? [] : (await storedResponse(app, request, before, "previous_response_id")).messages;
  const messages = messagesOf(history, input);
  refuseLong(messages);
  return messages;
}

function instructed(instructions: string | null | undefined, messages: readonly ChatMessage[]): ChatMessage[] {
  if (instructions === undefined || instructions === null || instructions === "") return [...messages];
  return [{ role: "system", content: instructions }, ...messages];
}

/** Conversations grow by being continued, beyond what one request could hold. */
function refuseLong(messages: readonly ChatMessage[]): void {
  const isLong =
    messages.length >= limits.messages || Buffer.byteLength(JSON.stringify(messages), "utf8") > limits.bodyBytes;
  if (!isLong) return;
  const message = "The conversation behind 'previous_response_id' is too long to be continued; begin a new one.";
  throw new ApiError(400, "conversation_too_long", message, { param: "previous_response_id" });
}
