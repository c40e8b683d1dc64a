import Type, { type Static } from "typebox";
import { AddressText, Decimal } from "./structs.ts";

/** A field element or a counter in decimal digits. */
const Digits = Type.String({ pattern: "^(0|[1-9][0-9]{0,77})$" });
const Slot = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });

/** What a client promises on a channel of ZkSettlement; the numbers are decimal text. */
export const SlabVoucherSchema = Type.Object(
  {
    cumulativeWei: Digits,
    nonce: Type.Integer({ minimum: 1, maximum: 0xffff_ffff, description: "Rises with every voucher of a channel" }),
    blinding: Digits,
    signature: Type.Object({ r8x: Digits, r8y: Digits, s: Digits }, { additionalProperties: false }),
  },
  { title: "SlabVoucher", additionalProperties: false },
);

/** A channel as it was opened. */
export const SlabChannelSchema = Type.Object(
  {
    payee: AddressText,
    slot: Slot,
    generation: Digits,
    client: AddressText,
    key: Type.Object({ x: Digits, y: Digits }),
  },
  { title: "SlabChannel" },
);

/** A voucher with the channel that it is of. */
export const SlabVoucherOf = Type.Object(
  { slot: Slot, generation: Digits, voucher: SlabVoucherSchema },
  { title: "SlabVoucherOf", additionalProperties: false },
);
export type SlabVoucherOf = Static<typeof SlabVoucherOf>;

/** Everything that a client needs to pay with slab vouchers. */
export const SlabWallet = Type.Object(
  {
    chainId: Type.Integer(),
    zkSettlement: AddressText,
    /** Whom channels are to be opened with. */
    payee: AddressText,
    slabSize: Type.Integer({ minimum: 2 }),
    /** The client's open channels with this payee. */
    channels: Type.Array(
      Type.Object({
        channel: SlabChannelSchema,
        depositWei: Decimal,
        isSettled: Type.Boolean(),
        exitsAt: Type.Integer({
          minimum: 0,
          description: "Unix time from which it may be ended; 0: no exit announced",
        }),
      }),
    ),
    /** The last voucher of each channel that the client ever signed for. */
    vouchers: Type.Array(Type.Object({ channel: SlabChannelSchema, voucher: SlabVoucherSchema })),
    /** Debits that no voucher covers; below zero when the client promised ahead. */
    unsignedWei: Type.String({ pattern: "^-?[0-9]{1,78}$" }),
  },
  { title: "SlabWallet" },
);
export type SlabWallet = Static<typeof SlabWallet>;
