export { resolveModel, type ModelFile, type ResolveOptions } from "./resolve.ts";
export type { Entry } from "./entries.ts";
export { ModelStore, type AddOptions, type StoreOptions } from "./store.ts";
