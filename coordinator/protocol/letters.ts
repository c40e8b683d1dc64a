import Type, { type Static } from "typebox";
import { limits } from "./limits.ts";
import { AddressText, Bytes32, SignatureText } from "./structs.ts";

/** A note between two stakers about one receipt: a question for its transcript, or the sealed transcript. */
export const LetterBody = Type.Object(
  {
    from: AddressText,
    to: AddressText,
    about: Bytes32,
    /** Empty for a question. */
    body: Type.String({ maxLength: limits.letterChars, pattern: "^[A-Za-z0-9+/]*={0,2}$" }),
    timestampMs: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    signature: SignatureText,
  },
  { additionalProperties: false, title: "Letter" },
);
export type LetterBody = Static<typeof LetterBody>;

/** Letters to one address, in the order of their arrival. */
export const LetterPage = Type.Object(
  {
    letters: Type.Array(LetterBody, { maxItems: limits.lettersPage }),
    /** What to ask for next with `after`. */
    next: Type.Integer({ minimum: 0 }),
  },
  { title: "LetterPage" },
);
export type LetterPage = Static<typeof LetterPage>;
