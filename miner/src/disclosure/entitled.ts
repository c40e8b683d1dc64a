import { checkersOf, isDrawn, type DrawRules } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import { tier, type Assignment, type Receipt } from "@lode/sdk/typed-data";
import type { CourtWatch, ScheduledDraw } from "../chain/court-watch.ts";

/** Draws of one coordinator that are looked at: those of the last days, at one anchor an hour. */
const recentDraws = 128;

/** Whether a receipt is its miner's lot in a draw: see `checkedOf`. Its miner knows all of the receipts that decide this. */
export type IsLot = (about: Hex, draw: ScheduledDraw, value: Hex, rules: DrawRules) => Promise<boolean>;

/**
 * Whether a juror may see a receipt's transcript: it sits on the jury of an open case about it, or a draw named the receipt
 * and the juror to check it. Everything that decides this is public.
 */
export async function isEntitled(
  watch: CourtWatch,
  juror: Hex,
  about: Hex,
  { assignment, receipt }: { assignment: Assignment; receipt: Receipt },
  isLot: IsLot = async () => false,
): Promise<boolean> {
  if (watch.open().some((one) => one.receipt === about && one.jury.includes(juror))) return true;
  const rules = await watch.rules();
  const draws = watch.draws.filter(({ coordinator }) => coordinator === assignment.coordinator).slice(-recentDraws);
  for (const draw of draws) {
    const value = await watch.valueOf(draw.moment);
    if (value === undefined) continue;
    const excluded = [assignment.miner, assignment.client];
    if (!checkersOf(value, about, watch.seats(draw.block), excluded).includes(juror)) continue;
    if (isDrawn(rules, value, { hash: about, amountWei: receipt.amountWei })) return true;
    if (await isLot(about, draw, value, rules)) return true;
  }
  return false;
}

/** Whether a draw may name a receipt at all: somebody was promised a check, and there is something to compute again. */
export function canBeChecked(assignment: Assignment, receipt: Receipt): boolean {
  return assignment.tier === tier.sampled && receipt.outputTokens > 0 && !receipt.hosted;
}
