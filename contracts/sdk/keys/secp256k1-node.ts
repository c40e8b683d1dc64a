import secp256k1 from "secp256k1";

/**
 * The public key, 65 bytes, behind a signature of a 32-byte digest. Throws when there is none.
 * @param rs r and s, 64 bytes
 * @param recovery 0 or 1
 */
export function recoverPublicKey(digest: Uint8Array, rs: Uint8Array, recovery: 0 | 1): Uint8Array {
  return secp256k1.ecdsaRecover(rs, recovery, digest, false);
}
