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
 * Whether an anchor's liabilities root is that of the log's credits less what was collected. Which of the collections just before
 * it the coordinator had seen is not written anywhere. It is told of them in the chain's order, so that every beginning of them
 * is tried first; it asks for one miner after the other meanwhile, so then every combination, as far as they are few.
 */
export function judgeLiabilities(
  anchor: Anchor,
  credits: Credits,
  collections: readonly Collection[],
  coordinator: Hex,
): LiabilitiesVerdict {
  const settled = new Map<Hex, bigint>();
  const recent: Collection[] = [];
  for (const collection of collections) {
    const { payer, payee, kind, paidWei, block } = collection;
    if (payer !== coordinator || kind !== voucherKind.pooled || block > anchor.block) continue;
    if (block + blindBlocks < anchor.block) settled.set(payee, (settled.get(payee) ?? 0n) + paidWei);
    else recent.push(collection);
  }
  // Names compare as the coordinator sorts them: lower-case hexadecimal.
  const payees = [...credits].map(([payee, { cumulativeWei }]) => ({ payee, cumulativeWei }));
  payees.sort((a, b) => (a.payee < b.payee ? -1 : 1));
  const isRight = (collected: ReadonlyMap<Hex, bigint>): boolean => {
    const lines = payees.map(({ payee, cumulativeWei }): Liability => {
      const outstandingWei = cumulativeWei - (collected.get(payee) ?? 0n);
      return { payer: coordinator, payee, epoch: 0n, cumulativeWei, outstandingWei };
    });
    // More was collected than was credited: that is a finding of its own, and no tree holds it.
    if (lines.some(({ outstandingWei }) => outstandingWei < 0n)) return false;
    return sumTree(lines).root === anchor.liabilitiesRoot;
  };
  recent.sort((a, b) => (a.block < b.block ? -1 : a.block > b.block ? 1 : 0));
  for (let seen = recent.length; seen >= Math.max(0, recent.length - maximumTries); seen--) {
    if (isRight(withPaid(settled, recent.slice(0, seen)))) return "right";
  }
  const byMiner = Map.groupBy(recent, ({ payee }) => payee);
  const tries = [...byMiner.values()].reduce((product, paid) => product * (paid.length + 1), 1);
  if (tries > maximumTries) return "unknown";
  for (let attempt = 0; attempt < tries; attempt++) {
    if (isRight(withPaid(settled, seenAt(attempt, byMiner)))) return "right";
  }
  return "wrong";
}

function withPaid(settled: ReadonlyMap<Hex, bigint>, seen: readonly Collection[]): Map<Hex, bigint> {
  const collected = new Map(settled);
  for (const { payee, paidWei } of seen) collected.set(payee, (collected.get(payee) ?? 0n) + paidWei);
  return collected;
}

/** The collections that were seen in one of the combinations: of each miner's, which come in order, so many. */
function seenAt(attempt: number, byMiner: ReadonlyMap<Hex, readonly Collection[]>): Collection[] {
  let left = attempt;
  return [...byMiner.values()].flatMap((paid) => {
    const unseen = left % (paid.length + 1);
    left = Math.floor(left / (paid.length + 1));
    return paid.slice(0, paid.length - unseen);
  });
}
