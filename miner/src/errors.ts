import { LodeError } from "@lode/sdk/errors";

/** A failure of the miner's own making or of what it depends on, with the exit code of a command that ends with it. */
export class MinerError extends LodeError {
  override readonly name = "MinerError";
  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; exitCode?: number; retryable?: boolean } = {},
  ) {
    super(code, message, options);
  }
}

/** Exit codes of `lode`: one for each thing that a script would handle differently. */
export const exitCode = {
  failed: 1,
  usage: 2,
  wallet: 3,
  unreachable: 4,
  refused: 5,
  findings: 6,
  unchecked: 7,
  port: 8,
  model: 9,
} as const;
