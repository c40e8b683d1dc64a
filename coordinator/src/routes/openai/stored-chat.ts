import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";
import { errorAnswers } from "../errors.ts";
import { ChatCompletion } from "./schemas.ts";

const keptMs = 30 * 24 * 3_600_000;
const nameOf = (id: string): string => `chat ${id}`;
const ById = Type.Object({ id: Type.String({ pattern: "^chatcmpl-[0-9a-f]{24}$" }) });

/** Keeps an answer whose client sent `store: true` where only its API key can read it. */
export async function keepChat(
  app: FastifyInstance,
  request: FastifyRequest,
  answer: Static<typeof ChatCompletion>,
): Promise<void> {
  await app.answers.write(request.keySecret(), nameOf(answer.id), { value: answer, expiresMs: app.nowMs() + keptMs });
}

/** Chat completions that were made with `store: true`. */
export const storedChatRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["openai"], security: [{ key: [] }], params: ById };
  const config = { scopes: ["client"] as const };
  const refuse = (): never => {
    const message = "There is no such answer here: only those made with 'store: true' by the same API key are kept.";
    throw new ApiError(404, "completion_not_found", message, { param: "id" });
  };
  app.get(
    "/v1/chat/completions/:id",
    {
      schema: {
        summary: "A chat completion that was made with `store: true` by the same API key, for 30 days",
        ...shared,
        response: { 200: ChatCompletion, ...errorAnswers },
      },
      config,
    },
    async (request) => {
      const kept = await app.answers.read(request.keySecret(), nameOf(request.params.id));
      return kept === undefined ? refuse() : (kept.value as Static<typeof ChatCompletion>);
    },
  );
  app.delete(
    "/v1/chat/completions/:id",
    {
      schema: {
        summary: "Forgets a chat completion",
        ...shared,
        response: {
          200: Type.Object({
            id: Type.String(),
            object: Type.Literal("chat.completion.deleted"),
            deleted: Type.Literal(true),
          }),
          ...errorAnswers,
        },
      },
      config,
    },
    async (request) => {
      const { id } = request.params;
      if (!(await app.answers.remove(request.keySecret(), nameOf(id)))) return refuse();
      return { id, object: "chat.completion.deleted" as const, deleted: true as const };
    },
  );
};
