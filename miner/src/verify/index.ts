export {
  commitFingerprints,
  fingerprintOf,
  fingerprintSize,
  noFingerprints,
  type Fingerprint,
} from "./fingerprints.ts";
export type { CheckClass, Evidence, Reason, VerdictName, VerdictReport } from "./report.ts";
export { readTranscript, type Transcript, type WireTranscript } from "./transcript.ts";
export { referenceValues } from "./values.ts";
export { verifyTranscript, type VerifyOptions } from "./verify.ts";
