export { runDaemon, type DaemonOptions } from "./daemon.ts";
export type { MinerEvent } from "./events.ts";
export { memoryBudget, openServing, type ServingOptions } from "./serving.ts";
export type { JobCaps } from "./running-job.ts";
export { MinerStore, type JobState } from "./miner-store.ts";
export type { MinerRecord, StoredVoucher } from "./records.ts";
