import type { Domain } from "@lode/sdk/typed-data";
import type { Engine, Recheck } from "../engines/index.ts";
import { checkBill, checkCommitments } from "./commitments.ts";
import { checkExactly, checkPadding, checkPrompt, mismatchesOf, reexecute, refusalOf, wayOf } from "./reexecute.ts";
import { doubt, verdictOf, type CheckClass, type Evidence, type Reason, type VerdictReport } from "./report.ts";
import type { SequentialState } from "./sequential/test.ts";
import { checkStatistically, unfitness, type StatisticalOptions } from "./statistics.ts";
import type { Transcript } from "./transcript.ts";
import { referenceValues } from "./values.ts";

export interface VerifyOptions {
  /** Of the deployment whose assignments are checked. */
  readonly domain: Domain;
  /** Serves the assignment's model. Of the miner's engine class, the answer must come out bit for bit. */
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  /** For jobs of other engine classes: what was measured between them and this engine, and the miner's jobs so far. */
  readonly statistical?: StatisticalOptions | undefined;
}

/**
 * Checks one job: the commitments, the bill, and the answer by computing it again. What the miner signed and did not do is
 * `wrong`; what does not fit the signatures, or cannot be computed here, is `undecided`. Signatures themselves are the caller's part.
 * Throws EngineError when the engine fails.
 */
export async function verifyTranscript(transcript: Transcript, options: VerifyOptions): Promise<VerdictReport> {
  const { domain, engine, signal = new AbortController().signal, statistical } = options;
  const unfit =
    statistical === undefined
      ? doubt("other-engine", "The job was done by another engine class, and no calibration is given.")
      : unfitness(transcript, engine, statistical.calibration);
  const checkClass = classOf(transcript, engine, unfit === undefined);
  const unopened = checkCommitments(domain, transcript);
  const report = (reasons: readonly Reason[], recheck?: Recheck, sequential?: SequentialState): VerdictReport => ({
    verdict: verdictOf(reasons),
    class: checkClass,
    reasons,
    evidence: { ...evidenceOf(transcript, engine, recheck), ...(sequential !== undefined && { sequential }) },
  });
  if (unopened.length > 0) return report(unopened);
  const bill = checkBill(transcript);
  if (transcript.assignment.modelDigest !== engine.info.modelDigest)
    return report([...bill, doubt("other-model", "The job is for another model than the one at hand.")]);
  let recheck: Recheck;
  try {
    recheck = await reexecute(engine, transcript, wayOf(checkClass), signal);
  } catch (error) {
    return report([...bill, refusalOf(error)]);
  }
  const found = [...bill, ...checkPrompt(transcript, recheck)];
  if (checkClass === "A-prefill" || checkClass === "A-decode")
    return report([...found, ...checkExactly(transcript, recheck)], recheck);
  if (unfit !== undefined || statistical === undefined)
    return report([...found, ...checkPadding(recheck), ...(unfit === undefined ? [] : [unfit])], recheck);
  const { reasons, state } = checkStatistically(transcript, recheck, statistical);
  return report([...found, ...reasons], recheck, state);
}

/** What this engine can show about the job. */
function classOf({ assignment }: Transcript, { info }: Engine, isCalibrated: boolean): CheckClass {
  if (assignment.engineClass === info.engineClass && info.verification !== "none") return info.verification;
  return isCalibrated ? "B" : "hash";
}

function evidenceOf(transcript: Transcript, engine: Engine, recheck: Recheck | undefined): Evidence {
  const { engineId } = engine.info;
  if (recheck === undefined) return { tokens: 0, mismatches: [], values: [], engineId };
  return {
    tokens: recheck.tokens.length,
    mismatches: mismatchesOf(transcript, recheck),
    end: recheck.end,
    values: referenceValues(recheck.tokens, transcript.prefixIds.length),
    engineId,
  };
}
