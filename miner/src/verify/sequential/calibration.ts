import type { Hex } from "@lode/sdk/hash";
import { MinerError } from "../../errors.ts";
import { binCount, binOf, markKinds, type Mark, type MarkKind } from "./marks.ts";
import { upperRate } from "./poisson.ts";

/** Marks of one kind, counted. */
export interface Tally {
  readonly tokens: number;
  /** Sum of the tokens' sensitivities. */
  readonly sensitivity: number;
  /** Tokens that were off, by bin. */
  readonly counts: readonly number[];
}
export type Tallies = Readonly<Partial<Record<MarkKind, Tally>>>;

/** What was measured of one model between engines: `lode verify calibrate` writes it. */
export interface Calibration {
  readonly version: 1;
  readonly modelDigest: Hex;
  readonly modelName: string;
  /** The engine that computes again. */
  readonly reference: { readonly engineId: string; readonly engineClass: Hex };
  /** Engines that served honestly. A job is judged by this file only when its class is one of them. */
  readonly honest: readonly { readonly name: string; readonly engineClass: Hex; readonly tallies: Tallies }[];
  /** What was served in the model's place. */
  readonly alternatives: readonly { readonly name: string; readonly tallies: Tallies }[];
}

/** For one kind of mark: rates by bin for a unit of sensitivity, and how much likelier each bin is under an alternative. */
export interface Rates {
  /** The last bin; it holds all beyond it too. */
  readonly tail: number;
  readonly honest: readonly number[];
  readonly ratios: readonly number[];
  /** Expected evidence (nats) for a unit of sensitivity when the alternative is true. */
  readonly growth: number;
  /** Sum of (ratio - 1) times the honest rate: what a unit of sensitivity costs when nothing is off. */
  readonly cost: number;
}

/** Chance that a true rate is above what is taken for it, for each bin; and a factor on top, for what was not measured. */
const doubt = 1e-3;
const caution = 1.5;
/** One token must not decide alone. */
const mostRatio = 1_000;

export function tallyOf(marks: readonly Mark[]): Tallies {
  const tallies: Partial<Record<MarkKind, Tally>> = {};
  for (const kind of markKinds) {
    const own = marks.filter((mark) => mark.kind === kind);
    if (own.length === 0) continue;
    const counts = new Array<number>(binCount).fill(0);
    for (const { distance } of own) {
      const bin = binOf(distance);
      if (bin !== undefined) counts[bin] = (counts[bin] ?? 0) + 1;
    }
    tallies[kind] = { tokens: own.length, sensitivity: own.reduce((sum, mark) => sum + mark.sensitivity, 0), counts };
  }
  return tallies;
}

export function addTallies(all: readonly Tallies[]): Tallies {
  const sum: Partial<Record<MarkKind, Tally>> = {};
  for (const kind of markKinds) {
    const own = all.flatMap((tallies) => tallies[kind] ?? []);
    if (own.length === 0) continue;
    sum[kind] = {
      tokens: own.reduce((total, { tokens }) => total + tokens, 0),
      sensitivity: own.reduce((total, { sensitivity }) => total + sensitivity, 0),
      counts: Array.from({ length: binCount }, (_, bin) =>
        own.reduce((total, { counts }) => total + (counts[bin] ?? 0), 0),
      ),
    };
  }
  return sum;
}

/**
 * The test's rates against one alternative. The honest rate of a bin is the upper limit of what was counted in all honest
 * engines together, and not less than in the worst of them, so that an engine noisier than the others is not judged by their mean.
 * All bins beyond the farthest honest mark are one: their limit is for all of them together.
 */
export function ratesOf({ honest, alternatives }: Calibration, alternative: number, kind: MarkKind): Rates | undefined {
  const own = honest.flatMap(({ tallies }) => tallies[kind] ?? []);
  const other = alternatives[alternative]?.tallies[kind];
  const pooled = addTallies(honest.map(({ tallies }) => tallies))[kind];
  if (pooled === undefined || other === undefined) return undefined;
  if (!(other.sensitivity > 0) || !own.every(({ sensitivity }) => sensitivity > 0)) return undefined;
  const tail = pooled.counts.findLastIndex((count) => count > 0) + 1;
  /** The bins, those of the tail as one. */
  const grouped = ({ counts }: Tally): number[] => [
    ...counts.slice(0, tail),
    counts.slice(tail).reduce((sum, count) => sum + count, 0),
  ];
  const rates = grouped(pooled).map((count, bin) => {
    const worst = Math.max(...own.map((tally) => (grouped(tally)[bin] ?? 0) / tally.sensitivity));
    return caution * Math.max(upperRate(count, doubt) / pooled.sensitivity, worst);
  });
  const others = grouped(other).map((count) => count / other.sensitivity);
  const ratios = rates.map((rate, bin) => Math.min(mostRatio, Math.max(1, (others[bin] ?? 0) / rate)));
  // What no honest engine does is no better than what it rarely does.
  ratios[tail] = Math.max(...ratios);
  const sum = (of: (rate: number, bin: number) => number): number =>
    rates.reduce((total, rate, bin) => total + of(rate, bin), 0);
  const cost = sum((rate, bin) => ((ratios[bin] ?? 1) - 1) * rate);
  const gain = sum((_, bin) => (others[bin] ?? 0) * Math.log(ratios[bin] ?? 1));
  return { honest: rates, ratios, tail, cost, growth: gain - cost };
}

/** Reads a calibration from parsed JSON. Throws MinerError where it is none. */
export function readCalibration(value: unknown): Calibration {
  const it = value as Partial<Calibration> | null;
  const isTallies = (tallies: unknown): boolean =>
    typeof tallies === "object" &&
    tallies !== null &&
    Object.values(tallies as Tallies).every(
      ({ tokens, sensitivity, counts }) =>
        Number.isFinite(tokens) &&
        Number.isFinite(sensitivity) &&
        counts.length === binCount &&
        counts.every(Number.isFinite),
    );
  try {
    if (
      it?.version === 1 &&
      typeof it.modelDigest === "string" &&
      typeof it.reference?.engineClass === "string" &&
      it.honest?.every(({ engineClass, tallies }) => typeof engineClass === "string" && isTallies(tallies)) === true &&
      it.alternatives?.every(({ name, tallies }) => typeof name === "string" && isTallies(tallies)) === true
    )
      return it as Calibration;
  } catch {
    // Of another shape than it looked.
  }
  throw new MinerError("calibration-invalid", "The calibration is not one that `lode verify calibrate` writes.");
}
