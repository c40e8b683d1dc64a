import { poseidon5 } from "poseidon-lite/poseidon5";
import { LodeError } from "../errors/lode-error.ts";
import { slabChannelId, type SlabChannel, type SlabDomain } from "./channel.ts";
import { isSlabSignature, slabField, type SlabPoint, type SlabSignature } from "./curve.ts";
import type { SlabSigner } from "./signer.ts";

/** What a leaf hides beside its channel: `IZkSettlement.Opening`. */
export interface SlabOpening {
  /** Everything promised on this channel since it was opened, below 2^80. */
  readonly cumulativeWei: bigint;
  /** Rises with every voucher, from 1; 32 bits. */
  readonly nonce: number;
  /** A field element that only client and payee know. */
  readonly blinding: bigint;
}

/** A client's signed promise on a channel. */
export interface SlabVoucher extends SlabOpening {
  readonly signature: SlabSignature;
}

/** Why a voucher is no good. */
export class SlabVoucherError extends LodeError {
  override readonly name = "SlabVoucherError";
}

/** Before a channel's first voucher. */
export const nothingSettled: SlabOpening = { cumulativeWei: 0n, nonce: 0, blinding: 0n };

export const MAXIMUM_SLAB_WEI: bigint = 2n ** 80n - 1n;
const MAXIMUM_NONCE = 2 ** 32 - 1;

/** The leaf of a channel: what its client signs, and what a settlement publishes of it. */
export function slabLeaf(channelId: bigint, key: SlabPoint, opening: SlabOpening): bigint {
  return poseidon5([channelId, key[0], opening.cumulativeWei, BigInt(opening.nonce), opening.blinding]);
}

/**
 * A signed voucher.
 * @throws {SlabVoucherError} `slab_out_of_range` when a number does not fit
 */
export function signSlabVoucher(
  signer: SlabSigner,
  domain: SlabDomain,
  channel: SlabChannel,
  opening: SlabOpening,
): SlabVoucher {
  checkRange(opening);
  const signature = signer.sign(slabLeaf(slabChannelId(domain, channel), signer.key, opening));
  return { ...opening, signature };
}

/**
 * Checks a voucher against what its channel has promised before and holds.
 * @throws {SlabVoucherError} `slab_out_of_range`, `slab_stale`, `slab_above_deposit` or `slab_bad_signature`
 */
export function checkSlabVoucher(
  domain: SlabDomain,
  channel: SlabChannel,
  voucher: SlabVoucher,
  before: SlabOpening,
  depositWei: bigint,
): void {
  checkRange(voucher);
  const { cumulativeWei, nonce } = voucher;
  if (nonce <= before.nonce || cumulativeWei < before.cumulativeWei) {
    throw new SlabVoucherError(
      "slab_stale",
      `The voucher (${cumulativeWei} wei, nonce ${nonce}) does not go beyond the last one (${before.cumulativeWei} wei, ` +
        `nonce ${before.nonce}); sign a newer one.`,
    );
  }
  if (cumulativeWei > depositWei) {
    throw new SlabVoucherError(
      "slab_above_deposit",
      `The voucher promises ${cumulativeWei} wei, the channel holds ${depositWei}; top it up first.`,
    );
  }
  const leaf = slabLeaf(slabChannelId(domain, channel), channel.key, voucher);
  if (!isSlabSignature(channel.key, leaf, voucher.signature)) {
    throw new SlabVoucherError("slab_bad_signature", `The voucher is not signed by the key of ${channel.client}.`);
  }
}

function checkRange({ cumulativeWei, nonce, blinding }: SlabOpening): void {
  const isGood =
    cumulativeWei >= 0n &&
    cumulativeWei <= MAXIMUM_SLAB_WEI &&
    Number.isInteger(nonce) &&
    nonce >= 1 &&
    nonce <= MAXIMUM_NONCE &&
    blinding >= 0n &&
    blinding < slabField;
  if (!isGood) throw new SlabVoucherError("slab_out_of_range", "A number of the voucher does not fit its field.");
}
