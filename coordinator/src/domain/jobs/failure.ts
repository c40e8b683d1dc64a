/** Why an attempt did not finish, as far as it is known here. */
export type FailureCode =
  | "busy"
  | "draining"
  | "distrust"
  | "clock"
  | "input_too_long"
  | "bad_request"
  | "engine_failed"
  | "refused"
  | "link_closed"
  | "silent"
  | "heartbeat"
  | "overheated"
  | "ran_ahead"
  | "bad_frame"
  | "bad_receipt"
  | "no_receipt"
  | "stopped_early";

/** What is told of a failure. Fixed sentences: a miner's own words could carry a prompt into a log or an answer. */
export const failureText: Readonly<Record<FailureCode, string>> = {
  busy: "the miner was full",
  draining: "the miner was stopping",
  distrust: "the miner does not trust this coordinator",
  clock: "the miner's clock and this coordinator's differ by minutes",
  input_too_long: "the prompt does not fit the model's context",
  bad_request: "the miner's engine cannot do this request",
  engine_failed: "the miner's engine failed",
  refused: "the miner refused the job",
  link_closed: "the miner's link closed",
  silent: "the miner went silent",
  heartbeat: "the miner missed a heartbeat",
  overheated: "the miner's card is too hot",
  ran_ahead: "the miner sent more than it may",
  bad_frame: "the miner's tokens did not follow each other",
  bad_receipt: "the miner's receipt was wrong",
  no_receipt: "the miner sent no receipt",
  stopped_early: "the miner stopped in the middle",
};

/** Failures that say nothing about the miner's quality: it was full, leaving, or the request or one of two clocks is at fault. */
export const blameless: ReadonlySet<FailureCode> = new Set([
  ...(["busy", "draining", "clock", "input_too_long", "bad_request"] as const),
]);

/** Failures in which the machine computed wrong or not at all, whatever its line did. */
export const inferenceErrors: ReadonlySet<FailureCode> = new Set(["engine_failed", "bad_frame", "bad_receipt"]);

/** Failures that every other miner of the same weights would repeat. One miner could lie; a second one must agree. */
export const hopeless: ReadonlySet<FailureCode> = new Set(["input_too_long", "bad_request"]);

const namedByMiners: Readonly<Record<string, FailureCode>> = {
  busy: "busy",
  not_now: "busy",
  no_memory: "busy",
  too_late: "busy",
  draining: "draining",
  distrust: "distrust",
  clock: "clock",
  input_too_long: "input_too_long",
  too_long: "input_too_long",
  bad_request: "bad_request",
  schema_invalid: "bad_request",
  schema_unsupported: "bad_request",
  schema_too_large: "bad_request",
  schema_unsatisfiable: "bad_request",
  engine_crashed: "engine_failed",
  engine_closed: "engine_failed",
  out_of_memory: "engine_failed",
  failed: "engine_failed",
  cancelled: "stopped_early",
};

/** A miner's own code as one of ours; its spelling may use dashes. */
export function failureOf(code: string): FailureCode {
  const name = code.replaceAll("-", "_");
  return Object.hasOwn(namedByMiners, name) ? (namedByMiners[name] ?? "refused") : "refused";
}
