import { memoryBudget } from "../../daemon/index.ts";
import { EngineError, openEngine, pinned, readGguf, type Gguf } from "../../engines/index.ts";
import { exitCode } from "../../errors.ts";
import {
  placementSentence,
  placeModel,
  planMemory,
  plannedModel,
  planServing,
  type Hardware,
  type Placement,
  type PlacementQuestion,
} from "../../hardware/index.ts";
import { resolveModel, type ModelStore } from "../../store/index.ts";
import { measureEngine } from "../bench/measure-engine.ts";
import type { Finding } from "./finding.ts";

export interface ModelFinding extends Finding {
  /** Where it is to be computed; undefined where that is not known. */
  readonly placement?: Placement;
}

/** Reads the model's description and sets what it will take against what is free. Nothing is downloaded. */
export async function checkModel(
  name: string,
  store: ModelStore,
  { sequences, maxMemoryMb }: { sequences: number; maxMemoryMb: number | undefined },
  hardware: Hardware,
  acceleration: Pick<PlacementQuestion, "mode" | "backends">,
): Promise<ModelFinding> {
  try {
    const { path, release } = await resolveModel(name, store, { offline: true });
    const gguf = await describe(path).finally(release);
    const { sizeBytes } = gguf;
    const planned = plannedModel(gguf, hardware.cpu.features);
    if (planned === undefined) {
      const says = `${name} is of an architecture whose memory cannot be worked out before it is loaded.`;
      return { name: "model", state: "warning", says, figures: { path, sizeBytes } };
    }
    const { title, shape, weightsBytes } = planned;
    const contextTokens = Math.min(4096, shape.contextTokens);
    const wanted = { contextTokens, sequences };
    const options = { ...wanted, batchTokens: pinned.batchSize };
    const plan = planMemory(shape, weightsBytes, options);
    const load = { model: planned, tensors: gguf.tensors, options };
    const placement = placeModel({ ...acceleration, gpus: hardware.gpus, load });
    const budget = memoryBudget(hardware, maxMemoryMb);
    const serving = planServing(planned, budget, wanted, pinned.batchSize);
    const figures = { path, sizeBytes, ...wanted, plan, budgetBytes: budget, serving, placement };
    const jobs = sequences === 1 ? "a job" : `${sequences} jobs`;
    const needs = `${title} needs ${mb(plan.totalBytes)} MB for ${jobs} of ${contextTokens} tokens`;
    const says = `${needs}; it may take ${Math.floor(budget / 2 ** 20)} MB, and ${placementSentence(placement)}.`;
    if (serving === undefined) {
      const next = "take a smaller model or format, or close other programs";
      return { name: "model", state: "problem", says, next, figures, exitCode: exitCode.model };
    }
    if (acceleration.mode === "gpu" && placement.on === "processor") {
      const next = "write ACCEL_MODE=auto, or make the card work (see accelerators)";
      return { name: "model", state: "problem", says, next, figures, exitCode: exitCode.model };
    }
    if (plan.totalBytes <= budget) return { name: "model", state: "ok", says, figures, placement };
    const next = `lode miner start will serve ${serving.sequences} at a time with ${serving.contextTokens} tokens each`;
    return { name: "model", state: "warning", says, next, figures, placement };
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    const next = /^(hf:|https?:)/.test(name)
      ? `lode model add ${name}`
      : "name another with --model, or leave it out for the embedded one";
    return { name: "model", state: "problem", says, next, exitCode: exitCode.model };
  }
}

/** Loads the model for real, where it is to be computed, and lets it write a few tokens. */
export async function checkEngine(
  name: string,
  store: ModelStore,
  signal: AbortSignal,
  placement?: Placement,
): Promise<Finding> {
  const { path, loaded, release } = await resolveModel(name, store, { offline: true });
  const now = (): number => performance.now();
  const card =
    placement?.on === "card"
      ? { backend: placement.backend, layers: placement.layers, device: placement.device }
      : undefined;
  let broken = "";
  let started = now();
  const engine = await openEngine({ modelPath: path, card })
    .catch((error: unknown) => {
      if (card === undefined || !(error instanceof EngineError)) throw error;
      broken = `The card does not compute it: ${error.message} `;
      started = now();
      return openEngine({ modelPath: path });
    })
    .catch(async (error: unknown) => {
      await release();
      throw error;
    });
  try {
    const loadMs = Math.round(now() - started);
    await loaded();
    const trial = { concurrency: 1, requests: 1, maxTokens: 32, promptWords: 20 };
    const run = await measureEngine(engine, { ...trial, signal, now });
    const { engineId, engineClass, verification } = engine.info;
    const figures = { loadMs, engineId, engineClass, verification, ...run };
    const speed = `${run.tokensPerSecond} tokens/s in a short trial (lode bench measures)`;
    const says = `${broken}The model loads in ${loadMs} ms and writes ${speed}.`;
    if (broken !== "") {
      const next = "look at the card's driver, or write ACCEL_MODE=cpu; until then the processor computes";
      return { name: "engine", state: "warning", says, next, figures };
    }
    if (verification !== "none") return { name: "engine", state: "ok", says, figures };
    const checkable = "serve a Q8_0 or Q4_0 model: its results can be checked, and jobs prefer those";
    const next = card === undefined ? checkable : "write ACCEL_MODE=cpu where results are to be checked bit by bit";
    return { name: "engine", state: "warning", says: `${says} Nobody can check its results.`, next, figures };
  } finally {
    await engine.close();
    await release();
  }
}

const describe = async (path: string): Promise<Gguf> => readGguf(path);
const mb = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
