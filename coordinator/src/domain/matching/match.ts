import type { Hex } from "@lode/sdk/hash";
import type { OfferedModel } from "@lode/protocol";

/** A connected miner as matching sees it. */
export interface Candidate {
  readonly miner: Hex;
  readonly status: "available" | "busy" | "degraded" | "draining";
  readonly running: number;
  readonly concurrency: number;
  readonly models: readonly OfferedModel[];
  readonly inputAskWei: bigint;
  readonly outputAskWei: bigint;
  /** Measured round trip of its socket, milliseconds. */
  readonly roundTripMs: number;
  /** Share of its last jobs that it completed, 0..1. */
  readonly reliability: number;
}

/** What a job needs. Weights are named by digest: an id is only what miners call them. */
export interface Wanted {
  readonly modelDigest: Hex;
  readonly inputPriceWei: bigint;
  readonly outputPriceWei: bigint;
}

/** A miner that can take the job, with the model as it offers it. */
export interface Choice {
  readonly miner: Hex;
  readonly model: OfferedModel;
}

/** Jobs a miner may hold for each of its slots: beyond the first they wait in its own queue. */
const queueFactor = 4;
/** Differences below these are noise and must not decide. */
const reliabilityStep = 0.1;
const roundTripStepMs = 50;

/**
 * Miners that can take a job, best first: a free slot, then reliability, load, asked price and latency. The first gets
 * the job, the others are its fallbacks, fixed before it starts. Fallbacks of the first one's engine class come before
 * others, because only they continue a stream exactly.
 */
export function rank(candidates: Iterable<Candidate>, wanted: Wanted): Choice[] {
  const eligible: { candidate: Candidate; model: OfferedModel }[] = [];
  for (const candidate of candidates) {
    const model = offerOf(candidate, wanted);
    if (model !== undefined) eligible.push({ candidate, model });
  }
  const sorted = eligible
    .sort((a, b) => compare(a.candidate, b.candidate))
    .map(({ candidate, model }) => ({ miner: candidate.miner, model }));
  const engineClass = sorted[0]?.model.engineClass;
  const isSame = ({ model }: Choice): boolean => model.engineClass === engineClass;
  return [...sorted.filter(isSame), ...sorted.filter((choice) => !isSame(choice))];
}

function offerOf(candidate: Candidate, wanted: Wanted): OfferedModel | undefined {
  const { status, running, concurrency, models, inputAskWei, outputAskWei } = candidate;
  if (status !== "available" && status !== "busy") return undefined;
  if (inputAskWei > wanted.inputPriceWei || outputAskWei > wanted.outputPriceWei) return undefined;
  if (running >= queueFactor * concurrency) return undefined;
  return models.find(({ digest }) => digest === wanted.modelDigest);
}

/** Every key is compared in whole steps, so that the order is the same whatever order the candidates come in. */
function compare(a: Candidate, b: Candidate): number {
  return (
    Number(isFull(a)) - Number(isFull(b)) ||
    steps(b.reliability, reliabilityStep) - steps(a.reliability, reliabilityStep) ||
    a.running / a.concurrency - b.running / b.concurrency ||
    compareBig(a.outputAskWei, b.outputAskWei) ||
    compareBig(a.inputAskWei, b.inputAskWei) ||
    steps(a.roundTripMs, roundTripStepMs) - steps(b.roundTripMs, roundTripStepMs) ||
    (a.miner < b.miner ? -1 : 1)
  );
}

function steps(value: number, step: number): number {
  return Math.round(value / step);
}

function compareBig(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isFull({ running, concurrency }: Candidate): boolean {
  return running >= concurrency;
}
