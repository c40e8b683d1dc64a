import { mostServiceSteps, schemas, type ServiceTerms, type StructName, type WireStruct } from "@lode/sdk/typed-data";
import type { SignedLeaf } from "@lode/sdk/batch";
import Type, { type TUnsafe } from "typebox";
import { limits } from "./limits.ts";

/** 32 bytes as hex. */
export const Bytes32 = Type.Unsafe<`0x${string}`>(Type.String({ pattern: "^0x[0-9a-fA-F]{64}$" }));
/** An account as hex. */
export const AddressText = Type.Unsafe<`0x${string}`>(Type.String({ pattern: "^0x[0-9a-fA-F]{40}$" }));
/** An amount or 64-bit count as a decimal string. */
export const Decimal = Type.String({ pattern: "^(0|[1-9][0-9]{0,38})$" });
/** 65 bytes r, s, v. */
export const SignatureText = Type.Unsafe<`0x${string}`>(Type.String({ pattern: "^0x[0-9a-fA-F]{130}$" }));

function fieldSchema(type: string): ReturnType<typeof Type.Unsafe> {
  switch (type) {
    case "address":
      return AddressText;
    case "bytes32":
      return Bytes32;
    case "bool":
      return Type.Unsafe(Type.Boolean());
    case "uint8":
      return Type.Unsafe(Type.Integer({ minimum: 0, maximum: 255 }));
    case "uint32":
      return Type.Unsafe(Type.Integer({ minimum: 0, maximum: 4294967295 }));
    default:
      return Type.Unsafe(Decimal);
  }
}

/** Schema of a signed struct's JSON form, from the same table as its type hash. */
export function structSchema<N extends StructName>(name: N): TUnsafe<WireStruct<N>> {
  const fields = Object.fromEntries(schemas[name].map(([type, field]) => [field, fieldSchema(type)]));
  return Type.Unsafe<WireStruct<N>>(Type.Object(fields, { additionalProperties: false, title: name }));
}

/** A leaf with its path to a signed batch root. */
export const SignedLeafSchema = Type.Unsafe<SignedLeaf>(
  Type.Object(
    {
      root: Bytes32,
      count: Type.Integer({ minimum: 1, maximum: 2 ** limits.pathSteps }),
      index: Type.Integer({ minimum: 0, maximum: 2 ** limits.pathSteps - 1 }),
      path: Type.Array(Bytes32, { maxItems: limits.pathSteps }),
      signature: SignatureText,
    },
    { additionalProperties: false, title: "SignedLeaf" },
  ),
);

/** What a quote promises of the first token; the quote's salt commits to it. */
export const ServiceTermsSchema = Type.Unsafe<ServiceTerms>(
  Type.Object(
    {
      steps: Type.Array(
        Type.Object(
          {
            afterMs: Type.Integer({ minimum: 0, maximum: 4294967295 }),
            payPpm: Type.Integer({ minimum: 0, maximum: 999_999 }),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: mostServiceSteps },
      ),
      nonce: Bytes32,
    },
    { additionalProperties: false, title: "ServiceTerms" },
  ),
);

/** A voucher with the signature that collects it. */
export const SignedVoucherSchema = Type.Object(
  { voucher: structSchema("Voucher"), signature: SignatureText },
  { additionalProperties: false, title: "SignedVoucher" },
);
