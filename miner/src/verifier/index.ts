export type { VerifierEvent } from "./events.ts";
export { runVerifier, type VerifierOptions } from "./verifier.ts";
export { VerifierStore, type CheckState } from "./verifier-store.ts";
