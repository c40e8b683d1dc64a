import { setTimeout as pause } from "node:timers/promises";
import { ProcessFailedError, type Running } from "./processes.ts";

/**
 * Waits until `probe` gives something other than undefined; a probe that throws is asked again.
 * @throws {ProcessFailedError} as soon as the process ends
 * @throws {Error} when `patienceMs` has passed
 */
export async function untilReady<T>(
  process: Running,
  probe: () => Promise<T | undefined>,
  patienceMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    if (!process.isAlive()) throw new ProcessFailedError(process, await process.ended);
    const answer = await probe().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) {
      const seconds = Math.round(patienceMs / 1000);
      throw new Error(`The ${process.name} is not ready after ${seconds} s; its log is ${process.logFile}.`);
    }
    await pause(50);
  }
}
