import { AddressText, Decimal } from "@lode/protocol";
import Type, { type Static } from "typebox";

const Period = Type.Union([Type.Literal("day"), Type.Literal("month"), Type.Literal("total")], {
  description: "Of UTC's calendar; total never begins anew",
});
const count = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

export const Scope = Type.Union(
  [Type.Literal("client"), Type.Literal("read"), Type.Literal("miner"), Type.Literal("admin")],
  { description: "client spends, read looks, miner serves, admin manages the account's keys" },
);

/** Text that is kept: no control characters and no halves of a character, which neither terminals nor databases take. */
const KeptText = (least: number, most: number) =>
  Type.String({ minLength: least, maxLength: most, pattern: "^[^\\p{Cc}\\p{Cs}]*$" });

/** Bounds of one key. */
export const Limits = Type.Object(
  {
    requestsPerMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
    models: Type.Optional(
      Type.Array(KeptText(1, 128), {
        maxItems: 64,
        description: "The models it may ask for",
      }),
    ),
    spend: Type.Optional(Type.Object({ capWei: Decimal, period: Period }, { additionalProperties: false })),
    tokens: Type.Optional(Type.Object({ cap: Type.Integer(count), period: Period }, { additionalProperties: false })),
  },
  { additionalProperties: false, title: "KeyLimits", description: "What is left out is not bounded" },
);

export const Label = KeptText(0, 64);
/** A key may live for ten years. */
export const ExpiresInSecs = Type.Integer({ minimum: 1, maximum: 315_360_000 });
export const ByPrefix = Type.Object({ prefix: Type.String({ pattern: "^[0-9a-z]{8}$" }) });

const Time = Type.Union([Type.String({ format: "date-time" }), Type.Null()]);
const Used = Type.Object({ spentWei: Decimal, tokens: Type.Integer() });

/** A key without its secret, and what it used. */
export const KeyView = Type.Object(
  {
    prefix: Type.String({ description: "The key's public part: lode_<prefix>_…" }),
    scope: Scope,
    account: AddressText,
    label: Type.String(),
    state: Type.Union([Type.Literal("active"), Type.Literal("expired"), Type.Literal("revoked")]),
    createdAt: Time,
    expiresAt: Time,
    rotatedFrom: Type.Union([Type.String(), Type.Null()]),
    limits: Limits,
    usage: Type.Object(
      { day: Used, month: Used, total: Used, heldWei: Decimal, heldTokens: Type.Integer() },
      { description: "Together with the keys it was rotated from and into; held is what running jobs may still cost" },
    ),
  },
  { title: "ApiKey" },
);
export type KeyView = Static<typeof KeyView>;

/** A key that was just made. */
export const MadeKey = Type.Object(
  {
    key: Type.String({ description: "The secret: it is shown only here" }),
    prefix: Type.String(),
    scope: Scope,
    account: AddressText,
    expiresAt: Time,
  },
  { title: "MadeApiKey" },
);
export type MadeKey = Static<typeof MadeKey>;
