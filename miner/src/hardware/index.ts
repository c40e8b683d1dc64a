export { adviseFor, formatsFor, placesOf, type Advice, type Place } from "./advice.ts";
export { capabilityOf, classify, expectedTokensPerSecond, type Capability, type MachineClass } from "./classify.ts";
export { detectHere, type DetectHereOptions } from "./detect-here.ts";
export type { Cpu, Hardware, ProbeReport } from "./detect.ts";
export { reasonsAgainst, type Candidate, type Requirements } from "./eligibility.ts";
export { bestFormat, largestModel, type Fit } from "./memory/fit.ts";
export {
  cardBudget,
  cardBudgetOf,
  cardBytes,
  cardsWithin,
  freeCardBytes,
  placementSentence,
  placeModel,
  planCard,
  type CardLoad,
  type CardPlan,
  type Placement,
  type PlacementQuestion,
} from "./memory/card.ts";
export { modelShape, type ModelShape, type TensorShape } from "./memory/model-shape.ts";
export { embeddingBytes, longestContext, planMemory, type MemoryPlan, type PlanOptions } from "./memory/plan.ts";
export {
  leastServedContext,
  plannedModel,
  planServing,
  smallerServing,
  type PlannedModel,
  type Serving,
  type ServingPlan,
} from "./memory/serving.ts";
export { weightsInMemory } from "./memory/weights.ts";
export type { Gpu } from "./merge.ts";
export { gpuProfiles } from "./profiles/index.ts";
export { matchProfile, type ProfileMatch } from "./profiles/match.ts";
export type { GpuProfile } from "./profiles/profile.ts";
export { engineFindings } from "./probes/engine.ts";
export type { Findings } from "./reading.ts";
export { localMachine } from "./local-machine.ts";
export { availableMemory } from "./sensors/available-memory.ts";
export { joulesBetween, type EnergyCounter } from "./sensors/rapl.ts";
export { cardWatts, hottestC, sample, type Sample, type SensorOptions } from "./sensors/sensors.ts";
export { summaryOf } from "./summary.ts";
