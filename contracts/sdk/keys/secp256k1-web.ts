import { secp256k1 } from "@noble/curves/secp256k1";

/**
 * The public key, 65 bytes, behind a signature of a 32-byte digest. Throws when there is none. In script: browsers load
 * no native code.
 * @param rs r and s, 64 bytes
 * @param recovery 0 or 1
 */
export function recoverPublicKey(digest: Uint8Array, rs: Uint8Array, recovery: 0 | 1): Uint8Array {
  return secp256k1.Signature.fromCompact(rs).addRecoveryBit(recovery).recoverPublicKey(digest).toRawBytes(false);
}
