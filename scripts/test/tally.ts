/** What one runner, or all of them, did. `broken` says in words what kept a runner from giving a full count. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly broken: readonly string[];
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0, broken: [] };

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    broken: [...a.broken, ...b.broken],
  };
}

/**
 * Judges a runner by its count and its exit code together: a non-zero code with no failed test is a crash, and a runner
 * that was given files but ran no test is broken as well. Each counts as one failure.
 * @param counted undefined when the runner left no count behind
 */
export function judge(runner: string, counted: Omit<Tally, "broken"> | undefined, exitCode: number): Tally {
  if (counted === undefined) return broken(nothing, `${runner} ended with ${exitCode} and left no count`);
  const tally = { ...counted, broken: [] };
  const ran = counted.passed + counted.failed;
  if (counted.failed === 0 && exitCode !== 0) return broken(tally, `${runner} ended with ${exitCode} outside any test`);
  if (ran + counted.skipped === 0) return broken(tally, `${runner} ran no test`);
  return tally;
}

function broken(tally: Tally, reason: string): Tally {
  return { ...tally, failed: tally.failed + 1, broken: [...tally.broken, reason] };
}

/** `12 passed, 0 failed, 1 skipped`: the last line of `npm test`. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

export function isGood({ failed, broken: reasons }: Tally): boolean {
  return failed === 0 && reasons.length === 0;
}
