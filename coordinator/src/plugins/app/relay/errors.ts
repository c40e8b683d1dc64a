import { LodeError } from "@lode/sdk/errors";
import { failureText, type FailureCode } from "../../../domain/jobs/failure.ts";

/** Nobody can take the job now. */
export class NoMinerError extends LodeError {
  override readonly name = "NoMinerError";
  constructor(model: string) {
    super("no_miner", `No miner that serves ${model} is free; try again in a moment.`, { retryable: true });
  }
}

/** What no frame to a miner can hold. */
export class RequestTooLargeError extends LodeError {
  override readonly name = "RequestTooLargeError";
  constructor() {
    super("request_too_large", "The conversation and its tools are too large together; shorten them.");
  }
}

/** A model that makes pictures was asked for something else, or another one for a picture. */
export class WrongModelError extends LodeError {
  override readonly name = "WrongModelError";
  constructor(model: string, makesPictures: boolean) {
    const what = makesPictures ? "makes pictures only: ask for them at /v1/images/generations" : "makes no pictures";
    super("unsupported_model", `The model '${model}' ${what}.`);
  }
}

/** Work of polling miners, and a picture, cannot be repeated by anybody. */
export class UnsupportedTierError extends LodeError {
  override readonly name = "UnsupportedTierError";
  constructor(model: string) {
    super(
      "unsupported_tier",
      `What ${model} makes cannot be computed again: it can be asked for with the tier hash only.`,
    );
  }
}

/** This coordinator takes no new jobs. */
export class StoppingError extends LodeError {
  override readonly name = "StoppingError";
  constructor() {
    super("stopping", "This coordinator is stopping; try again in a moment.", { retryable: true });
  }
}

/** No miner finished the job. */
export class JobFailedError extends LodeError {
  override readonly name = "JobFailedError";
  readonly failure: FailureCode;
  constructor(failure: FailureCode) {
    const [code, message] = describe(failure);
    super(code, message, { retryable: code === "upstream_failed" || code === "no_miner" });
    this.failure = failure;
  }
}

/** Whether nothing failed: the miner was full, or leaves. */
export function isWantOfRoom(failure: FailureCode): boolean {
  return failure === "busy" || failure === "draining";
}

function describe(failure: FailureCode): [code: string, message: string] {
  if (isWantOfRoom(failure))
    return ["no_miner", "Every miner that could take this job is full; try again in a moment."];
  switch (failure) {
    case "input_too_long":
      return ["context_length_exceeded", "The messages are longer than the model's context; shorten them."];
    case "bad_request":
      return ["unsupported_request", "The model's engine cannot do this request; change its options."];
    default:
      return [
        "upstream_failed",
        `Every miner that could take this job failed; of the last one: ${failureText[failure]}.`,
      ];
  }
}
