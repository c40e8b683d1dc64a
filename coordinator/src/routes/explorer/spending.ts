import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { DayOfModel } from "@lode/protocol";
import Type from "typebox";
import { errorAnswers } from "../errors.ts";
import { daysOf } from "./days.ts";

/** `GET /v1/wallet/spending`: what an account spent or earned, by day and model. */
export const spendingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    "/v1/wallet/spending",
    {
      schema: {
        summary: "The key's account by day and model: a client's debits, or a miner's credits for a miner key",
        tags: ["wallet"],
        security: [{ key: [] }],
        querystring: Type.Object({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366 })) }),
        response: { 200: Type.Object({ days: Type.Array(DayOfModel) }), ...errorAnswers },
      },
      config: { scopes: ["client", "read", "miner"] },
    },
    async (request) => {
      const { account, scope } = request.key();
      const side = scope === "miner" ? "miner" : "client";
      return { days: await daysOf(app, side, account, request.query.days ?? 30) };
    },
  );
};
