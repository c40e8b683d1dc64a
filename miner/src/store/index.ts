export { resolveModel, type ModelFile, type ResolveOptions } from "./resolve.ts";
export type { Entry } from "./entries.ts";
export { Guests, parseGuestSource, type GuestOptions, type GuestSource } from "./guests.ts";
export { ModelStore, type AddOptions, type StoreOptions } from "./store.ts";
export { storeSecretOf, type StoreSecret } from "./seal/store-key.ts";
