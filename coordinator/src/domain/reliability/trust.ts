import { figures } from "../figures.ts";

/** How far a miner is trusted, and since when nothing happened. */
export interface Standing {
  /** 0..1. */
  readonly trust: number;
  /** Earned, and not lost again. */
  readonly isTrusted: boolean;
  readonly completed: number;
  readonly failed: number;
  /** Unix milliseconds of the last attempt. */
  readonly atMs: number;
}

const { newcomer: start, earned, lost, good, bad, halfLifeDays, jitterMs, jitterMost } = figures.reliability;
const dayMs = 86_400_000;

/** A miner of which nothing is known. */
export function newcomer(atMs: number): Standing {
  return { trust: start.value, isTrusted: false, completed: 0, failed: 0, atMs };
}

/** The standing as it is now: what was earned fades towards the newcomer's level while nothing is seen. A clock that went back changes nothing. */
export function standingAt(standing: Standing, nowMs: number): Standing {
  const days = Math.max(0, nowMs - standing.atMs) / dayMs;
  if (days === 0) return standing;
  const kept = 0.5 ** (days / halfLifeDays.value);
  return turned(standing, start.value + (standing.trust - start.value) * kept, nowMs);
}

/** The standing after one more attempt. Blameless ends are not attempts: leave them out. */
export function afterAttempt(standing: Standing, isGood: boolean, nowMs: number): Standing {
  const now = standingAt(standing, nowMs);
  const trust = isGood ? now.trust + (1 - now.trust) * good.value : now.trust * bad.value;
  const { completed, failed } = now;
  const counts = isGood ? { completed: completed + 1, failed } : { completed, failed: failed + 1 };
  return { ...turned(now, trust, nowMs), ...counts };
}

/** What a record is worth over a line whose round trip swings. */
export function trustOverLine(trust: number, swingMs: number): number {
  return trust * (1 - Math.min(jitterMost.value, (jitterMost.value * Math.max(0, swingMs)) / jitterMs.value));
}

/** Trust is earned at one level and lost at a lower one, so that a single failure does not undo fifty jobs. */
function turned(standing: Standing, trust: number, nowMs: number): Standing {
  const isTrusted = standing.isTrusted ? trust >= lost.value : trust >= earned.value;
  return { ...standing, trust, isTrusted, atMs: Math.max(nowMs, standing.atMs) };
}
