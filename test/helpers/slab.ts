import { poseidon5 } from "poseidon-lite/poseidon5";
import {
  slabChannelId,
  slabField,
  slabLeaf,
  slabSigner,
  type SlabChannel,
  type SlabDomain,
  type SlabOpening,
  type SlabSigner,
  type SlabVoucher,
} from "@lode/sdk/slab";
import type { Hex } from "@lode/sdk/hash";
import { evaluate, pointOf, poseidonChain, slabStatement } from "../../zk-circuits/src/settlement-slab/slab.ts";
import type { SlabPayment, SlabStatement } from "../../zk-circuits/src/settlement-slab/slab.ts";

export const slabDomain: SlabDomain = { chainId: 31337, zkSettlement: `0x${"5e".repeat(20)}` };
export const slabPayee: Hex = `0x${"c0".repeat(20)}`;

interface SlabClient {
  readonly address: Hex;
  readonly signer: SlabSigner;
}

const clients = new Map<number, SlabClient>();

/** A client with a key of its own. */
export function slabClient(index: number): SlabClient {
  // A key takes a while to make, and tests ask for the same ones again and again.
  const known = clients.get(index);
  if (known !== undefined) return known;
  const signer = slabSigner(new Uint8Array(32).fill(index + 1));
  const client: SlabClient = { address: `0x${(0xc11e00 + index).toString(16).padStart(40, "0")}`, signer };
  clients.set(index, client);
  return client;
}

export function slabChannelOf(slot: number, generation = BigInt(slot + 1)): SlabChannel {
  const { address, signer } = slabClient(slot);
  return { payee: slabPayee, slot, generation, client: address, key: signer.key };
}

/** A blinding that a test can say again. */
export const blindingOf = (slot: number, nonce: number): bigint => BigInt(slot * 1_000 + nonce) ** 15n % slabField;

export function openingOf(slot: number, nonce: number, cumulativeWei: bigint): SlabOpening {
  return { cumulativeWei, nonce, blinding: blindingOf(slot, nonce) };
}

/** A channel's payment from one opening to the next, signed whatever it says. */
export function paymentOf(
  slot: number,
  settled: SlabOpening | undefined,
  opening: SlabOpening,
  depositWei = 10n ** 21n,
): SlabPayment {
  const channel = slabChannelOf(slot);
  return { channel, depositWei, settled, voucher: voucherOn(channel, opening) };
}

/** What the client of a channel's slot signs for it, whatever it says. */
export function voucherOn(channel: SlabChannel, opening: SlabOpening): SlabVoucher {
  const leaf = slabLeaf(slabChannelId(slabDomain, channel), channel.key, opening);
  return { ...opening, signature: slabClient(channel.slot).signer.sign(leaf) };
}

/** Two settlements of a slab: every even channel pays in the first one, channels 0 and 1 in the second. */
export function twoSettlements(size: number): { first: SlabStatement; second: SlabStatement } {
  const zeros = Array.from({ length: size }, () => 0n);
  const evens = zeros.flatMap((_, slot) => (slot % 2 === 0 ? [slot] : []));
  const place = { payee: slabPayee, slab: 0 };
  const payments = evens.map((slot) => paymentOf(slot, undefined, openingOf(slot, 1, 100n + BigInt(slot))));
  const first = slabStatement(slabDomain, { ...place, leavesBefore: zeros }, payments);
  const second = slabStatement(slabDomain, { ...place, leavesBefore: first.leavesAfter }, [
    paymentOf(0, openingOf(0, 1, 100n), openingOf(0, 5, 250n)),
    paymentOf(1, undefined, openingOf(1, 1, 7n)),
  ]);
  return { first, second };
}

/** The circuit's private inputs, each a list with one number for each channel. */
export type SlabColumns = Record<string, bigint[]>;

/** A copy of a statement's inputs without the point, for a test to change. */
export function columnsOf({ input }: SlabStatement): SlabColumns {
  const columns = Object.entries(input).filter(([name]) => name !== "point");
  return Object.fromEntries(columns.map(([name, values]) => [name, [...(values as readonly bigint[])]]));
}

const modulo = (value: bigint): bigint => ((value % slabField) + slabField) % slabField;

/** The circuit's own list for any inputs at all, in its arithmetic: written a second time, to be compared with the first. */
export function circuitLists(columns: SlabColumns): { known: bigint[]; committed: bigint[] } {
  const at = (name: string, i: number): bigint => columns[name]![i]!;
  const slots = columns["changed"]!.map((_, i) => i);
  const after = slots.map((i) => {
    const opened = ["channelId", "keyX", "cumulativeWei", "nonce", "blinding"].map((name) => modulo(at(name, i)));
    return modulo(at("leafBefore", i) + at("changed", i) * (poseidon5(opened) - at("leafBefore", i)));
  });
  const pays = (i: number): bigint => at("changed", i) * (at("cumulativeWei", i) - at("cumulativeBeforeWei", i));
  const totalWei = slots.reduce((sum, i) => sum + pays(i), 0n);
  const fresh = slots.reduce((sum, i) => sum + at("fresh", i) * 2n ** BigInt(i), 0n);
  const deposits = slots
    .filter((i) => i % 2 === 0)
    .map((i) => at("depositWei", i) + at("depositWei", i + 1) * 2n ** 128n);
  const end = [...deposits, totalWei + fresh * 2n ** 128n].map(modulo);
  const committed = [...columns["leafBefore"]!, ...after, ...columns["keyY"]!].map(modulo);
  const bound = [...columns["keyX"]!, ...columns["channelId"]!].map(modulo);
  return { known: [...committed, ...bound, ...end], committed: [...committed, ...end] };
}

/** The public signals of which the contract asks for a proof, when it is shown a commitment and knows a list. */
export function contractSignals(commitment: bigint, known: readonly bigint[]): [bigint, bigint, bigint] {
  const point = pointOf(commitment, known);
  return [commitment, evaluate(known, point), point];
}

/** The commitment that a circuit makes of its list. */
export const commitmentOf = (committed: readonly bigint[]): bigint => poseidonChain(committed);
