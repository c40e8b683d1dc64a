import type { DayOfModel } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import type { FastifyInstance } from "fastify";
import { modelName } from "./cards.ts";

const dayMs = 86_400_000;

/** An account's last days, today included; whole days of UTC. */
export async function daysOf(
  app: FastifyInstance,
  side: "client" | "miner",
  account: Hex,
  count: number,
): Promise<DayOfModel[]> {
  const today = Math.floor(app.nowMs() / dayMs) * dayMs;
  const days = await app.ledger.books.days(side, account, today - (count - 1) * dayMs);
  return days.map(({ day, modelDigest, receipts, inputTokens, outputTokens, debitedWei, creditedWei }) => ({
    day,
    model: modelName(app, modelDigest),
    modelDigest,
    receipts,
    inputTokens,
    outputTokens,
    amountWei: (side === "client" ? debitedWei : creditedWei).toString(),
  }));
}
