export { resolveModel, type ModelFile, type ResolveOptions } from "./resolve.ts";
export type { Entry } from "./entries.ts";
export { ModelStore, type AddOptions, type StoreOptions } from "./store.ts";
export { storeSecretOf, type StoreSecret } from "./seal/store-key.ts";
