import type { Hex } from "@lode/sdk/hash";
import { availableWei, type Book } from "../../../domain/settlement/index.ts";
import type { Chain } from "../chain/chain.ts";
import type { Coverage } from "./coverage.ts";
import type { ClientBalance, MinerBalance } from "./types.ts";

/** How long after its deadline an attempt waits for a miner that lost its link. */
export const graceSeconds = 60n;
/** How long it waits at least when this process is back itself: a miner's tries to link again are up to a minute apart. */
export const returnSeconds = 90n;
/** Between two sweeps, milliseconds: after a longer time this process was held up, and no miner could come back. */
export const absenceMs = 30_000;

export interface BalanceSources {
  readonly book: Book;
  readonly chain: Chain;
  readonly coverage: Coverage;
  readonly nowMs: () => number;
}

/** A client's money: what is free, and every locked amount with its reason. Throws ChainError. */
export async function clientBalance(
  { book, coverage, nowMs: now }: Omit<BalanceSources, "chain">,
  client: Hex,
): Promise<ClientBalance> {
  const account = await coverage.account(client);
  const debitedWei = book.debitOf(client).cumulativeWei;
  const nowMs = now();
  const reservations = book.openAttempts().filter(({ assignment }) => assignment.client === client);
  const lockedWei = book.lockedWei(client);
  const free = availableWei(account, debitedWei, lockedWei, BigInt(Math.floor(nowMs / 1000)));
  return {
    availableWei: free,
    accountWei: account.balanceWei,
    debitedWei,
    collectedWei: account.collectedWei,
    lockedWei,
    sessionCapWei: account.signerCapWei,
    sessionExpiresAt: account.signerExpiresAt,
    locked: [
      ...reservations.map((attempt) => ({
        amountWei: attempt.reservedWei,
        reason: attempt.state === "lost" ? "waiting for a lost miner's receipt" : "running job",
        releasedAtMs: Number(attempt.assignment.deadline + graceSeconds) * 1000,
        job: attempt.jobId,
      })),
      ...(debitedWei > account.collectedWei
        ? [{ amountWei: debitedWei - account.collectedWei, reason: "owed for delivered work, not collected yet" }]
        : []),
      ...(account.thawingWei > 0n
        ? [
            {
              amountWei: account.thawingWei,
              reason: "thawing towards a withdrawal",
              releasedAtMs: Number(account.thawEndsAt) * 1000,
            },
          ]
        : []),
    ],
  };
}

/** A miner's money: promised, collected, and owed by hosts. Throws ChainError. */
export async function minerBalance(
  { book, chain }: Pick<BalanceSources, "book" | "chain">,
  miner: Hex,
): Promise<MinerBalance> {
  const collectedWei = await chain.collectedWei(miner);
  const owed = [...(book.hosted.get(miner) ?? [])];
  const hosted = await Promise.all(
    owed.map(async ([host, { cumulativeWei: creditedWei }]) => {
      return { host, creditedWei, collectedWei: await chain.collectedWei(miner, host) };
    }),
  );
  return { creditedWei: book.credits.get(miner)?.cumulativeWei ?? 0n, collectedWei, hosted };
}
