import { fileURLToPath } from "node:url";
import {
  defaultSampler,
  openEngine,
  type Engine,
  type EngineOptions,
  type GenerateRequest,
  type SamplerParams,
} from "../../../miner/src/engines/index.ts";
import { embeddedModel } from "../../../miner/models/index.ts";

/** The two tokenizer families that every engine test runs on. */
export const models = {
  demo: embeddedModel,
  pieces: fileURLToPath(new URL("../../fixtures/models/lode-pieces.Q8_0.gguf", import.meta.url)),
} as const;

export const warm: SamplerParams = { ...defaultSampler, temperature: 0.9 };
export const greedy: SamplerParams = { ...defaultSampler, temperature: 0, topK: 1 };

export const open = (model: keyof typeof models, options: Partial<EngineOptions> = {}): Promise<Engine> =>
  openEngine({ modelPath: models[model], ...options });

/** A request with everything filled in; `question` is one user message. */
export function ask(question: string, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    prompt: { messages: [{ role: "user", content: question }] },
    prefixTokens: [],
    sampler: warm,
    seed: `0x${"5e".repeat(32)}`,
    maxTokens: 96,
    maxInputTokens: 512,
    stop: [],
    ...changes,
  };
}

export interface Answer {
  prompt: number[];
  ids: number[];
  texts: string[];
  text: string;
  reason: "stop" | "length" | undefined;
}

/** Runs a job to its end. */
export async function run(engine: Engine, request: GenerateRequest, signal?: AbortSignal): Promise<Answer> {
  const answer: Answer = { prompt: [], ids: [], texts: [], text: "", reason: undefined };
  for await (const event of engine.start(request, signal ?? new AbortController().signal)) {
    if (event.type === "prompt") answer.prompt = event.tokenIds;
    else if (event.type === "end") answer.reason = event.reason;
    else {
      answer.ids.push(event.id);
      answer.texts.push(event.text);
      answer.text += event.text;
    }
  }
  return answer;
}
