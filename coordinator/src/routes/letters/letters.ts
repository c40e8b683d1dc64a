import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText, LetterBody, LetterPage, limits } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import { normalLetter } from "@lode/sdk/letters";
import Type from "typebox";
import { errorAnswers } from "../errors.ts";

/** Where verifiers and miners leave letters for each other: both only ever call, so somebody must stand between. */
export const letterRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const tags = ["verification"];
  app.post(
    "/v1/letters",
    {
      schema: {
        summary: "Leaves a letter of a staked miner to another: a question for a transcript, or the sealed transcript",
        tags,
        body: LetterBody,
        response: { 202: Type.Object({}), ...errorAnswers },
      },
    },
    async (request, reply) => {
      await app.mailbox.put(normalLetter(request.body));
      return reply.code(202).send({});
    },
  );
  app.get(
    "/v1/letters",
    {
      schema: {
        summary: "Letters to an address in the order of their arrival; sealed ones can be read by their recipient only",
        tags,
        querystring: Type.Object({
          to: AddressText,
          after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
        }),
        response: { 200: LetterPage, ...errorAnswers },
      },
    },
    async ({ query }) => app.mailbox.read(query.to.toLowerCase() as Hex, query.after ?? 0, limits.lettersPage),
  );
};
