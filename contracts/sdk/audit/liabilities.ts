import type { Hex } from "../hash/index.ts";
import { sumTree, type Liability } from "../merkle/index.ts";
import { voucherKind } from "../typed-data/index.ts";
import type { Anchor, Collection } from "./types.ts";

/** What miners had been credited when the log had some size. */
export type Credits = ReadonlyMap<Hex, { readonly cumulativeWei: bigint }>;

export type LiabilitiesVerdict = "right" | "wrong" | "unknown";

/** Blocks before an anchor whose collections its coordinator may not have seen yet: it reads the chain, then sends, then waits. */
const blindBlocks = 300n;
/** Combinations of seen and unseen collections that are tried, at most. */
const maximumTries = 256;

/**
 * Whether an anchor's liabilities root is that of the log's credits less what was collected. Which of the collections just
 * before it the coordinator had seen is not written anywhere, so every combination is tried; a miner's come in order.
 */
export function judgeLiabilities(
  anchor: Anchor,
  credits: Credits,
  collections: readonly Collection[],
  coordinator: Hex,
): LiabilitiesVerdict {
  const settled = new Map<Hex, bigint>();
  const recent = new Map<Hex, bigint[]>();
  for (const { payer, payee, kind, paidWei, block } of collections) {
    if (payer !== coordinator || kind !== voucherKind.pooled || block > anchor.block) continue;
    if (block + blindBlocks < anchor.block) settled.set(payee, (settled.get(payee) ?? 0n) + paidWei);
    else recent.set(payee, [...(recent.get(payee) ?? []), paidWei]);
  }
  const tries = [...recent.values()].reduce((product, paid) => product * (paid.length + 1), 1);
  // Names compare as the coordinator sorts them: lower-case hexadecimal.
  const payees = [...credits].map(([payee, { cumulativeWei }]) => ({ payee, cumulativeWei }));
  payees.sort((a, b) => (a.payee < b.payee ? -1 : 1));
  for (let attempt = 0; attempt < Math.min(tries, maximumTries); attempt++) {
    const collected = seenAt(attempt, settled, recent);
    const lines = payees.map(({ payee, cumulativeWei }): Liability => {
      const outstandingWei = cumulativeWei - (collected.get(payee) ?? 0n);
      return { payer: coordinator, payee, epoch: 0n, cumulativeWei, outstandingWei };
    });
    // More was collected than was credited: that is a finding of its own, and no tree holds it.
    if (lines.some(({ outstandingWei }) => outstandingWei < 0n)) continue;
    if (sumTree(lines).root === anchor.liabilitiesRoot) return "right";
  }
  return tries <= maximumTries ? "wrong" : "unknown";
}

/** What was collected of each miner in one of the combinations; in the first one everything is seen. */
function seenAt(attempt: number, settled: ReadonlyMap<Hex, bigint>, recent: ReadonlyMap<Hex, readonly bigint[]>) {
  const collected = new Map(settled);
  let left = attempt;
  for (const [payee, paid] of recent) {
    const unseen = left % (paid.length + 1);
    left = Math.floor(left / (paid.length + 1));
    const seenWei = paid.slice(0, paid.length - unseen).reduce((sum, wei) => sum + wei, 0n);
    collected.set(payee, (collected.get(payee) ?? 0n) + seenWei);
  }
  return collected;
}
