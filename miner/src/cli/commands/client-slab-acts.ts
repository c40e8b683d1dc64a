import { join } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import { RecordLog } from "@lode/sdk/record-log";
import {
  nothingSettled,
  slabChannelFromWire,
  slabChannelId,
  slabKeyMessage,
  slabLeaf,
  slabSignerOf,
  slabVoucherFromWire,
  type SlabDomain,
  type SlabOpening,
  type SlabPoint,
} from "@lode/sdk/slab";
import type { Act } from "../../chain/act.ts";
import type { ChainReader } from "../../chain/chain.ts";
import type { Reading } from "../../chain/reading.ts";
import { readingsOf } from "../../chain/readings.ts";
import { readSlabChannels, readSlabLeaves, zkSettlementOf, type SlabHolding } from "../../chain/slab-channels.ts";
import type { SlabRecord } from "../../client/slab-purse.ts";
import { MinerError } from "../../errors.ts";
import { showAmount } from "../amounts.ts";
import type { Context } from "../context.ts";
import { payFor } from "../payment.ts";

/** Slots that are looked through for one that was left. */
const mostSlots = 256;

/** What every command works with. */
export interface SlabSetting {
  readonly context: Context;
  readonly chain: ChainReader;
  readonly self: Hex;
  readonly payee: Hex;
  readonly domain: SlabDomain;
}

const point = ([x, y]: SlabPoint): { x: bigint; y: bigint } => ({ x, y });

/** Opens a channel in a free slot, and registers the wallet's key before where it is not. */
export async function openChannel(
  { context, chain, self, payee, domain }: SlabSetting,
  amountWei: bigint,
): Promise<void> {
  const contract = zkSettlementOf(chain);
  const signer = slabSignerOf(await context.signer(), domain);
  const known = await chain.client.readContract({ ...contract, functionName: "keyOf", args: [self] });
  const isKnown = known.x === signer.key[0] && known.y === signer.key[1];
  const { r8, s } = signer.sign(slabKeyMessage(domain, self, signer.key));
  const register: Act = {
    what: "register the key that signs this wallet's slab vouchers",
    contract,
    functionName: "register",
    args: [point(signer.key), point(signer.eighth), { r8x: r8[0], r8y: r8[1], s }],
  };
  const slot = await freeSlot(chain, payee);
  const what = `open slot ${slot} of ${payee} with ${showAmount(amountWei)}`;
  const act: Act = { what, contract, functionName: "open", args: [payee, slot, amountWei] };
  const paid = await payFor({ self, context, chain }, act, amountWei, undefined);
  const acts = [...(isKnown ? [] : [register]), ...paid];
  const readings = [readingsOf(chain.contracts).wallet(self), slotReading(chain, payee, slot)];
  const report = await context.act(chain, { acts, readings });
  context.report(report, { client: self, payee, slot }, `Done: ${what}.`);
}

/** Adds to a channel's deposit. */
export async function addDeposit(setting: SlabSetting, slot: bigint, amountWei: bigint): Promise<void> {
  const { context, chain, self, payee } = setting;
  const { channel } = await holdingOf(setting, slot);
  const what = `add ${showAmount(amountWei)} to slot ${channel.slot} of ${payee}`;
  const args = [payee, channel.slot, amountWei];
  const act: Act = { what, contract: zkSettlementOf(chain), functionName: "topUp", args };
  const acts = await payFor({ self, context, chain }, act, amountWei, undefined);
  const readings = [readingsOf(chain.contracts).wallet(self), slotReading(chain, payee, channel.slot)];
  const report = await context.act(chain, { acts, readings });
  context.report(report, { client: self, payee, slot: channel.slot }, `Done: ${what}.`);
}

/** Announces a channel's end. */
export async function announce(setting: SlabSetting, slot: bigint): Promise<void> {
  const { context, chain, self, payee } = setting;
  const { channel } = await holdingOf(setting, slot);
  const what = `announce the end of slot ${channel.slot} of ${payee}`;
  const args = [{ ...channel, key: point(channel.key) }];
  const acts: Act[] = [{ what, contract: zkSettlementOf(chain), functionName: "announceExit", args }];
  const report = await context.act(chain, { acts, readings: [slotReading(chain, payee, channel.slot)] });
  context.report(report, { client: self, payee, slot: channel.slot }, `Done: ${what}.`);
}

/** Ends a channel whose end was announced long enough ago. */
export async function endChannel(setting: SlabSetting, slot: bigint): Promise<void> {
  const { context, chain, self, payee } = setting;
  const holding = await holdingOf(setting, slot);
  const { channel } = holding;
  const { leaves, opening } = await openingOf(setting, holding);
  const what = `end slot ${channel.slot} of ${payee}, of which ${showAmount(opening.cumulativeWei)} are settled`;
  const args = [{ ...channel, key: point(channel.key) }, leaves, opening];
  const acts: Act[] = [{ what, contract: zkSettlementOf(chain), functionName: "exit", args }];
  const readings = [readingsOf(chain.contracts).wallet(self), slotReading(chain, payee, channel.slot)];
  const report = await context.act(chain, { acts, readings });
  context.report(report, { client: self, payee, slot: channel.slot }, `Done: ${what}.`);
}

/** The slab's leaves, and what the channel's own hides: one of the vouchers that this home's gateway signed. */
async function openingOf(
  { context, chain, payee, domain }: SlabSetting,
  { channel, isSettled }: SlabHolding,
): Promise<{ leaves: bigint[]; opening: SlabOpening }> {
  if (!isSettled) return { leaves: [], opening: nothingSettled };
  const size = Number(await chain.client.readContract({ ...zkSettlementOf(chain), functionName: "SLAB_SIZE" }));
  const leaves = await readSlabLeaves(chain, payee, Math.floor(channel.slot / size), size);
  const leaf = leaves[channel.slot % size];
  const id = slabChannelId(domain, channel);
  let opening: SlabOpening | undefined;
  await RecordLog.read(join(context.home, "gateway", "records"), (record) => {
    const one = record as SlabRecord | { readonly kind: "other" };
    if (one.kind !== "slab" || slabChannelFromWire(one.channel).generation !== channel.generation) return;
    const { cumulativeWei, nonce, blinding } = slabVoucherFromWire(one.voucher);
    const found: SlabOpening = { cumulativeWei, nonce, blinding };
    if (slabLeaf(id, channel.key, found) === leaf) opening = found;
  });
  if (opening !== undefined) return { leaves, opening };
  const message = `The gateway of ${context.home} signed no voucher that slot ${channel.slot} was settled with; name its --home.`;
  throw new MinerError("no_opening", message);
}

async function holdingOf({ chain, self, payee }: SlabSetting, slot: bigint): Promise<SlabHolding> {
  const held = await readSlabChannels(chain, { payee, client: self });
  const found = held.find(({ channel }) => BigInt(channel.slot) === slot);
  if (found !== undefined) return found;
  throw new MinerError("no_channel", `${self} has no channel in slot ${slot} of ${payee}; see lode client slab list.`);
}

/** A slot that was left, else the payee's next: fuller slabs settle together. */
async function freeSlot(chain: ChainReader, payee: Hex): Promise<number> {
  const contract = zkSettlementOf(chain);
  const [, , next] = await chain.client.readContract({ ...contract, functionName: "payeeOf", args: [payee] });
  const slots = Array.from({ length: Math.min(next, mostSlots) }, (_, slot) => slot);
  const deposits = await Promise.all(
    slots.map((slot) => chain.client.readContract({ ...contract, functionName: "slotOf", args: [payee, slot] })),
  );
  const left = deposits.findIndex(([depositWei]) => depositWei === 0n);
  return left < 0 ? next : left;
}

function slotReading(chain: ChainReader, payee: Hex, slot: number): Reading {
  const figures = [
    { label: `slot ${slot}, deposit`, unit: "lode" },
    { label: `slot ${slot}, settled before`, unit: "flag" },
    { label: `slot ${slot}, may be ended from`, unit: "time" },
  ] as const;
  return { contract: zkSettlementOf(chain), functionName: "slotOf", args: [payee, slot], figures };
}
