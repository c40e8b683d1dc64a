import type { Engine, Recheck } from "../engines/index.ts";
import { checkPadding } from "./reexecute.ts";
import { doubt, fault, type Reason } from "./report.ts";
import type { Calibration } from "./sequential/calibration.ts";
import { marksOf } from "./sequential/marks.ts";
import { createSequentialTest, type SequentialLimits, type SequentialState } from "./sequential/test.ts";
import type { Transcript } from "./transcript.ts";

/** What class B needs beside the transcript. */
export interface StatisticalOptions {
  readonly calibration: Calibration;
  readonly limits?: SequentialLimits | undefined;
  /** Where the test stands after the miner's jobs so far; a job alone unless given. */
  readonly history?: SequentialState | undefined;
}

/** Why a calibration says nothing about this job, or undefined. */
export function unfitness({ assignment }: Transcript, { info }: Engine, calibration: Calibration): Reason | undefined {
  if (calibration.modelDigest !== assignment.modelDigest)
    return doubt("other-calibration", "The calibration is for another model.");
  if (calibration.reference.engineClass !== info.engineClass)
    return doubt("other-calibration", "The calibration is for another engine than the one that checks.");
  if (!calibration.honest.some(({ engineClass }) => engineClass === assignment.engineClass))
    return doubt("uncalibrated", "The miner's engine class was not measured for this calibration.");
  return undefined;
}

/**
 * A job of another engine class: it moves the test over its miner's jobs. Guilty is a fault; clear is right only where the job
 * alone was long enough for the test to find every alternative on average, else nothing is decided.
 */
export function checkStatistically(
  transcript: Transcript,
  recheck: Recheck,
  { calibration, limits, history }: StatisticalOptions,
): { reasons: Reason[]; state: SequentialState } {
  const test = createSequentialTest(calibration, limits);
  const { sampler, outputIds, fingerprints } = transcript;
  const marks = marksOf(sampler, recheck.tokens, outputIds, fingerprints);
  const state = test.next(history ?? test.start, marks);
  // Where an answer ends behind the claimed tokens is the reference's own draw, which may differ honestly.
  const reasons = checkPadding(recheck);
  const nats = state.nats.toFixed(1);
  const standing = test.standing(state);
  if (standing === "guilty")
    reasons.push(
      fault(
        "improbable",
        `${nats} nats of evidence against the model as agreed; ${test.bound.toFixed(1)} are the bound.`,
      ),
    );
  if (standing === "suspect") reasons.push(doubt("suspect", `${nats} nats of evidence against the model as agreed.`));
  if (standing === "clear") {
    const least = Math.min(...test.expected(marks));
    if (least < test.bound) {
      const promise = `${least.toFixed(1)} nats could be expected of it, and ${test.bound.toFixed(1)} decide`;
      reasons.push(doubt("few-tokens", `One job of ${outputIds.length} tokens decides nothing: ${promise}.`));
    }
  }
  return { reasons, state };
}
