import type { Hex } from "@lode/sdk/hash";

/** A connected miner as matching sees it. */
export interface Candidate {
  readonly miner: Hex;
  readonly status: "available" | "busy" | "degraded" | "draining";
  readonly running: number;
  readonly concurrency: number;
  readonly models: readonly string[];
  readonly inputAskWei: bigint;
  readonly outputAskWei: bigint;
  /** Measured round trip of its socket, milliseconds. */
  readonly roundTripMs: number;
  /** Share of its last jobs that it completed, 0..1. */
  readonly reliability: number;
}

export interface Wanted {
  readonly model: string;
  readonly inputPriceWei: bigint;
  readonly outputPriceWei: bigint;
}

/**
 * Miners that can take a job, best first: free capacity, then reliability, load and latency. The first gets the job, the
 * others are its fallbacks before it starts. A miner at its limit comes last instead of not at all: the engine queues.
 */
export function rank(candidates: Iterable<Candidate>, wanted: Wanted): Candidate[] {
  return [...candidates]
    .filter((candidate) => isEligible(candidate, wanted))
    .sort(
      (a, b) =>
        Number(isFull(a)) - Number(isFull(b)) ||
        Math.round((b.reliability - a.reliability) * 10) ||
        a.running / a.concurrency - b.running / b.concurrency ||
        a.roundTripMs - b.roundTripMs ||
        (a.miner < b.miner ? -1 : 1),
    );
}

function isEligible(candidate: Candidate, wanted: Wanted): boolean {
  return (
    (candidate.status === "available" || candidate.status === "busy") &&
    candidate.models.includes(wanted.model) &&
    candidate.inputAskWei <= wanted.inputPriceWei &&
    candidate.outputAskWei <= wanted.outputPriceWei &&
    candidate.running < 4 * candidate.concurrency
  );
}

function isFull({ running, concurrency }: Candidate): boolean {
  return running >= concurrency;
}
