import { figures } from "../figures.ts";

/** What a miner says of itself. */
export type Reported = "available" | "busy" | "degraded" | "draining";
/** What it counts as. */
export type Status = Reported | "offline";

const { degradedAfterMissed, offlineAfterMissed, grace, hottestC } = figures.status;

/** A miner's status by its own word and by when it was last heard; silence outweighs words. */
export function statusOf(reported: Reported, lastHeardMs: number, heartbeatMs: number, nowMs: number): Status {
  const missed = (nowMs - lastHeardMs) / heartbeatMs;
  if (missed > offlineAfterMissed.value + grace.value) return "offline";
  if (missed > degradedAfterMissed.value + grace.value) return "degraded";
  return reported;
}

/** Whether running work moves on: a miner that only drains finishes what it has. */
export function losesWork(status: Status): boolean {
  return status === "degraded" || status === "offline";
}

/** Whether new work may come. */
export function takesWork(status: Status): boolean {
  return status === "available" || status === "busy";
}

/** Whether a card is so hot that running work is aborted. */
export function mustAbort(temperatureC: number): boolean {
  return temperatureC > hottestC.value;
}
