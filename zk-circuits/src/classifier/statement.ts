import { keccak, type Hex } from "@lode/sdk/hash";
import { poseidon6 } from "poseidon-lite";
import type { Signals } from "snarkjs";
import { featureCount } from "./features.ts";

/** The field of the circuits. */
export const fieldOrder = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const wordBits = 208;
const words = 5;

/**
 * What a client shows of its input: Poseidon of the salt and the features, as the circuit computes it.
 * @param salt below the field's order, drawn at random; whoever knows it and guesses the text can tell that it guessed right
 */
export function commitmentOf(features: Uint8Array, salt: bigint): bigint {
  if (features.length !== featureCount || features.some((feature) => feature > 1)) {
    throw new RangeError(`an input is ${featureCount} features of 0 or 1`);
  }
  if (salt < 0n || salt >= fieldOrder) throw new RangeError("the salt is outside of the circuit's field");
  const packed = Array.from({ length: words }, (_, word) => {
    const bits = features.subarray(word * wordBits, (word + 1) * wordBits);
    return bits.reduce((sum, bit, place) => sum | (BigInt(bit) << BigInt(place)), 0n);
  });
  return poseidon6([salt, ...packed]);
}

/** What a proof is for, as the contract's `bindingOf` computes it: one job of one contract on one chain, and one miner. */
export function bindingOf(job: {
  readonly chainId: number;
  readonly zkJobs: Hex;
  readonly jobId: bigint;
  readonly miner: Hex;
}): bigint {
  const words = [BigInt(job.chainId), BigInt(job.zkJobs), job.jobId, BigInt(job.miner)];
  const bytes = Buffer.from(words.map((word) => word.toString(16).padStart(64, "0")).join(""), "hex");
  return BigInt(keccak(bytes)) >> 3n;
}

/** What the prover is given for a statement. */
export function classifierInput(
  features: Uint8Array,
  salt: bigint,
  { answer, binding }: { readonly answer: number; readonly binding: bigint },
): Signals {
  return {
    commitment: commitmentOf(features, salt),
    answer: BigInt(answer),
    binding,
    features: Array.from(features, BigInt),
    salt,
  };
}
