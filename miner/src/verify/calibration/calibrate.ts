import { keccak } from "@lode/sdk/hash";
import { defaultSampler, type Engine } from "../../engines/index.ts";
import { tallyOf, type Calibration, type Tallies } from "../sequential/calibration.ts";
import type { Mark } from "../sequential/marks.ts";
import { observe, type Probe } from "./observe.ts";

/** An engine that serves for a measurement. It is opened for its turn and closed after it, so that only two are open at a time. */
export interface Candidate {
  readonly name: string;
  open(): Promise<Engine>;
}

export interface CalibrateOptions {
  readonly reference: Engine;
  /** The model itself, on everything that shall pass. */
  readonly honest: readonly Candidate[];
  /** What shall be found. */
  readonly alternatives: readonly Candidate[];
  readonly prompts: readonly string[];
  /** Output tokens of each candidate. */
  readonly tokens: number;
  /** Tells one run's draws from another's. */
  readonly salt: string;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Of ten jobs one is at temperature 0, one at a high temperature with narrow borders; the others are as most are. */
export function probeOf(prompts: readonly string[], salt: string, number: number): Probe {
  const varied = [
    { temperature: 0, topK: 1 },
    { temperature: 1.3, topP: 0.95 },
  ][number % 10];
  return {
    prompt: { messages: [{ role: "user", content: prompts[number % prompts.length] ?? "" }] },
    seed: keccak(Buffer.from(`${salt} ${number}`)),
    sampler: { ...defaultSampler, ...varied },
    maxTokens: 128,
  };
}

/** Marks of so many tokens of one candidate. Throws EngineError. */
export async function measure(
  candidate: Candidate,
  options: CalibrateOptions,
): Promise<{ engine: Engine["info"]; marks: Mark[] }> {
  const { reference, prompts, tokens, salt, signal } = options;
  const prover = await candidate.open();
  try {
    const marks: Mark[] = [];
    let seen = 0;
    for (let number = 0; seen < tokens && number < 2 * tokens; number += 1) {
      const found = await observe(probeOf(prompts, salt, number), { prover, reference, signal });
      marks.push(...(found?.marks ?? []));
      seen += found?.outputIds.length ?? 0;
    }
    options.note(`${candidate.name}: ${seen} tokens`);
    return { engine: prover.info, marks };
  } finally {
    await prover.close();
  }
}

/** Measures every candidate against the reference. Throws EngineError, and MinerError for an engine that checks no answers. */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { reference, honest, alternatives } = options;
  const { modelDigest, modelName, engineId, engineClass } = reference.info;
  const measured = async (candidate: Candidate): Promise<{ name: string; info: Engine["info"]; tallies: Tallies }> => {
    const { engine, marks } = await measure(candidate, options);
    return { name: candidate.name, info: engine, tallies: tallyOf(marks) };
  };
  const [own, others] = [[], []] as [Calibration["honest"][number][], Calibration["alternatives"][number][]];
  for (const candidate of honest) {
    const { name, info, tallies } = await measured(candidate);
    own.push({ name, engineClass: info.engineClass, tallies });
  }
  for (const candidate of alternatives) {
    const { name, tallies } = await measured(candidate);
    others.push({ name, tallies });
  }
  return {
    version: 1,
    modelDigest,
    modelName,
    reference: { engineId, engineClass },
    honest: own,
    alternatives: others,
  };
}
