export { probeAccelerators, usableBackends, type Accelerators } from "./accelerators.ts";
export { createConstraint, createMaskVocabulary, type MaskVocabulary } from "./constraint/index.ts";
export type {
  ChatMessage,
  Conversation,
  EmbedRequest,
  Embedding,
  Engine,
  EngineInfo,
  GenerateEvent,
  GenerateRequest,
  Image,
  ImageRequest,
  Recheck,
  RecheckedToken,
  RecheckRequest,
  Tool,
} from "./engine.ts";
export { EngineError, type EngineErrorCode } from "./errors.ts";
export { readGguf, type Gguf } from "./gguf/read.ts";
export { cpuLibraries } from "./llama/cpu-libraries.ts";
export type { CardUse, Tuning } from "./llama/messages.ts";
export { pinned } from "./llama/pinned.ts";
export { openEngine, type EngineOptions } from "./llama/open.ts";
export { findSandbox, openControlGroups, ownSandbox, type ControlGroups, type Sandbox } from "./sandbox/index.ts";
export {
  checkSamplerParams,
  createChooser,
  createDraw,
  createSampler,
  defaultSampler,
  farthest,
  replay,
  samplerLimits,
  type Assessment,
  type Chooser,
  type Constraint,
  type DrawContext,
  type LogitsWanted,
  type Sampler,
  type SamplerParams,
  type TokenMask,
} from "./sampler/index.ts";
export { quantiseModel, type Quantised, type QuantiseOptions } from "./gguf/quantise/quantise.ts";
export type { QuantisedFormat } from "./gguf/quantise/rules.ts";
export { openPool, type PoolOptions } from "./pool/open.ts";
export { Shelf, type ShelfOptions } from "./shelf/shelf.ts";
export { openBenchEngine, type BenchEngineOptions } from "./synthetic/open.ts";
export { openUpstream, type UpstreamOptions } from "./upstream/open.ts";
export { installVariant, variantPackages, type Variant } from "./variants.ts";
