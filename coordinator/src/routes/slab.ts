import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { SlabVoucherOf, SlabWallet } from "@lode/protocol";
import { slabChannelToWire, slabVoucherFromWire, slabVoucherToWire } from "@lode/sdk/slab/wire";
import Type from "typebox";
import { errorAnswers } from "./errors.ts";

const Accepted = Type.Object({
  unsignedWei: Type.String({ description: "Debits that no voucher covers now, in wei; below zero for promises ahead" }),
});

/** What a client needs that pays its debits out of a channel of ZkSettlement. */
export const slabRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = { tags: ["wallet"], security: [{ key: [] }] };
  const config = { scopes: ["client"] as const };
  app.get(
    "/v1/wallet/slab",
    {
      schema: {
        summary: "The client's channels of ZkSettlement, its last vouchers on them, and what they do not cover yet",
        ...shared,
        response: { 200: SlabWallet, ...errorAnswers },
      },
      config,
    },
    async (request) => {
      const { account } = request.key();
      const slabs = app.ledger.selfSigned.slabs();
      const [channels, slabSize] = await Promise.all([slabs.channelsOf(account), slabs.slabSize()]);
      return {
        chainId: slabs.domain.chainId,
        zkSettlement: slabs.domain.zkSettlement,
        payee: slabs.payee,
        slabSize,
        channels: channels.map(({ channel, depositWei, isSettled, exitsAt }) => ({
          channel: slabChannelToWire(channel),
          depositWei: depositWei.toString(),
          isSettled,
          exitsAt,
        })),
        vouchers: slabs.vouchersOf(account).map(({ channel, voucher }) => ({
          channel: slabChannelToWire(channel),
          voucher: slabVoucherToWire(voucher),
        })),
        unsignedWei: app.ledger.selfSigned.unsignedWei(account).toString(),
      };
    },
  );
  app.post(
    "/v1/wallet/slab/vouchers",
    {
      schema: {
        summary:
          "Hands in a voucher on one of the client's channels; its debits are paid out of that channel from then on",
        ...shared,
        body: SlabVoucherOf,
        response: { 200: Accepted, ...errorAnswers },
      },
      config,
    },
    async (request) => {
      const { account } = request.key();
      const { slot, generation, voucher } = request.body;
      const { selfSigned } = app.ledger;
      await selfSigned.acceptSlab(account, slot, BigInt(generation), slabVoucherFromWire(voucher));
      return { unsignedWei: selfSigned.unsignedWei(account).toString() };
    },
  );
};
