import { LodeError } from "@lode/sdk/errors";

export type ProofProblem =
  | "unknown_job"
  | "not_yours"
  | "lease_lost"
  | "proof_conflict"
  | "output_missing"
  | "output_mismatch"
  | "receipt_refused";

/** A polling miner's proof that is not taken. */
export class ProofError extends LodeError {
  override readonly name = "ProofError";
  readonly problem: ProofProblem;
  constructor(problem: ProofProblem, message: string) {
    super(problem, message);
    this.problem = problem;
  }
}
