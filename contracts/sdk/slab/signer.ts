import { createHmac, randomBytes } from "node:crypto";
import { Base8, mulPointEscalar, subOrder } from "@zk-kit/baby-jubjub";
import { deriveSecretScalar, signMessage } from "./eddsa.ts";
import { hexToBytes, keccak } from "../hash/index.ts";
import type { Signer } from "../keys/index.ts";
import type { SlabDomain } from "./channel.ts";
import type { SlabPoint, SlabSignature } from "./curve.ts";

/** Signs with one Baby Jubjub key. The key never leaves the object. */
export interface SlabSigner {
  readonly key: SlabPoint;
  /** The point of which the key is eight times: shows the contract that the key is of prime order. */
  readonly eighth: SlabPoint;
  /** EdDSA-Poseidon over a field element. */
  sign(message: bigint): SlabSignature;
}

/** One eighth, modulo the subgroup's order. */
const eighthScalar = inverse(8n);

/**
 * The signer of a secret of at least 32 bytes, which is for this purpose alone: a wallet's key is better kept apart, with
 * `slabSecret`.
 * @throws {RangeError} when the secret is shorter
 */
export function slabSigner(secret: Uint8Array): SlabSigner {
  if (secret.length < 32) throw new RangeError("A slab key comes from a secret of at least 32 bytes.");
  const kept = Buffer.from(secret);
  const scalar = deriveSecretScalar(kept);
  return {
    key: pair(mulPointEscalar(Base8, scalar)),
    eighth: pair(mulPointEscalar(Base8, (scalar * eighthScalar) % subOrder)),
    sign: (message) => {
      const { R8, S } = signMessage(kept, message);
      return { r8: pair(R8), s: S };
    },
  };
}

/** A secret for slabs from another one, from which the other cannot be told. */
export function slabSecret(other: Uint8Array): Uint8Array {
  return createHmac("sha256", other).update("lode slab key 1").digest();
}

/**
 * The signer of a wallet's own slab key for one settlement contract. The secret is a signature of the wallet over words that no
 * transaction and no message for others begins with: whoever has the wallet has the key, and nothing else has to be kept.
 */
export function slabSignerOf(wallet: Pick<Signer, "signDigest">, { chainId, zkSettlement }: SlabDomain): SlabSigner {
  const words = `lode slab key 1 of chain ${chainId}, contract ${zkSettlement.toLowerCase()}`;
  // r and s alone: they are the same each time (RFC 6979).
  const signature = hexToBytes(wallet.signDigest(keccak(Buffer.from(words, "utf8")))).subarray(0, 64);
  return slabSigner(slabSecret(signature));
}

/** What hides an amount in a leaf: 248 random bits, new for every voucher. */
export function newBlinding(): bigint {
  return BigInt(`0x${randomBytes(31).toString("hex")}`);
}

function pair([x, y]: readonly [bigint, bigint]): SlabPoint {
  return [x, y];
}

/** By Fermat: the order is prime. */
function inverse(value: bigint): bigint {
  let [result, base, exponent] = [1n, value, subOrder - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % subOrder;
    base = (base * base) % subOrder;
  }
  return result;
}
