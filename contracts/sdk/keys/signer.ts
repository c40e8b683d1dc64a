import secp256k1 from "secp256k1";
import type { LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { bytesToHex, hexToBytes, keccakBytes, type Hex } from "../hash/index.ts";
import { digest, type Domain, type Struct, type StructName } from "../typed-data/index.ts";

/** Signs for one address. The private key never leaves the object. */
export interface Signer {
  /** Lower-case address. */
  readonly address: Hex;
  /** Signs a 32-byte digest: 65 bytes r, s, v with low s and v 27 or 28. */
  signDigest(digest: Hex): Hex;
  /** The same key for viem's clients, which sign transactions. */
  toViemAccount(): LocalAccount;
}

/** Thrown for a signature that is not 65 canonical bytes. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
}

/** Half of the group order: a signature with a larger s is the mirror of another one and is refused. */
const halfOrder = hexToBytes("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

function addressOf(publicKey: Uint8Array): Hex {
  return bytesToHex(keccakBytes(publicKey.subarray(1)).subarray(12));
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

/** Lower-case address that signed the digest. Refuses high-s, compact and otherwise odd signatures. */
export function recoverAddress(hash: Hex, signature: Hex): Hex {
  const bytes = hexToBytes(signature);
  if (bytes.length !== 65) throw new SignatureError(`a signature has 65 bytes, not ${bytes.length}`);
  const recid = (bytes[64] ?? 0) - 27;
  if (recid !== 0 && recid !== 1) throw new SignatureError("a signature's v is 27 or 28");
  const rs = bytes.subarray(0, 64);
  if (Buffer.compare(rs.subarray(32), halfOrder) > 0)
    throw new SignatureError("the signature's s is in the upper half");
  try {
    return addressOf(secp256k1.ecdsaRecover(rs, recid, hexToBytes(hash), false));
  } catch (cause) {
    throw new SignatureError("the signature belongs to no key", { cause });
  }
}

/** Signs a typed message under a domain. */
export function signTypedData<N extends StructName>(signer: Signer, domain: Domain, name: N, message: Struct<N>): Hex {
  return signer.signDigest(digest(domain, name, message));
}

/** Lower-case address that signed a typed message. */
export function recoverTypedData<N extends StructName>(
  domain: Domain,
  name: N,
  message: Struct<N>,
  signature: Hex,
): Hex {
  return recoverAddress(digest(domain, name, message), signature);
}
