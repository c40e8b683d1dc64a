import type { Hex } from "../hash/index.ts";
import type { SlabChannel } from "./channel.ts";
import type { SlabVoucher } from "./voucher.ts";

/** A channel in JSON: large numbers as decimal text. */
export interface SlabChannelWire {
  readonly payee: Hex;
  readonly slot: number;
  readonly generation: string;
  readonly client: Hex;
  readonly key: { readonly x: string; readonly y: string };
}

/** A voucher in JSON, without its channel. */
export interface SlabVoucherWire {
  readonly cumulativeWei: string;
  readonly nonce: number;
  readonly blinding: string;
  readonly signature: { readonly r8x: string; readonly r8y: string; readonly s: string };
}

export function slabChannelToWire({ payee, slot, generation, client, key }: SlabChannel): SlabChannelWire {
  return { payee, slot, generation: `${generation}`, client, key: { x: `${key[0]}`, y: `${key[1]}` } };
}

/** Throws SyntaxError where a number is none. */
export function slabChannelFromWire({ payee, slot, generation, client, key }: SlabChannelWire): SlabChannel {
  return {
    payee: payee.toLowerCase() as Hex,
    slot,
    generation: BigInt(generation),
    client: client.toLowerCase() as Hex,
    key: [BigInt(key.x), BigInt(key.y)],
  };
}

export function slabVoucherToWire({ cumulativeWei, nonce, blinding, signature }: SlabVoucher): SlabVoucherWire {
  const { r8, s } = signature;
  return {
    cumulativeWei: `${cumulativeWei}`,
    nonce,
    blinding: `${blinding}`,
    signature: { r8x: `${r8[0]}`, r8y: `${r8[1]}`, s: `${s}` },
  };
}

/** Throws SyntaxError where a number is none; whether they fit is checkSlabVoucher's concern. */
export function slabVoucherFromWire({ cumulativeWei, nonce, blinding, signature }: SlabVoucherWire): SlabVoucher {
  const { r8x, r8y, s } = signature;
  return {
    cumulativeWei: BigInt(cumulativeWei),
    nonce,
    blinding: BigInt(blinding),
    signature: { r8: [BigInt(r8x), BigInt(r8y)], s: BigInt(s) },
  };
}
