import { concat, hexToBytes, keccakBytes, type Hex } from "../hash/index.ts";

/** What a deployment fixes about draws: see Draws.sol. */
export interface DrawRules {
  /** Least rate, in parts per million. */
  readonly floorPpm: number;
  /** Half of a miner's smallest stake: what any of its faults costs at least. */
  readonly leastPenaltyWei: bigint;
}

export const PPM = 1_000_000;
/** What a wrong receipt loses on average, as a multiple of its price. */
const lossFactor = 2n;

/** A whole number as one ABI word. */
export function word(value: bigint): Uint8Array {
  return hexToBytes(`0x${value.toString(16).padStart(64, "0")}`);
}

/** keccak256 of ABI words, as a number. */
export function hashNumber(...words: readonly Uint8Array[]): bigint {
  return BigInt(`0x${Buffer.from(keccakBytes(concat(...words))).toString("hex")}`);
}

/** In how many of a million draws a receipt over `amountWei` is drawn. */
export function drawRatePpm({ floorPpm, leastPenaltyWei }: DrawRules, amountWei: bigint): number {
  const owedPpm = (amountWei * lossFactor * BigInt(PPM)) / leastPenaltyWei;
  return Math.max(floorPpm, owedPpm < BigInt(PPM) ? Number(owedPpm) : PPM);
}

/** Where the value of a draw puts a receipt, from 0 to 999,999: below its rate it is drawn. */
export function rollOf(value: Hex, receipt: Hex): number {
  return Number(hashNumber(hexToBytes(value), hexToBytes(receipt)) % BigInt(PPM));
}

/** Whether the value of an anchor's draw names a receipt. */
export function isDrawn(rules: DrawRules, value: Hex, { hash, amountWei }: { hash: Hex; amountWei: bigint }): boolean {
  return rollOf(value, hash) < drawRatePpm(rules, amountWei);
}
