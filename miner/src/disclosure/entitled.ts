import { checkersOf, isDrawn } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import type { Assignment, Receipt } from "@lode/sdk/typed-data";
import type { CourtWatch } from "../chain/court-watch.ts";

/** Draws of one coordinator that are looked at: those of the last days, at one anchor an hour. */
const recentDraws = 128;

/**
 * Whether a juror may see a receipt's transcript: it sits on the jury of an open case about it, or a draw named the receipt
 * and the juror to check it. Everything that decides this is public.
 */
export async function isEntitled(
  watch: CourtWatch,
  juror: Hex,
  about: Hex,
  { assignment, receipt }: { assignment: Assignment; receipt: Receipt },
): Promise<boolean> {
  if (watch.open().some((one) => one.receipt === about && one.jury.includes(juror))) return true;
  const rules = await watch.rules();
  const draws = watch.draws.filter(({ coordinator }) => coordinator === assignment.coordinator).slice(-recentDraws);
  for (const { moment, block } of draws) {
    const value = await watch.valueOf(moment);
    if (value === undefined || !isDrawn(rules, value, { hash: about, amountWei: receipt.amountWei })) continue;
    const excluded = [assignment.miner, assignment.client];
    if (checkersOf(value, about, watch.seats(block), excluded).includes(juror)) return true;
  }
  return false;
}
