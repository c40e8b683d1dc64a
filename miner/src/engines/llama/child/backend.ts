import {
  getLlama,
  getModuleVersion,
  LlamaLogLevel,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaModel,
} from "node-llama-cpp";
import { EngineError } from "../../errors.ts";
import { engineClass, verificationOf } from "../../identity/engine-class.ts";
import { engineId } from "../../identity/engine-id.ts";
import { sha256Of } from "../../gguf/digest.ts";
import type { Gguf } from "../../gguf/read.ts";
import type { CardUse, OpenedInfo, OpenOptions, Tuning } from "../messages.ts";
import { pinned } from "../pinned.ts";
import { loadCpuLibrary } from "./cpu-library.ts";
import { inspectModel } from "./model-file.ts";

/** The context a model gets when nobody asks for one: more costs memory that most jobs never use. */
const usualContext = 4096;

export interface Backend {
  info: Omit<OpenedInfo, "vocabulary">;
  gguf: Gguf;
  model: LlamaModel;
  context: LlamaContext;
}

/** Loads a model in the pinned configuration. Throws EngineError with one sentence about the file. */
export async function openBackend(options: OpenOptions): Promise<Backend> {
  const { modelPath, sequences } = options;
  const gguf = inspectModel(modelPath);
  // A large file takes seconds to hash and seconds to load: both at once.
  if (options.cpuFolder !== undefined) loadCpuLibrary(options.cpuFolder);
  const [digest, model] = await Promise.all([sha256Of(modelPath), loadModel(modelPath, options.card)]);
  const trained = model.trainContextSize;
  const contextSize = Math.min(options.contextTokens ?? usualContext, trained);
  const { tuning } = options;
  const context = await createContext(model, contextSize, sequences, tuning ?? pinned);
  const { card } = options;
  const id = engineId(await getModuleVersion(), card?.backend ?? "cpu", {
    ...tuning,
    ...(card && { gpuLayers: card.layers }),
  });
  // No card is known to give the bits that another one gives, nor those of a processor.
  const verification = tuning === undefined && card === undefined ? verificationOf(gguf, sequences) : "none";
  return {
    gguf,
    model,
    context,
    info: {
      modelDigest: `0x${digest}`,
      engineId: id,
      engineClass: engineClass(verification, id),
      verification,
      contextTokens: context.contextSize,
      modelName: String(gguf.metadata.get("general.name") ?? modelPath.split(/[/\\]/).at(-1)),
      sequences,
      sizeBytes: gguf.sizeBytes,
    },
  };
}

async function loadModel(modelPath: string, card: CardUse | undefined): Promise<LlamaModel> {
  const llama = await getLlama({
    gpu: card?.backend ?? false,
    build: "never",
    skipDownload: true,
    maxThreads: 0,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
  }).catch((cause: unknown) => {
    if (card === undefined) throw cause;
    throw new EngineError("bad-request", `The library has no ${card.backend} here.`, { cause });
  });
  try {
    return await llama.loadModel({ modelPath, gpuLayers: card?.layers ?? pinned.gpuLayers });
  } catch (cause) {
    // It may be as good as any, for a processor.
    if (card !== undefined)
      throw new EngineError("bad-request", `${modelPath} cannot be loaded onto the card.`, { cause });
    throw new EngineError("model-corrupt", `The model file ${modelPath} cannot be loaded.`, { cause });
  }
}

async function createContext(
  model: LlamaModel,
  contextSize: number,
  sequences: number,
  { threads, batchSize }: Tuning,
): Promise<LlamaContext> {
  const { flashAttention } = pinned;
  try {
    return await model.createContext({
      contextSize,
      sequences,
      threads,
      batchSize,
      flashAttention,
      ignoreMemorySafetyChecks: true,
    });
  } catch (cause) {
    const sentence = `There is not enough memory for ${sequences} contexts of ${contextSize} tokens.`;
    throw new EngineError("out-of-memory", sentence, { cause });
  }
}

/** A slot of the context. */
export type Sequence = Pick<LlamaContextSequence, "clearHistory" | "controlledEvaluate">;
