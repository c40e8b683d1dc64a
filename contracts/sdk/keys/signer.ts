import { decrypt, encrypt } from "eciesjs";
import secp256k1 from "secp256k1";
import type { LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { bytesToHex, hexToBytes, type Hex } from "../hash/index.ts";
import { digest, type Domain, type Struct, type StructName } from "../typed-data/index.ts";
import { addressOf } from "./recover.ts";

/** Signs for one address. The private key never leaves the object. */
export interface Signer {
  /** Lower-case address. */
  readonly address: Hex;
  /** Signs a 32-byte digest: 65 bytes r, s, v with low s and v 27 or 28. */
  signDigest(digest: Hex): Hex;
  /** Opens what `seal` closed for this key. Throws SealError. */
  open(sealed: Uint8Array): Uint8Array;
  /** The same key for viem's clients, which sign transactions. */
  toViemAccount(): LocalAccount;
}

/** What was sealed for another key, or is no sealed message. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/** Closes a message for the holder of a key alone (ECIES: secp256k1, HKDF-SHA256, AES-256-GCM). Throws TypeError for no key. */
export function seal(publicKey: Hex, message: Uint8Array): Uint8Array {
  const key = hexToBytes(publicKey);
  if (!secp256k1.publicKeyVerify(key)) throw new TypeError("not a secp256k1 public key");
  return encrypt(key, message);
}

class LocalSigner implements Signer {
  readonly address: Hex;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    if (!secp256k1.privateKeyVerify(key)) throw new TypeError("not a secp256k1 private key");
    this.#key = key;
    this.address = addressOf(secp256k1.publicKeyCreate(key, false));
  }

  signDigest(hash: Hex): Hex {
    const message = hexToBytes(hash);
    if (message.length !== 32) throw new TypeError("a digest has 32 bytes");
    const { signature, recid } = secp256k1.ecdsaSign(message, this.#key);
    const out = new Uint8Array(65);
    out.set(signature);
    out[64] = 27 + recid;
    return bytesToHex(out);
  }

  open(sealed: Uint8Array): Uint8Array {
    try {
      return decrypt(this.#key, sealed);
    } catch (cause) {
      throw new SealError("the message was not sealed for this key", { cause });
    }
  }

  toViemAccount(): LocalAccount {
    return privateKeyToAccount(bytesToHex(this.#key));
  }

  toJSON(): { address: Hex } {
    return { address: this.address };
  }
}

/** A signer for a raw key. Only the keystore, key generation and the devnet use this. */
export function signerFromKey(key: Hex): Signer {
  return new LocalSigner(hexToBytes(key));
}

/** Signs a typed message under a domain. */
export function signTypedData<N extends StructName>(signer: Signer, domain: Domain, name: N, message: Struct<N>): Hex {
  return signer.signDigest(digest(domain, name, message));
}
