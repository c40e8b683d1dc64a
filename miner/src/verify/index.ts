export { commitFingerprints, fingerprintOf, fingerprintSize, noFingerprints, type Fingerprint } from "@lode/protocol";
export type { CheckClass, Evidence, Reason, VerdictName, VerdictReport } from "./report.ts";
export { readTranscript, writeTranscript, type Transcript, type WireTranscript } from "./transcript.ts";
export { referenceValues } from "./values.ts";
export { verifyTranscript, type VerifyOptions } from "./verify.ts";
export type { StatisticalOptions } from "./statistics.ts";
export { calibrate, measure, probeOf, type CalibrateOptions, type Candidate } from "./calibration/calibrate.ts";
export { separate, withoutFingerprints, type Separation } from "./calibration/evaluate.ts";
export { observe, type Observation, type ObserveOptions, type Probe } from "./calibration/observe.ts";
export { drawRoc, type Curve } from "./calibration/picture.ts";
export { usualPrompts } from "./calibration/prompts.ts";
export { areaUnder, curveOf, windowsOf, type Scores } from "./calibration/roc.ts";
export { readCalibration, tallyOf, type Calibration, type Tallies } from "./sequential/calibration.ts";
export { marksOf, type Mark } from "./sequential/marks.ts";
export { createScore } from "./sequential/score.ts";
export {
  createSequentialTest,
  usualLimits,
  type SequentialLimits,
  type SequentialState,
  type SequentialTest,
} from "./sequential/test.ts";
