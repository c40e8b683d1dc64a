import { LodeError } from "@lode/sdk/errors";

/** The cloud upstream did not do a job. Fixed sentences: its own words could carry a prompt, or the key, into a log or an answer. */
export class CloudError extends LodeError {
  override readonly name = "CloudError";
  constructor(problem: string, cause?: unknown) {
    super("upstream_failed", `No miner is free, and the cloud upstream ${problem}.`, { cause, retryable: true });
  }
}
