export * from "./errors.ts";
export * from "./limits.ts";
export * from "./log.ts";
export * from "./miner-link.ts";
export * from "./prompt.ts";
export * from "./sampler.ts";
export * from "./structs.ts";
export * from "./token-frame.ts";
