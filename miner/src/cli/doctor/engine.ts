import { openEngine } from "../../engines/index.ts";
import { readGguf } from "../../engines/gguf/read.ts";
import { exitCode } from "../../errors.ts";
import { modelShape, planMemory, weightsInMemory, type Hardware } from "../../hardware/index.ts";
import { resolveModel, type ModelStore } from "../../store/index.ts";
import { measureEngine } from "../bench/measure-engine.ts";
import type { Finding } from "./finding.ts";

/** Reads the model's description and sets what it will take against what is free. Nothing is downloaded. */
export async function checkModel(
  name: string,
  store: ModelStore,
  sequences: number,
  hardware: Hardware,
): Promise<Finding> {
  try {
    const { path, release } = await resolveModel(name, store, { offline: true });
    await release();
    const { metadata, tensors, sizeBytes } = readGguf(path);
    const shape = modelShape(metadata, tensors);
    const stated = metadata.get("general.name");
    const title = typeof stated === "string" ? stated : name;
    if (shape === undefined) {
      const says = `${title} is of an architecture whose memory cannot be worked out before it is loaded.`;
      return { name: "model", state: "warning", says, figures: { path, sizeBytes } };
    }
    const { features } = hardware.cpu;
    const cpu = {
      avx2: features.includes("avx2"),
      avx512: features.includes("avx512"),
      dotProduct: features.includes("dotProduct"),
    };
    const contextTokens = Math.min(4096, shape.contextTokens);
    const plan = planMemory(shape, weightsInMemory(tensors, cpu), { contextTokens, sequences, batchTokens: 48 });
    const figures = { path, sizeBytes, contextTokens, sequences, plan };
    const freeMb = Math.min(hardware.memory.availableMb, hardware.memory.limitMb ?? Infinity);
    const jobs = sequences === 1 ? "a job" : `${sequences} jobs`;
    const says = `${title} needs ${mb(plan.totalBytes)} MB for ${jobs} of ${contextTokens} tokens; ${freeMb} MB are free.`;
    if (plan.totalBytes / 2 ** 20 <= freeMb) return { name: "model", state: "ok", says, figures };
    const next = "take a smaller model, a smaller --context or fewer jobs at a time, or close other programs";
    return { name: "model", state: "problem", says, next, figures, exitCode: exitCode.model };
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    const next = /^(hf:|https?:)/.test(name)
      ? `lode model add ${name}`
      : "name another with --model, or leave it out for the embedded one";
    return { name: "model", state: "problem", says, next, exitCode: exitCode.model };
  }
}

/** Loads the model for real and lets it write a few tokens. */
export async function checkEngine(name: string, store: ModelStore, signal: AbortSignal): Promise<Finding> {
  const { path, release } = await resolveModel(name, store, { offline: true });
  const now = (): number => performance.now();
  const started = now();
  const engine = await openEngine({ modelPath: path });
  try {
    const loadMs = Math.round(now() - started);
    const trial = { concurrency: 1, requests: 1, maxTokens: 32, promptWords: 20 };
    const run = await measureEngine(engine, { ...trial, signal, now });
    const { engineId, engineClass, verification } = engine.info;
    const figures = { loadMs, engineId, engineClass, verification, ...run };
    const speed = `${run.tokensPerSecond} tokens/s in a short trial (lode bench measures)`;
    const says = `The model loads in ${loadMs} ms and writes ${speed}.`;
    if (verification !== "none") return { name: "engine", state: "ok", says, figures };
    const next = "serve a Q8_0 or Q4_0 model: its results can be checked, and jobs prefer those";
    return { name: "engine", state: "warning", says: `${says} Nobody can check its results.`, next, figures };
  } finally {
    await engine.close();
    await release();
  }
}

const mb = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
