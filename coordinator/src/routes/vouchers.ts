import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText, Debits, DebitsPage, limits, SignedVoucherSchema } from "@lode/protocol";
import { fromWire, toWire } from "@lode/sdk/typed-data";
import type { Hex } from "@lode/sdk/hash";
import Type from "typebox";
import { errorAnswers } from "./errors.ts";

const Accepted = Type.Object({ count: Type.Integer({ minimum: 0, description: "Debits that are signed for now" }) });

/** What a client needs that holds its session key itself: its debits, and a way to hand in what it signs. */
export const voucherRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["wallet"], security: [{ key: [] }] };
  const config = { scopes: ["client"] as const };
  app.put(
    "/v1/wallet/signer",
    {
      schema: {
        summary: "From now on the client signs its vouchers itself, with a key that the chain names",
        ...shared,
        body: Type.Object({ signer: AddressText }, { additionalProperties: false }),
        response: { 200: Debits, ...errorAnswers },
      },
      config,
    },
    async (request) => {
      const { account } = request.key();
      await app.ledger.selfSigned.setSigner(account, request.body.signer.toLowerCase() as Hex);
      return debitsOf(account);
    },
  );
  app.get(
    "/v1/wallet/debits",
    {
      schema: {
        summary: "How a client's debits stand, and how far they are signed for",
        ...shared,
        response: { 200: Debits, ...errorAnswers },
      },
      config,
    },
    async (request) => debitsOf(request.key().account),
  );
  app.get(
    "/v1/wallet/debits/entries",
    {
      schema: {
        summary: "The receipts that a client was debited for, in the order of its vouchers' tree",
        ...shared,
        querystring: Type.Object({
          start: Type.Optional(Type.Integer({ minimum: 0 })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.entriesPage })),
        }),
        response: { 200: DebitsPage, ...errorAnswers },
      },
      config,
    },
    async (request) => {
      const { account } = request.key();
      const { start = 0, limit = 100 } = request.query;
      const debits = await app.ledger.selfSigned.entries(account, start, limit);
      return { debits, count: (await app.ledger.selfSigned.debits(account)).count };
    },
  );
  app.post(
    "/v1/wallet/vouchers",
    {
      schema: {
        summary: "Hands in a voucher that the client signed over its debits",
        ...shared,
        body: SignedVoucherSchema,
        response: { 200: Accepted, ...errorAnswers },
      },
      config,
    },
    async (request) => {
      const { voucher, signature } = request.body;
      await app.ledger.selfSigned.accept(request.key().account, { voucher: fromWire("Voucher", voucher), signature });
      return { count: Number(voucher.count) };
    },
  );

  async function debitsOf(client: Hex) {
    const { signer, signed, count, cumulativeWei } = await app.ledger.selfSigned.debits(client);
    return {
      ...(signer !== undefined && { signer }),
      ...(signed !== undefined && {
        signed: { voucher: toWire("Voucher", signed.voucher), signature: signed.signature },
      }),
      count,
      cumulativeWei: cumulativeWei.toString(),
    };
  }
};
