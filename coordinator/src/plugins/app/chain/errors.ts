import { LodeError } from "@lode/sdk/errors";

/** The chain cannot be reached, is another one than expected, or has no contracts where they should be. */
export class ChainError extends LodeError {
  override readonly name = "ChainError";
  constructor(code: string, message: string, cause?: unknown) {
    super(`chain_${code}`, message, { cause, exitCode: 4, retryable: true });
  }
}
