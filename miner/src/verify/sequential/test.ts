import { ratesOf, type Calibration, type Rates } from "./calibration.ts";
import { binOf, markKinds, type Mark, type MarkKind } from "./marks.ts";

/**
 * The sequential test of class B, over the jobs of one miner in the order in which they were drawn.
 *
 * A token is off when the reference draws another one; its mark says by how many logits, in bins k. Calibration gives honest rates
 * a_k: an honest engine puts a token of sensitivity h into bin k with a chance of at most a_k h, whatever came before. For an
 * alternative with rates b_k and r_k = max(1, b_k / a_k), a token's factor is
 *
 *     F = (r_k if it is off in bin k, else 1) * exp(-h * sum (r_k - 1) a_k)
 *
 * and E[F | past] <= (1 + h sum (r_k - 1) a_k) exp(-h sum (r_k - 1) a_k) <= 1 for an honest miner. So the product over tokens is a test
 * supermartingale from wherever it begins. A miner may turn to cheating at any time; therefore one such product begins with every
 * job, R_j = (R_{j-1} + 1) * F_j, and over several alternatives their mean is taken. R_j + (n - j) is a nonnegative supermartingale
 * that begins at n, so by Ville's inequality an honest miner's R reaches c within n jobs with a chance of at most n / c.
 * With c = jobsPerYear / 1e-6 that is 1e-6 a year, for a miner of which no more than `jobsPerYear` jobs are checked.
 *
 * What the bound rests on: the rates a_k, which are 99.9 % upper limits of counts times 1.5, from the engines and prompts that were
 * measured; and seeds that nobody chose who knows the logits. Who picks a seed can place a draw at a border, but only within the honest noise,
 * where r_k is about 1: it moves R by little.
 */
export interface SequentialState {
  readonly jobs: number;
  /** ln R for each alternative of the calibration; none before the first job. */
  readonly logR: readonly number[];
  /** ln of the mean of R over the alternatives: the evidence, in nats. */
  readonly nats: number;
}

export interface SequentialLimits {
  /** Most jobs of a miner that are checked in a year. */
  readonly jobsPerYear: number;
  /** Chance a year that an honest miner is accused, and that one is suspected: that costs reliability, no stake. */
  readonly accused: number;
  readonly suspected: number;
}

export const usualLimits: SequentialLimits = { jobsPerYear: 100_000, accused: 1e-6, suspected: 1e-2 };

export type Standing = "clear" | "suspect" | "guilty";

/** A test against every alternative of a calibration. */
export interface SequentialTest {
  readonly start: SequentialState;
  /** The state after one more job. */
  next(state: SequentialState, marks: readonly Mark[]): SequentialState;
  standing(state: SequentialState): Standing;
  /** Evidence of one job alone for each alternative, in nats. */
  evidence(marks: readonly Mark[]): readonly number[];
  /** What that evidence would be on average if the alternative were true; a job that promises less than the bound decides nothing alone. */
  expected(marks: readonly Mark[]): readonly number[];
  /** Nats at which a miner is guilty. */
  readonly bound: number;
}

export function createSequentialTest(calibration: Calibration, limits: SequentialLimits = usualLimits): SequentialTest {
  const tables = calibration.alternatives.map((_, index) => tableOf(calibration, index));
  const bound = Math.log(limits.jobsPerYear / limits.accused);
  const suspicion = Math.log(limits.jobsPerYear / limits.suspected);
  const evidence = (marks: readonly Mark[]): number[] =>
    tables.map((table) => marks.reduce((sum, mark) => sum + evidenceOf(table, mark), 0));
  return {
    bound,
    start: { jobs: 0, logR: [], nats: 0 },
    evidence,
    expected: (marks) =>
      tables.map((table) =>
        marks.reduce((sum, { kind, sensitivity }) => sum + sensitivity * (table[kind]?.growth ?? 0), 0),
      ),
    next({ jobs, logR }, marks) {
      const moved = evidence(marks).map((nats, index) => addOne(logR[index] ?? -Infinity) + nats);
      return { jobs: jobs + 1, logR: moved, nats: logMean(moved) };
    },
    standing({ nats }) {
      if (nats >= bound) return "guilty";
      return nats >= suspicion ? "suspect" : "clear";
    },
  };
}

type Table = Readonly<Partial<Record<MarkKind, Rates>>>;

function tableOf(calibration: Calibration, alternative: number): Table {
  return Object.fromEntries(
    markKinds.flatMap((kind) => {
      const rates = ratesOf(calibration, alternative, kind);
      return rates === undefined ? [] : [[kind, rates]];
    }),
  );
}

function evidenceOf(table: Table, { kind, distance, sensitivity }: Mark): number {
  const rates = table[kind];
  if (rates === undefined) return 0;
  const bin = binOf(distance);
  return (bin === undefined ? 0 : Math.log(rates.ratios[Math.min(bin, rates.tail)] ?? 1)) - sensitivity * rates.cost;
}

/** ln(R + 1) of ln R. */
const addOne = (logR: number): number => Math.max(logR, 0) + Math.log1p(Math.exp(-Math.abs(logR)));

function logMean(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  if (!Number.isFinite(largest)) return -Infinity;
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / logs.length);
}
