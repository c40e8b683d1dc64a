/** Gas by figure. */
export type GasSnapshot = Readonly<Record<string, number>>;

/**
 * Times appear in calldata, and a byte of them that is zero today costs less than tomorrow: that much may a figure grow.
 */
export const GROWTH_PER_MILLE = 1;

export interface GasDifferences {
  readonly grown: readonly string[];
  readonly shrunk: readonly string[];
  /** Figures on one side only. */
  readonly missing: readonly string[];
}

/** What differs between a snapshot and a measurement by more than the tolerance, in words. */
export function compareGas(snapshot: GasSnapshot, measured: GasSnapshot): GasDifferences {
  const names = [...new Set([...Object.keys(snapshot), ...Object.keys(measured)])];
  const [grown, shrunk, missing]: [string[], string[], string[]] = [[], [], []];
  for (const name of names) {
    const [before, after] = [snapshot[name], measured[name]];
    if (before === undefined) missing.push(`${name} is not in the snapshot`);
    else if (after === undefined) missing.push(`${name} is in the snapshot and was not measured`);
    else if (Math.abs(after - before) > (before * GROWTH_PER_MILLE) / 1000) {
      (after > before ? grown : shrunk).push(`${name}: ${before} -> ${after}`);
    }
  }
  return { grown, shrunk, missing };
}
