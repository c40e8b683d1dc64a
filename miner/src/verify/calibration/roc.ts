/** A test's scores for honest windows and for those of an alternative; higher speaks for the alternative. */
export interface Scores {
  readonly honest: readonly number[];
  readonly other: readonly number[];
}

/** Area under the ROC curve: the chance that a window of the alternative scores above an honest one, ties counting half. */
export function areaUnder({ honest, other }: Scores): number {
  const sorted = [...honest].sort((a, b) => a - b);
  let sum = 0;
  for (const score of other) sum += (below(sorted, score, false) + below(sorted, score, true)) / 2;
  return sum / (honest.length * other.length);
}

/** How many are smaller, or smaller or equal. */
function below(sorted: readonly number[], value: number, orEqual: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const it = sorted[middle] ?? Infinity;
    if (it < value || (orEqual && it === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The curve's corners as shares of false and of true alarms, from (0, 0) to (1, 1). */
export function curveOf({ honest, other }: Scores): [falseShare: number, trueShare: number][] {
  const thresholds = [...new Set([...honest, ...other])].sort((a, b) => b - a);
  const share = (scores: readonly number[], least: number): number =>
    scores.filter((score) => score >= least).length / scores.length;
  return [[0, 0], ...thresholds.map((least): [number, number] => [share(honest, least), share(other, least)])];
}

/** Consecutive windows of so many items; a last incomplete one is left out. */
export function windowsOf<T>(items: readonly T[], size: number): T[][] {
  const count = Math.floor(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
