import type { RecheckedToken, SamplerParams } from "../../engines/index.ts";
import { fingerprintOf, type Fingerprint } from "@lode/protocol";

/**
 * What a token can tell about arithmetic: `drawn`, the margin of a token drawn by chance; `best`, of one at temperature 0;
 * `fingerprint`, the mean distance of a committed fingerprint's logprobs. All are differences of logits.
 */
export const markKinds = ["drawn", "best", "fingerprint"] as const;
export type MarkKind = (typeof markKinds)[number];

/** One token's mark: how far it is off (0: not at all), and how many tokens a unit of noise is expected to put off. */
export interface Mark {
  readonly kind: MarkKind;
  readonly distance: number;
  readonly sensitivity: number;
}

/** Bins by powers of 2 of the distance: below 2^-11, then one for each doubling, the last from 2 on. */
export const binCount = 14;

/** The bin of a distance; undefined for 0, which is no difference. */
export function binOf(distance: number): number | undefined {
  if (!(distance > 0)) return undefined;
  return Math.min(binCount - 1, Math.max(0, Math.floor(Math.log2(distance)) + 12));
}

/** The marks of one job's tokens. */
export function marksOf(
  sampler: SamplerParams,
  tokens: readonly RecheckedToken[],
  claimed: readonly number[],
  fingerprints?: readonly Fingerprint[],
): Mark[] {
  const kind = sampler.temperature === 0 || sampler.topK === 1 ? "best" : "drawn";
  return tokens.flatMap((token, index): Mark[] => {
    const distance = token.drawn === claimed[index] ? 0 : Math.max(token.margin, Number.MIN_VALUE);
    const own: Mark = { kind, distance, sensitivity: token.sensitivity };
    const fingerprint = fingerprints?.[index];
    if (fingerprint === undefined) return [own];
    return [own, { kind: "fingerprint", distance: fingerprintDistance(fingerprint, token), sensitivity: 1 }];
  });
}

/** A logprob that one of the two lists lacks is as far off as this, at least. */
const missing = 0.25;

/** Mean difference of the logprobs of the reference's best eight. */
export function fingerprintDistance(claimed: Fingerprint, token: Pick<RecheckedToken, "top" | "logSum">): number {
  const own = fingerprintOf(token);
  if (claimed.length === 0 || own.length === 0) return claimed.length === own.length ? 0 : missing;
  const known = new Map(claimed);
  const least = Math.min(...known.values());
  const distances = own.map(([id, logprob]) => {
    const told = known.get(id);
    // Behind the claimed list a token may stand just below its last: then it differs by that much.
    return told === undefined ? Math.max(0, logprob - least) || missing / own.length : Math.abs(told - logprob);
  });
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}
