import type { Hex } from "../hash/index.ts";
import { isDrawn, rollOf, type DrawRules } from "./roll.ts";

/** A receipt as a draw sees it. */
export interface DrawnFrom {
  readonly hash: Hex;
  readonly miner: Hex;
  readonly amountWei: bigint;
}

/** Why a receipt is checked: its rate named it, or its miner had no other. */
export type Naming = "rate" | "lot";

/**
 * Which receipts of a draw are checked: those that their rate names, and of each miner of which it names none the one with the
 * lowest roll, so that no miner with receipts under an anchor goes unchecked. The court takes the former for its evidence; a lot that
 * is found wrong is rolled for again in every later draw of its log.
 * @param value of the draw's moment
 * @param receipts all that can be checked between the anchor of the draw before and this one's, in any order
 */
export function checkedOf(rules: DrawRules, value: Hex, receipts: Iterable<DrawnFrom>): Map<Hex, Naming> {
  const checked = new Map<Hex, Naming>();
  const served = new Set<Hex>();
  const lots = new Map<Hex, Hex>();
  for (const receipt of receipts) {
    const { hash, miner } = receipt;
    if (isDrawn(rules, value, receipt)) {
      checked.set(hash, "rate");
      served.add(miner);
    }
    const lowest = lots.get(miner);
    if (lowest === undefined || isBelow(value, hash, lowest)) lots.set(miner, hash);
  }
  for (const [miner, hash] of lots) if (!served.has(miner)) checked.set(hash, "lot");
  return checked;
}

/** Of equal rolls the lower hash is first. */
function isBelow(value: Hex, one: Hex, other: Hex): boolean {
  const [first, second] = [rollOf(value, one), rollOf(value, other)];
  return first < second || (first === second && one < other);
}
