import { isSignedHead, StakeHistory, type AuditContext } from "@lode/sdk/audit";
import type { HeadBook, WitnessedHead } from "./head-book.ts";
import type { Peer } from "./peer.ts";

/** What decides whether a head is a coordinator's. */
export type Signers = Pick<AuditContext, "addresses" | "coordinator" | "stakeEvents">;

/**
 * Takes the heads that the coordinator really signed. Says how many of them were new; the rest is nobody's proof and passed over.
 */
export function takeHeads(book: HeadBook, heads: readonly WitnessedHead[], signers: Signers): number {
  const stakes = new StakeHistory(signers.stakeEvents);
  return heads.filter((head) => isSignedHead(head, signers, stakes) && book.add(head)).length;
}

/** Asks every peer for what it saw. A peer that does not answer is named and stops nobody. */
export async function askPeers(
  book: HeadBook,
  peers: readonly Peer[],
  signers: Signers,
): Promise<{ readonly taken: number; readonly silent: readonly string[] }> {
  let taken = 0;
  const silent: string[] = [];
  for (const peer of peers) {
    try {
      taken += takeHeads(book, await peer.heads(signers.coordinator), signers);
    } catch {
      silent.push(peer.url.origin);
    }
  }
  return { taken, silent };
}
