export type { ChatMessage, Engine, EngineInfo, GenerateEvent, GenerateRequest } from "./engine.ts";
export { EngineError, type EngineErrorCode } from "./errors.ts";
export { openEngine, type EngineOptions } from "./llama/open.ts";
export {
  checkSamplerParams,
  createDraw,
  createSampler,
  defaultSampler,
  samplerLimits,
  type Sampler,
  type SamplerParams,
} from "./sampler/index.ts";
