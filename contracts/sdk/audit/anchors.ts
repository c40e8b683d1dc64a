import { concat, hexToBytes, keccak, type Hex } from "../hash/index.ts";
import type { Anchor } from "./types.ts";

/** One anchor as the contracts take it for evidence. Times are seconds. */
export interface ShownAnchor {
  readonly root: Hex;
  readonly liabilitiesRoot: Hex;
  readonly nextNonceHash: Hex;
  readonly epoch: bigint;
  readonly size: bigint;
  readonly anchoredAt: bigint;
}

/** What shows that an anchor was made: the commitment before it, and all anchors from it to the newest. */
export interface AnchorEvidence {
  readonly previous: Hex;
  readonly anchors: readonly ShownAnchor[];
}

/** The ledger's commitment before the first anchor. */
const nothing: Hex = `0x${"00".repeat(32)}`;

function word(value: bigint): Uint8Array {
  return hexToBytes(`0x${value.toString(16).padStart(64, "0")}`);
}

/** The ledger's commitment after an anchor, given the one before it. */
export function extendAnchors(previous: Hex, anchor: ShownAnchor): Hex {
  const { root, liabilitiesRoot, nextNonceHash, epoch, size, anchoredAt } = anchor;
  const hashes = [previous, root, liabilitiesRoot, nextNonceHash].map(hexToBytes);
  return keccak(concat(...hashes, word(epoch), word(size), word(anchoredAt)));
}

/** The ledger's commitment to all of these anchors. */
export function commitmentTo(anchors: readonly ShownAnchor[]): Hex {
  return anchors.reduce(extendAnchors, nothing);
}

/** What shows an epoch's anchor to a contract, out of all anchors in order; undefined when it is none of them. */
export function anchorEvidence(anchors: readonly ShownAnchor[], epoch: bigint): AnchorEvidence | undefined {
  const first = anchors.findIndex((anchor) => anchor.epoch === epoch);
  if (first < 0) return undefined;
  return { previous: commitmentTo(anchors.slice(0, first)), anchors: anchors.slice(first) };
}

/** An anchor as an audit knows it, for the contracts. */
export function shownAnchor({ root, liabilitiesRoot, nextNonceHash, epoch, size, atMs }: Anchor): ShownAnchor {
  return { root, liabilitiesRoot, nextNonceHash, epoch, size, anchoredAt: BigInt(Math.floor(atMs / 1000)) };
}
