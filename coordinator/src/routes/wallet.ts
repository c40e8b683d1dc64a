import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AddressText, Decimal } from "@lode/protocol";
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
  creditedWei: Decimal,
  collectedWei: Decimal,
  uncollectedWei: Decimal,
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
        const { creditedWei, collectedWei } = await app.ledger.minerBalance(account);
        return {
          account,
          scope: "miner" as const,
          creditedWei: creditedWei.toString(),
          collectedWei: collectedWei.toString(),
          uncollectedWei: (creditedWei - collectedWei).toString(),
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
};

/** ISO 8601 in UTC, or null for no time. An expiry may lie beyond what a Date can hold. */
function isoTime(ms: number): string | null {
  return ms === 0 ? null : new Date(Math.min(ms, 8.64e15)).toISOString();
}
