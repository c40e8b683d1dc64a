import type { Calibration } from "../sequential/calibration.ts";
import type { Mark } from "../sequential/marks.ts";
import { createScore } from "../sequential/score.ts";
import { areaUnder, curveOf, windowsOf, type Scores } from "./roc.ts";

/** How well windows of so many tokens are told apart by one alternative's likelihood ratio. */
export interface Separation {
  readonly window: number;
  readonly windows: { readonly honest: number; readonly other: number };
  readonly auc: number;
  readonly curve: readonly (readonly [falseShare: number, trueShare: number])[];
}

/**
 * Scores windows by a calibration that has not seen them. `honest` holds the marks of one engine after the other, so that no
 * window mixes two. Undefined where there is not one window on either side.
 */
export function separate(
  calibration: Calibration,
  alternative: number,
  marks: { readonly honest: readonly (readonly Mark[])[]; readonly other: readonly Mark[] },
  window: number,
): Separation | undefined {
  const score = createScore(calibration, alternative);
  const scoresOf = (own: readonly Mark[]): number[] => windowsOf(own, window).map(score);
  const scores: Scores = { honest: marks.honest.flatMap(scoresOf), other: scoresOf(marks.other) };
  if (scores.honest.length === 0 || scores.other.length === 0) return undefined;
  return {
    window,
    windows: { honest: scores.honest.length, other: scores.other.length },
    auc: areaUnder(scores),
    curve: curveOf(scores),
  };
}

/** Marks of a claim without proof bytes. */
export const withoutFingerprints = (marks: readonly Mark[]): Mark[] =>
  marks.filter(({ kind }) => kind !== "fingerprint");
