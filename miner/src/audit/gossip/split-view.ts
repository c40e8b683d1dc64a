import { leafOf, type AnchorEvidence, type Dispute, type SignedHead } from "@lode/sdk/audit";
import { bytesToHex, hexToBytes, type Hex } from "@lode/sdk/hash";
import { leafHash, nodeHash, verifyInclusion } from "@lode/sdk/merkle";
import { fromWire, hashStruct, toWire, type TreeHead } from "@lode/sdk/typed-data";
import { zeroHash } from "viem";
import { readPage } from "../check/read-page.ts";
import type { LogSource } from "../log/log-source.ts";
import type { EntryCopy } from "../copy/entry-copy.ts";
import type { Peer, ShownLeaf } from "./peer.ts";

/** A head that binds its coordinator: by its signature, or because the chain took it. */
export interface BindingHead {
  readonly head: TreeHead;
  /** Empty for a head that is anchored. */
  readonly signature: Hex;
  readonly anchored?: AnchorEvidence;
}

/** One of two logs that a coordinator signed or anchored: its head, and what shows its leaves. */
export interface View {
  readonly head: BindingHead;
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

/** The log as its coordinator serves it: every leaf with a path to the head, or not at all. */
export function viewOfLog(head: SignedHead, source: LogSource): View {
  const { root: signed } = head.head;
  const size = Number(head.head.size);
  const leafAt = async (index: number): Promise<Hex | undefined> => {
    const [entry] = readPage(await source.page(index, 1), 1);
    return entry === undefined ? undefined : hashStruct("Receipt", fromWire("Receipt", entry.receipt));
  };
  return {
    head,
    leaf: async (index) => {
      const leaf = await leafAt(index);
      if (leaf === undefined) return undefined;
      const path = await source.inclusion(index, size);
      return verifyInclusion({ leafHash: leafHash(leaf), index, size, path, root: signed })
        ? { leaf, path }
        : undefined;
    },
    root: async (count) => (count === 0 ? undefined : rootOver(count, await leafAt(count - 1), source)),
  };
}

/** Root of the first `count` entries by the last one's path: all its siblings stand on the left. */
async function rootOver(count: number, last: Hex | undefined, source: LogSource): Promise<Hex | undefined> {
  if (last === undefined) return undefined;
  const path = await source.inclusion(count - 1, count);
  return bytesToHex(path.reduce((right, left) => nodeHash(hexToBytes(left), right), hexToBytes(leafHash(last))));
}

/** A tree of which one entry is known: its receipt was kept with the path to the root. */
export function viewOfBill(head: BindingHead, index: number, shown: ShownLeaf): View {
  return {
    head,
    leaf: async (asked) => (asked === index ? shown : undefined),
    root: async () => undefined,
  };
}

/** A log as another auditor's copy holds it. */
export function viewOfPeer(head: BindingHead, peer: Peer): View {
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
  return proveAt(different - 1, first, second);
}

/** The proof that two logs have different leaves at one index; undefined when one does not show its leaf, or they do not differ. */
export async function proveAt(index: number, first: View, second: View): Promise<Dispute | undefined> {
  const [one, other] = [await first.leaf(index), await second.leaf(index)];
  if (one === undefined || other === undefined || one.leaf === other.leaf) return undefined;
  const { coordinator } = first.head.head;
  const evidence = { coordinator, index, first: shown(first.head, one), second: shown(second.head, other) };
  return { act: "split-view", evidence };
}

/** A head with a leaf in it, by the contract's names. Signed heads need no anchors. */
function shown({ head, signature, anchored }: BindingHead, { leaf, path }: ShownLeaf): Dispute["evidence"] {
  const { previous, anchors } = anchored ?? { previous: zeroHash, anchors: [] };
  return { head: toWire("TreeHead", head), signature, previous, anchors: anchors.map(onWire), leaf, path };
}

/** Numbers of 64 bits stand in files as text. */
function onWire({ epoch, size, anchoredAt, ...hashes }: AnchorEvidence["anchors"][number]): Dispute["evidence"] {
  return { ...hashes, epoch: epoch.toString(), size: size.toString(), anchoredAt: anchoredAt.toString() };
}
