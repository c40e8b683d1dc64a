import { concat, hexToBytes, keccak, type Hex } from "../hash/index.ts";

/**
 * Engine class of work that a polling miner did and its host signed for: nobody's engine is known there, so no other
 * miner can continue or repeat it.
 */
export const hostedEngineClass: Hex = keccak(new TextEncoder().encode("lode hosted v1"));

/**
 * Engine class of work that a cloud did because no miner was there and the client allowed it. All of its price is its coordinator's
 * margin: the coordinator's own wallet signs as the miner and is credited nothing.
 */
export const cloudEngineClass: Hex = keccak(new TextEncoder().encode("lode cloud v1"));

/** A fee of everything, in millionths. */
export const wholeFeePpm = 1_000_000;

/** Who did a hosted job, as its receipt commits to it. */
export interface HostedWork {
  /** The polling miner's account: its host owes it what the receipt credits. */
  readonly wallet: Hex;
  /** `workCommitment` of what it delivered. */
  readonly work: Hex;
}

/** Salted commitment to the sha256 of an output: whoever knows both can show what was delivered, nobody can guess it. */
export function workCommitment(jobSalt: Hex, outputSha: Hex): Hex {
  return keccak(concat(hexToBytes(jobSalt), hexToBytes(outputSha)));
}

/** What stands in a hosted receipt as its fingerprint commitment, so that the host's signature covers the wallet. */
export function hostedCommitment({ wallet, work }: HostedWork): Hex {
  return keccak(concat(hexToBytes(hostedEngineClass), hexToBytes(wallet), hexToBytes(work)));
}
