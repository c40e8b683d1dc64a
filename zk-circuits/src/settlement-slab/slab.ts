import * as poseidon from "poseidon-lite";
import { keccak, hexToBytes, type Hex } from "@lode/sdk/hash";
import {
  nothingSettled,
  slabChannelId,
  slabField,
  slabLeaf,
  type SlabChannel,
  type SlabDomain,
  type SlabOpening,
  type SlabPoint,
  type SlabVoucher,
} from "@lode/sdk/slab";
import type { Signals } from "snarkjs";
import { ZkError } from "../errors.ts";

/** A channel that a settlement changes: its last voucher, after what was settled before. */
export interface SlabPayment {
  readonly channel: SlabChannel;
  /** What the proof counts on; at most what the contract holds for the channel. */
  readonly depositWei: bigint;
  /** Undefined when no settlement has touched the channel since it was opened. */
  readonly settled: SlabOpening | undefined;
  readonly voucher: SlabVoucher;
}

/** `IZkSettlement.Change`. */
export interface SlabChange {
  readonly slot: number;
  readonly generation: bigint;
  readonly client: Hex;
  readonly depositWei: bigint;
  readonly key: { readonly x: bigint; readonly y: bigint };
  readonly leaf: bigint;
}

/** Everything about one settlement: what the contract is called with, and what the circuit is given. */
export interface SlabStatement {
  readonly payee: Hex;
  readonly slab: number;
  readonly leavesBefore: readonly bigint[];
  readonly leavesAfter: readonly bigint[];
  readonly changes: readonly SlabChange[];
  readonly totalWei: bigint;
  readonly commitment: bigint;
  /** commitment, evaluation, point. */
  readonly publicSignals: readonly [bigint, bigint, bigint];
  readonly input: Signals;
}

interface Row {
  readonly changed: bigint;
  readonly fresh: bigint;
  readonly channelId: bigint;
  readonly key: SlabPoint;
  readonly depositWei: bigint;
  readonly before: SlabOpening;
  readonly after: SlabOpening;
  readonly r8: SlabPoint;
  readonly s: bigint;
}

/** An unchanged channel: zeros that keep every range. */
const unchanged: Row = {
  changed: 0n,
  fresh: 0n,
  channelId: 0n,
  key: [0n, 0n],
  depositWei: 0n,
  before: nothingSettled,
  after: { ...nothingSettled, nonce: 1 },
  r8: [0n, 0n],
  s: 0n,
};

/**
 * The statement of one settlement of a slab.
 * @param leavesBefore all leaves of the slab as they are
 * @param payments at most one for each slot, in any order
 * @throws {ZkError} `bad_input` when payments are not of this slab
 */
export function slabStatement(
  domain: SlabDomain,
  { payee, slab, leavesBefore }: Pick<SlabStatement, "payee" | "slab" | "leavesBefore">,
  payments: readonly SlabPayment[],
): SlabStatement {
  const size = leavesBefore.length;
  const rows: Row[] = Array.from({ length: size }, () => unchanged);
  const leavesAfter = [...leavesBefore];
  const changes: SlabChange[] = [];
  let totalWei = 0n;
  for (const payment of [...payments].sort((a, b) => a.channel.slot - b.channel.slot)) {
    const { channel, depositWei, voucher } = payment;
    const at = channel.slot - slab * size;
    if (at < 0 || at >= size || rows[at] !== unchanged || channel.payee !== payee) {
      throw new ZkError("bad_input", `slot ${channel.slot} is not one payment of slab ${slab} of ${payee}`);
    }
    const row = rowOf(domain, payment);
    rows[at] = row;
    const leaf = slabLeaf(row.channelId, row.key, voucher);
    leavesAfter[at] = leaf;
    totalWei += voucher.cumulativeWei - row.before.cumulativeWei;
    const { slot, generation, client, key } = channel;
    changes.push({ slot, generation, client, depositWei, key: { x: key[0], y: key[1] }, leaf });
  }
  const lists = listsOf(rows, leavesBefore, leavesAfter, totalWei);
  const commitment = poseidonChain(lists.committed);
  const point = pointOf(commitment, lists.known);
  const publicSignals = [commitment, evaluate(lists.known, point), point] as const;
  const input = { point, ...signalsOf(rows, leavesBefore) };
  return { payee, slab, leavesBefore, leavesAfter, changes, totalWei, commitment, publicSignals, input };
}

function rowOf(domain: SlabDomain, { channel, depositWei, settled, voucher }: SlabPayment): Row {
  return {
    changed: 1n,
    fresh: settled === undefined ? 1n : 0n,
    channelId: slabChannelId(domain, channel),
    key: channel.key,
    depositWei,
    before: settled ?? nothingSettled,
    after: voucher,
    r8: voucher.signature.r8,
    s: voucher.signature.s,
  };
}

/** The circuit's private inputs, by their names. */
function signalsOf(rows: readonly Row[], leafBefore: readonly bigint[]): Signals {
  const column = (of: (row: Row) => bigint): bigint[] => rows.map(of);
  return {
    leafBefore,
    changed: column(({ changed }) => changed),
    fresh: column(({ fresh }) => fresh),
    channelId: column(({ channelId }) => channelId),
    keyX: column(({ key }) => key[0]),
    keyY: column(({ key }) => key[1]),
    depositWei: column(({ depositWei }) => depositWei),
    cumulativeBeforeWei: column(({ before }) => before.cumulativeWei),
    nonceBefore: column(({ before }) => BigInt(before.nonce)),
    blindingBefore: column(({ before }) => before.blinding),
    cumulativeWei: column(({ after }) => after.cumulativeWei),
    nonce: column(({ after }) => BigInt(after.nonce)),
    blinding: column(({ after }) => after.blinding),
    r8x: column(({ r8 }) => r8[0]),
    r8y: column(({ r8 }) => r8[1]),
    s: column(({ s }) => s),
  };
}

/** What circuit and contract both know, in the circuit's order, and the part of it that the commitment hashes. */
function listsOf(
  rows: readonly Row[],
  before: readonly bigint[],
  after: readonly bigint[],
  totalWei: bigint,
): { known: bigint[]; committed: bigint[] } {
  const pairs = rows.flatMap(({ depositWei }, i) =>
    i % 2 === 0 ? [depositWei + ((rows[i + 1]?.depositWei ?? 0n) << 128n)] : [],
  );
  const freshBits = rows.reduce((bits, { fresh }, i) => bits | (fresh << BigInt(i)), 0n);
  const end = [...pairs, totalWei + (freshBits << 128n)];
  const committed = [...before, ...after, ...rows.map(({ key }) => key[1])];
  const bound = [...rows.map(({ key }) => key[0]), ...rows.map(({ channelId }) => channelId)];
  return { known: [...committed, ...bound, ...end], committed: [...committed, ...end] };
}

/** As the circuit's PoseidonChain: 16 elements, then 15 at a time behind what came before. */
export function poseidonChain(elements: readonly bigint[]): bigint {
  let chain = hashOf(elements.slice(0, 16));
  for (let at = 16; at < elements.length; at += 15) chain = hashOf([chain, ...elements.slice(at, at + 15)]);
  return chain;
}

function hashOf(elements: readonly bigint[]): bigint {
  const name = `poseidon${elements.length}` as keyof typeof poseidon;
  return poseidon[name]([...elements]);
}

/** keccak256 of the commitment and the list, modulo the field: known only when both are fixed. */
export function pointOf(commitment: bigint, known: readonly bigint[]): bigint {
  const words = [commitment, ...known].map((value) => value.toString(16).padStart(64, "0")).join("");
  return BigInt(keccak(hexToBytes(`0x${words}`))) % slabField;
}

/** The list as a polynomial, at a point. */
export function evaluate(known: readonly bigint[], point: bigint): bigint {
  return known.reduceRight((sum, value) => (sum * point + value) % slabField, 0n);
}

/** keccak256 of a slab's leaves: `IZkSettlement.stateOf`. */
export function slabState(leaves: readonly bigint[]): Hex {
  return keccak(hexToBytes(`0x${leaves.map((leaf) => leaf.toString(16).padStart(64, "0")).join("")}`));
}
