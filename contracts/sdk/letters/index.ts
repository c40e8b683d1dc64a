import { keccak, type Hex } from "../hash/index.ts";
import { recoverPublicKey } from "../keys/recover.ts";
import { signTypedData, type Signer } from "../keys/signer.ts";
import { digest, type Domain } from "../typed-data/index.ts";

/**
 * A sealed or open note between two stakers about one receipt. Whoever carries it - a coordinator, the chain - can read who
 * writes to whom about what, and can neither read a sealed body nor change anything.
 */
export interface SignedLetter {
  readonly from: Hex;
  readonly to: Hex;
  /** Struct hash of the receipt. */
  readonly about: Hex;
  /** Base64. Empty: a question for the receipt's transcript. Else the transcript, sealed for the one who asked. */
  readonly body: string;
  readonly timestampMs: number;
  readonly signature: Hex;
}

const low = (hex: Hex): Hex => hex.toLowerCase() as Hex;

function digestOf(domain: Domain, { from, to, about, body, timestampMs }: Omit<SignedLetter, "signature">): Hex {
  const bytes = Buffer.from(body, "base64");
  return digest(domain, "Letter", { from, to, about, body: keccak(bytes), timestampMs: BigInt(timestampMs) });
}

/** Signs a letter with the key that acts for its sender. */
export function writeLetter(
  signer: Signer,
  domain: Domain,
  letter: { from: Hex; to: Hex; about: Hex; body: Uint8Array; timestampMs: number },
): SignedLetter {
  const unsigned = { ...letter, body: Buffer.from(letter.body).toString("base64") };
  const { body: _body, ...fields } = unsigned;
  const struct = { ...fields, body: keccak(letter.body), timestampMs: BigInt(letter.timestampMs) };
  return { ...unsigned, signature: signTypedData(signer, domain, "Letter", struct) };
}

/** Who signed a letter: the key that answers are sealed for, and its address. Throws SignatureError. */
export function signerOfLetter(domain: Domain, letter: SignedLetter): { publicKey: Hex; address: Hex } {
  return recoverPublicKey(digestOf(domain, letter), letter.signature);
}

/** The same letter with lower-case addresses and hashes. */
export function normalLetter(letter: SignedLetter): SignedLetter {
  const { from, to, about } = letter;
  return { ...letter, from: low(from), to: low(to), about: low(about) };
}
