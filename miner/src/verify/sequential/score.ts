import { addTallies, type Calibration, type Tally } from "./calibration.ts";
import { binOf, markKinds, type Mark, type MarkKind } from "./marks.ts";

/** How much one kind of mark tells, in nats. */
interface Weights {
  /** The last bin; it holds all beyond it too. */
  readonly tail: number;
  /** For a token that is off, by bin. */
  readonly off: readonly number[];
  /** For a unit of sensitivity, whether anything is off or not. */
  readonly cost: number;
}

/** Added to every count: what was never seen may be. */
const unseen = 0.5;

/**
 * The log likelihood ratio of marks under an alternative, by the rates as they were measured: the best score to put windows in order
 * by. It leaves no room for what was not measured, and accuses nobody; the sequential test takes upper limits of the honest rates instead.
 */
export function createScore(calibration: Calibration, alternative: number): (marks: readonly Mark[]) => number {
  const table: Readonly<Partial<Record<MarkKind, Weights>>> = Object.fromEntries(
    markKinds.flatMap((kind) => {
      const weights = weightsOf(calibration, alternative, kind);
      return weights === undefined ? [] : [[kind, weights]];
    }),
  );
  return (marks) =>
    marks.reduce((sum, { kind, distance, sensitivity }) => {
      const weights = table[kind];
      if (weights === undefined) return sum;
      const bin = binOf(distance);
      const off = bin === undefined ? 0 : (weights.off[Math.min(bin, weights.tail)] ?? 0);
      return sum + off - sensitivity * weights.cost;
    }, 0);
}

function weightsOf({ honest, alternatives }: Calibration, alternative: number, kind: MarkKind): Weights | undefined {
  const own = addTallies(honest.map(({ tallies }) => tallies))[kind];
  const other = alternatives[alternative]?.tallies[kind];
  if (own === undefined || other === undefined || !(own.sensitivity > 0) || !(other.sensitivity > 0)) return undefined;
  const tail = own.counts.findLastIndex((count) => count > 0) + 1;
  const rates = ({ counts, sensitivity }: Tally): number[] =>
    [...counts.slice(0, tail), counts.slice(tail).reduce((sum, count) => sum + count, 0)].map(
      (count) => (count + unseen) / sensitivity,
    );
  const [honestRates, otherRates] = [rates(own), rates(other)];
  const off = honestRates.map((rate, bin) => Math.log((otherRates[bin] ?? rate) / rate));
  const total = (of: readonly number[]): number => of.reduce((sum, rate) => sum + rate, 0);
  return { tail, off, cost: total(otherRates) - total(honestRates) };
}
