import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText, Decimal, SignedVoucherSchema } from "@lode/protocol";
import { toWire } from "@lode/sdk/typed-data";
import Type from "typebox";
import { errorAnswers } from "./errors.ts";

const Time = Type.Union([Type.String({ format: "date-time" }), Type.Null()]);

/** What a client's money does: one line for every amount it cannot spend, with the reason and the release time. */
const ClientWallet = Type.Object({
  account: AddressText,
  scope: Type.Literal("client"),
  availableWei: Decimal,
  accountWei: Decimal,
  debitedWei: Decimal,
  collectedWei: Decimal,
  /** What running and interrupted jobs hold. */
  lockedWei: Decimal,
  session: Type.Object({ signer: AddressText, capWei: Decimal, expiresAt: Time }),
  locked: Type.Array(
    Type.Object({ amountWei: Decimal, reason: Type.String(), releasedAt: Time, job: Type.Optional(Type.String()) }),
  ),
});
const MinerWallet = Type.Object({
  account: AddressText,
  scope: Type.Literal("miner"),
  /** Own work and polled work together. */
  creditedWei: Decimal,
  collectedWei: Decimal,
  uncollectedWei: Decimal,
  /** What each host owes for polled work. */
  hosted: Type.Array(Type.Object({ host: AddressText, creditedWei: Decimal, collectedWei: Decimal })),
});

/** `GET /v1/wallet/balance`: a client's or a miner's view, by the key's scope. */
export const walletRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    "/v1/wallet/balance",
    {
      schema: {
        summary: "The key's account: what is free, and every locked amount with its reason and release time",
        tags: ["wallet"],
        security: [{ key: [] }],
        response: { 200: Type.Union([ClientWallet, MinerWallet]), ...errorAnswers },
      },
      config: { scopes: ["client", "read", "miner"] },
    },
    async (request) => {
      const { account, scope } = request.key();
      if (scope === "miner") {
        const own = await app.ledger.minerBalance(account);
        const sum = (side: "creditedWei" | "collectedWei"): bigint =>
          own.hosted.reduce((total, line) => total + line[side], own[side]);
        const [creditedWei, collectedWei] = [sum("creditedWei"), sum("collectedWei")];
        return {
          account,
          scope: "miner" as const,
          creditedWei: creditedWei.toString(),
          collectedWei: collectedWei.toString(),
          uncollectedWei: (creditedWei - collectedWei).toString(),
          hosted: own.hosted.map((line) => ({
            host: line.host,
            creditedWei: line.creditedWei.toString(),
            collectedWei: line.collectedWei.toString(),
          })),
        };
      }
      const balance = await app.ledger.clientBalance(account);
      return {
        account,
        scope: "client" as const,
        availableWei: balance.availableWei.toString(),
        accountWei: balance.accountWei.toString(),
        debitedWei: balance.debitedWei.toString(),
        collectedWei: balance.collectedWei.toString(),
        lockedWei: balance.lockedWei.toString(),
        session: {
          signer: app.ledger.sessionSigner,
          capWei: balance.sessionCapWei.toString(),
          expiresAt: isoTime(Number(balance.sessionExpiresAt) * 1000),
        },
        locked: balance.locked.map(({ amountWei, reason, releasedAtMs, job }) => ({
          amountWei: amountWei.toString(),
          reason,
          releasedAt: isoTime(releasedAtMs ?? 0),
          ...(job !== undefined && { job }),
        })),
      };
    },
  );
  app.get(
    "/v1/wallet/vouchers",
    {
      schema: {
        summary: "Every voucher that leads to a miner's money, in the order that one transaction collects them in",
        tags: ["wallet"],
        security: [{ key: [] }],
        response: { 200: Type.Array(SignedVoucherSchema), ...errorAnswers },
      },
      config: { scopes: ["miner"] },
    },
    async (request) => {
      const vouchers = await app.ledger.vouchersOf(request.key().account);
      return vouchers.map(({ voucher, signature }) => ({ voucher: toWire("Voucher", voucher), signature }));
    },
  );
};

/** ISO 8601 in UTC, or null for no time. An expiry may lie beyond what a Date can hold. */
function isoTime(ms: number): string | null {
  return ms === 0 ? null : new Date(Math.min(ms, 8.64e15)).toISOString();
}
