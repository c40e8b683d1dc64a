import type { Hex } from "@lode/sdk/hash";
import type { Engine, GenerateRequest, Recheck, SamplerParams } from "../../engines/index.ts";
import { MinerError } from "../../errors.ts";
import { fingerprintOf, fingerprintSize, type Fingerprint } from "@lode/protocol";
import { marksOf, type Mark } from "../sequential/marks.ts";

/** A job that one engine serves and another computes again. */
export interface Probe {
  readonly prompt: GenerateRequest["prompt"];
  readonly seed: Hex;
  readonly sampler: SamplerParams;
  readonly maxTokens: number;
}

export interface Observation {
  readonly marks: readonly Mark[];
  readonly outputIds: readonly number[];
  /** The two engines' own looks at the answer. */
  readonly served: Recheck;
  readonly checked: Recheck;
  /** Wall clock of serving and of computing again. */
  readonly servedMs: number;
  readonly checkedMs: number;
}

export interface ObserveOptions {
  /** Serves, whatever it is. */
  readonly prover: Engine;
  readonly reference: Engine;
  /** Candidates that both report; at least what a fingerprint holds. */
  readonly top?: number | undefined;
  readonly signal: AbortSignal;
}

const most = 1_000_000;

/** Serves a probe with one engine and computes it again with the other. Undefined where the answer is empty. Throws EngineError. */
export async function observe(probe: Probe, options: ObserveOptions): Promise<Observation | undefined> {
  const { prover, reference, signal, top = fingerprintSize } = options;
  const { prompt, seed, sampler, maxTokens } = probe;
  const began = performance.now();
  let promptTokens: number[] = [];
  const outputIds: number[] = [];
  const request = { prompt, seed, sampler, maxTokens, maxInputTokens: most, prefixTokens: [], stop: [] };
  for await (const event of prover.start(request, signal)) {
    if (event.type === "prompt") promptTokens = event.tokenIds;
    else if (event.type === "token") outputIds.push(event.id);
  }
  const servedMs = performance.now() - began;
  if (outputIds.length === 0) return undefined;
  const again = { prompt, promptTokens, prefixTokens: [], tokens: outputIds, sampler, seed, stop: [], maxTokens, top };
  const served = await recheckWith(prover, { ...again, way: "prefill" }, signal);
  const from = performance.now();
  const checked = await recheckWith(reference, { ...again, way: "prefill" }, signal);
  const checkedMs = performance.now() - from;
  const fingerprints: Fingerprint[] = served.tokens.map(fingerprintOf);
  return {
    marks: marksOf(sampler, checked.tokens, outputIds, fingerprints),
    outputIds,
    served,
    checked,
    servedMs,
    checkedMs,
  };
}

async function recheckWith(
  engine: Engine,
  ...[request, signal]: Parameters<NonNullable<Engine["recheck"]>>
): Promise<Recheck> {
  if (engine.recheck === undefined) throw new MinerError("cannot-recheck", "This engine checks no answers.");
  return engine.recheck(request, signal);
}
