export { slabChannelId, slabKeyMessage, type SlabChannel, type SlabDomain } from "./channel.ts";
export { isSlabKey, isSlabSignature, slabField, type SlabPoint, type SlabSignature } from "./curve.ts";
export { newBlinding, slabSecret, slabSigner, slabSignerOf, type SlabSigner } from "./signer.ts";
export {
  checkSlabVoucher,
  MAXIMUM_SLAB_WEI,
  nothingSettled,
  signSlabVoucher,
  slabLeaf,
  SlabVoucherError,
  type SlabOpening,
  type SlabVoucher,
} from "./voucher.ts";
export { slabChannelFromWire, slabChannelToWire, slabVoucherFromWire, slabVoucherToWire } from "./wire.ts";
export type { SlabChannelWire, SlabVoucherWire } from "./wire.ts";
