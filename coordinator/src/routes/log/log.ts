import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { limits, LogEntry, LogPage, LogProof, LogRoot, VoucherPage } from "@lode/protocol";
import { toWire } from "@lode/sdk/typed-data";
import Type from "typebox";
import { ApiError } from "../../errors.ts";
import { errorAnswers } from "../errors.ts";

const Count = Type.Integer({ minimum: 0, maximum: 2 ** 31 });

/** The public log: no key is needed to check a coordinator. */
export const logRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const tags = ["log"];
  app.get(
    "/v1/log/root",
    { schema: { summary: "The signed head of the receipt log", tags, response: { 200: LogRoot, ...errorAnswers } } },
    async () => {
      const { head, signature } = await app.ledger.head();
      return { head: toWire("TreeHead", head), signature };
    },
  );
  app.get(
    "/v1/log/proof",
    {
      schema: {
        summary: "Inclusion of entry `index`, or consistency between the trees of `from` and `to` entries",
        tags,
        querystring: Type.Object({
          index: Type.Optional(Count),
          size: Type.Optional(Count),
          from: Type.Optional(Count),
          to: Type.Optional(Count),
        }),
        response: { 200: LogProof, ...errorAnswers },
      },
    },
    async ({ query }) => {
      try {
        if (query.index !== undefined) {
          const size = query.size ?? app.ledger.logSize;
          return { kind: "inclusion" as const, size, path: app.ledger.inclusionProof(query.index, size) };
        }
        if (query.from !== undefined) {
          const size = query.to ?? app.ledger.logSize;
          return { kind: "consistency" as const, size, path: app.ledger.consistencyProof(query.from, size) };
        }
      } catch (cause) {
        if (cause instanceof RangeError)
          throw new ApiError(404, "not_in_log", `The log has no such proof: ${cause.message}.`);
        throw cause;
      }
      throw new ApiError(400, "missing_parameter", "Give 'index' for inclusion or 'from' for consistency.");
    },
  );
  app.get(
    "/v1/log/entries",
    {
      schema: {
        summary: "Entries of the receipt log in order",
        tags,
        querystring: Type.Object({
          start: Type.Optional(Count),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.entriesPage })),
        }),
        response: { 200: LogPage, ...errorAnswers },
      },
    },
    async ({ query }) => {
      const size = app.ledger.logSize;
      return { entries: await app.ledger.entries(query.start ?? 0, query.limit ?? 100), size };
    },
  );
  app.get(
    "/v1/log/vouchers",
    {
      schema: {
        summary: "The latest signed voucher of every channel",
        tags,
        response: { 200: VoucherPage, ...errorAnswers },
      },
    },
    async () => ({
      vouchers: (await app.ledger.vouchers()).map(({ voucher, signature }) => ({
        voucher: toWire("Voucher", voucher),
        signature,
      })),
    }),
  );
  app.get(
    "/v1/receipts/:id",
    {
      schema: {
        summary: "The receipts of a job or of one assignment, with both signatures",
        tags,
        params: Type.Object({ id: Type.String({ pattern: "^(0x[0-9a-f]{64}|[a-z]{3,8}[-_][0-9a-f]{24,64})$" }) }),
        response: { 200: Type.Object({ receipts: Type.Array(LogEntry), size: Type.Integer() }), ...errorAnswers },
      },
    },
    async ({ params }) => {
      const receipts = await app.ledger.receipts(params.id);
      if (receipts.length === 0)
        throw new ApiError(404, "no_receipt", "No receipt has this id; a running job has none yet.");
      return { receipts, size: app.ledger.logSize };
    },
  );
};
