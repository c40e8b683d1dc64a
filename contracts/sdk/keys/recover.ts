import { recoverPublicKey as recoverKey } from "#keys/secp256k1";
import { bytesToHex, hexToBytes, keccakBytes, type Hex } from "../hash/index.ts";
import { digest, type Domain, type Struct, type StructName } from "../typed-data/index.ts";

/** Thrown for a signature that is not 65 canonical bytes. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
}

/** Half of the group order: a signature with a larger s is the mirror of another one and is refused. */
const halfOrder = hexToBytes("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/** Lower-case address of an uncompressed public key of 65 bytes. */
export function addressOf(publicKey: Uint8Array): Hex {
  return bytesToHex(keccakBytes(publicKey.subarray(1)).subarray(12));
}

/** Whether one number of 32 bytes is larger than another. */
function isAbove(one: Uint8Array, other: Uint8Array): boolean {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at >= 0 && (one[at] ?? 0) > (other[at] ?? 0);
}

/** Lower-case address that signed the digest. Refuses high-s, compact and otherwise odd signatures. */
export function recoverAddress(hash: Hex, signature: Hex): Hex {
  return recoverPublicKey(hash, signature).address;
}

/** The public key (65 bytes) that signed the digest, and its lower-case address. Refuses what `recoverAddress` refuses. */
export function recoverPublicKey(hash: Hex, signature: Hex): { publicKey: Hex; address: Hex } {
  const bytes = hexToBytes(signature);
  if (bytes.length !== 65) throw new SignatureError(`a signature has 65 bytes, not ${bytes.length}`);
  const recid = (bytes[64] ?? 0) - 27;
  if (recid !== 0 && recid !== 1) throw new SignatureError("a signature's v is 27 or 28");
  const rs = bytes.subarray(0, 64);
  if (isAbove(rs.subarray(32), halfOrder)) throw new SignatureError("the signature's s is in the upper half");
  try {
    const key = recoverKey(hexToBytes(hash), rs, recid);
    return { publicKey: bytesToHex(key), address: addressOf(key) };
  } catch (cause) {
    throw new SignatureError("the signature belongs to no key", { cause });
  }
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
