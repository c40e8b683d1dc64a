/**
 * The time of one job: it begins where the wall clock stands and goes on by a clock that nobody sets, so that what is measured
 * and signed of the job fits together although the wall clock is set meanwhile.
 * @returns unix milliseconds, whole
 */
export function jobClock({ nowMs, steadyMs }: Clocks): () => number {
  const beginMs = nowMs();
  const steadyBeginMs = steadyMs();
  return () => Math.round(beginMs + steadyMs() - steadyBeginMs);
}

export interface Clocks {
  /** Unix milliseconds. */
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that is never set. */
  readonly steadyMs: () => number;
}
