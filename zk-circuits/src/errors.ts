/** What went wrong with a proof, with a code for whoever has to decide by it. */
export class ZkError extends Error {
  readonly code: "bad_input" | "no_key" | "prover_failed";
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: ZkError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ZkError";
    this.code = code;
    this.retryable = code === "prover_failed";
  }
}
