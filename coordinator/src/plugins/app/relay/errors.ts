import { LodeError } from "@lode/sdk/errors";

/** Nobody can take the job now. */
export class NoMinerError extends LodeError {
  override readonly name = "NoMinerError";
  constructor(model: string) {
    super("no_miner", `No miner that serves ${model} is free; try again in a moment.`, { retryable: true });
  }
}

/** Every miner that the job was given to failed. */
export class JobFailedError extends LodeError {
  override readonly name = "JobFailedError";
  constructor(code: string, message: string, retryable = true) {
    super(code, message, { retryable });
  }
}
