/** Seconds to wait before try `attempt` (from 0): 1, 2, 4 .. 60, spread by up to a quarter so that miners do not come together. */
export function backoffSeconds(attempt: number, random: number): number {
  const base = Math.min(60, 2 ** Math.min(attempt, 6));
  return base * (0.75 + 0.25 * random);
}
