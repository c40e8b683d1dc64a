import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { limits, type OfferedModel, type TextPrompt, type TokenPrompt } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import type { FastifyInstance } from "fastify";
import Type, { type Static } from "typebox";
import type { Payer } from "../../plugins/app/auth.ts";
import { ApiError } from "../../errors.ts";
import { ErrorBody, errorAnswers } from "../errors.ts";
import type { Choice } from "../inference/choices.ts";
import { answerHeaders } from "../inference/headers.ts";
import { RequestHeaders } from "../inference/idempotent.ts";
import { modelOf, tierOf } from "../inference/model.ts";
import { serve, type Order } from "../inference/serve.ts";
import { checkTokenIds, listOf, textsOrTokens } from "../inference/token-ids.ts";
import { answerOptions } from "./chat-answer.ts";
import { CompletionAnswer } from "./completion-answer.ts";
import {
  askedTokens,
  maximumChoices,
  optional,
  refuseUnsupported,
  requestFields,
  roomOf,
  samplerOf,
  samplingFields,
  seedOf,
  stopsOf,
  type Unsupported,
} from "./fields.ts";
import { checkLogprobs } from "./logprobs.ts";
import { Completion } from "./schemas.ts";

const Text = Type.String({ minLength: 1, maxLength: limits.bodyBytes });

export const CompletionRequest = Type.Object(
  {
    ...requestFields,
    ...samplingFields,
    prompt: Type.Union(textsOrTokens(Text, limits.promptTokens).anyOf, {
      description:
        "The whole prompt, as text or as the model's token ids: no template is put around it, and control tokens in it mean what they mean",
    }),
    max_tokens: optional(askedTokens()),
    logprobs: optional(
      Type.Integer({ minimum: 0, maximum: limits.topLogprobs, description: "Alternatives told with each token" }),
    ),
    n: optional(Type.Integer({ minimum: 1, maximum: maximumChoices })),
  },
  { title: "CompletionRequest" },
);
export type CompletionRequest = Static<typeof CompletionRequest>;

const unsupported: Unsupported = {
  echo: (value) => value === false,
  suffix: (value) => value === "",
  best_of: () => false,
};

/** What OpenAI's completions give when nobody says. */
const defaultMaxTokens = 16;

/** `POST /v1/completions`: a text that goes on behind a text. */
export const completionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    "/v1/completions",
    {
      schema: {
        summary: "A text that goes on behind the prompt, streamed or whole",
        tags: ["openai"],
        security: [{ key: [] }],
        headers: RequestHeaders,
        body: CompletionRequest,
        response: {
          200: {
            description: "The answer, or with `stream: true` pieces of the same shape as events and `[DONE]`",
            headers: answerHeaders,
            content: {
              "application/json": { schema: Completion },
              "text/event-stream": { schema: Type.Union([Completion, ErrorBody]) },
            },
          },
          ...errorAnswers,
        },
      },
      config: { scopes: ["client"] },
    },
    async (request, reply) => {
      const id = `cmpl-${randomBytes(12).toString("hex")}`;
      return serve(app, request, reply, completionOrder(app, id, request.payer(), request.body));
    },
  );
};

/** What a request asks for, checked. Throws 400. */
export function completionOrder(app: FastifyInstance, id: string, payer: Payer, body: CompletionRequest): Order {
  const { best_of, ...asked } = body as CompletionRequest & { best_of?: unknown };
  refuseUnsupported({ ...asked, ...(best_of !== (body.n ?? 1) && { best_of }) }, unsupported);
  const prompts = promptsOf(body);
  const sampler = samplerOf(body);
  const tier = tierOf(body.tier);
  return {
    id,
    isStream: body.stream === true,
    choices: (mayBeCloud) => {
      const model = modelOf(app, body.model, mayBeCloud);
      checkTokenIds(prompts, model, "prompt");
      return choicesOf(body, prompts, { jobId: id, ...payer, model, sampler, tier });
    },
    face: (name, created) => new CompletionAnswer(answerOptions(body, name, created, (body.n ?? 1) * prompts.length)),
  };
}

interface Shared {
  readonly jobId: string;
  readonly client: Hex;
  readonly key: string;
  readonly model: OfferedModel;
  readonly sampler: ReturnType<typeof samplerOf>;
  readonly tier: number | undefined;
}

/** Throws 400 when the prompts ask for too many answers. */
function promptsOf({ prompt, n }: CompletionRequest): (string | readonly number[])[] {
  const prompts = listOf(prompt, "prompt");
  if ((n ?? 1) * prompts.length <= maximumChoices) return prompts;
  const message = `'n' choices for each prompt are more than ${maximumChoices} answers.`;
  throw new ApiError(400, "invalid_value", message, { param: "n" });
}

/** `n` choices for each prompt, those of one prompt beside each other. */
function choicesOf(
  body: CompletionRequest,
  prompts: readonly (string | readonly number[])[],
  shared: Shared,
): Choice[] {
  const maxTokens = roomOf(body.max_tokens ?? defaultMaxTokens, shared.model);
  const [reading, logprobs] = [{ kind: "text" as const }, body.logprobs ?? undefined];
  checkLogprobs(logprobs, shared.model, reading, maxTokens);
  const promptOf = (one: string | readonly number[]): TextPrompt | TokenPrompt =>
    typeof one === "string" ? { text: one } : { tokens: [...one] };
  return prompts.flatMap((one) =>
    Array.from({ length: body.n ?? 1 }, (_, choice) => ({
      job: {
        ...shared,
        prompt: promptOf(one),
        maxTokens,
        stop: stopsOf(body),
        clientSeed: seedOf(body, choice),
        logprobs,
      },
      reading,
    })),
  );
}
