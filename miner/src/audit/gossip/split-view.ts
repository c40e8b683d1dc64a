import { leafOf, type Dispute, type SignedHead } from "@lode/sdk/audit";
import { zeroHash } from "viem";
import { toWire } from "@lode/sdk/typed-data";
import type { EntryCopy } from "../copy/entry-copy.ts";
import type { Peer, ShownLeaf } from "./peer.ts";

/** One of two logs that a coordinator signed: its head, and what shows its leaves. */
export interface View {
  readonly head: SignedHead;
  readonly leaf: (index: number) => Promise<ShownLeaf | undefined>;
  /** Root of its first `size` entries. */
  readonly root: (size: number) => Promise<string | undefined>;
}

/** A log as this auditor's copy holds it. */
export function viewOfCopy(head: SignedHead, copy: EntryCopy): View {
  const size = Number(head.head.size);
  return {
    head,
    leaf: async (index) => ({ leaf: leafOf(copy.entry(index), 0), path: copy.tree.path(index, size) }),
    root: async (count) => copy.tree.root(count),
  };
}

/** A log as another auditor's copy holds it. */
export function viewOfPeer(head: SignedHead, peer: Peer): View {
  const size = Number(head.head.size);
  return {
    head,
    leaf: (index) => peer.leaf(index, size, head.head.root),
    root: (count) => peer.root(count),
  };
}

/**
 * The proof that two signed heads contradict each other, as the contract wants it: the first entry in which their logs differ,
 * by halving, and both leaves with their paths. Undefined when one of the two views does not show what it takes, or when
 * one of them is merely shorter.
 */
export async function proveSplit(first: View, second: View): Promise<Dispute | undefined> {
  const common = Math.min(Number(first.head.head.size), Number(second.head.head.size));
  const differs = async (size: number): Promise<boolean | undefined> => {
    const [one, other] = [await first.root(size), await second.root(size)];
    return one === undefined || other === undefined ? undefined : one !== other;
  };
  if ((await differs(common)) !== true) return undefined;
  let [same, different] = [0, common];
  while (different - same > 1) {
    const middle = Math.floor((same + different) / 2);
    const isDifferent = await differs(middle);
    if (isDifferent === undefined) return undefined;
    if (isDifferent) different = middle;
    else same = middle;
  }
  const index = different - 1;
  const [one, other] = [await first.leaf(index), await second.leaf(index)];
  if (one === undefined || other === undefined || one.leaf === other.leaf) return undefined;
  const { coordinator } = first.head.head;
  const evidence = { coordinator, index, first: shown(first.head, one), second: shown(second.head, other) };
  return { act: "split-view", evidence };
}

/** A head with a leaf in it, by the contract's names. Signed heads need no anchors. */
function shown({ head, signature }: SignedHead, { leaf, path }: ShownLeaf): Readonly<Record<string, unknown>> {
  return { head: toWire("TreeHead", head), signature, previous: zeroHash, anchors: [], leaf, path };
}
