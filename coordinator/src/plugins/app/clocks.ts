/** The two clocks of a process: one says when, the other how long. */
export interface Clocks {
  /** Unix milliseconds; whoever runs the machine may set it, back or forward. */
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that is never set. */
  readonly steadyMs: () => number;
}

/**
 * The time from a moment on as nobody sets it: it begins where the wall clock stands and goes on by the other one.
 * @param fromMs where it begins instead when that is later, unix milliseconds
 * @returns unix milliseconds, whole
 */
export function goingOn({ nowMs, steadyMs }: Clocks, fromMs = 0): () => number {
  const beginMs = Math.max(nowMs(), fromMs);
  const steadyBeginMs = steadyMs();
  return () => Math.round(beginMs + steadyMs() - steadyBeginMs);
}
