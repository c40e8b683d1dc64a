import { LodeError } from "@lode/sdk/errors";

/** What can go wrong in an engine. */
export type EngineErrorCode =
  | "model-not-found"
  | "model-corrupt"
  | "model-unsupported"
  | "out-of-memory"
  | "bad-request"
  | "input-too-long"
  | "schema-invalid"
  | "schema-unsupported"
  | "schema-too-large"
  | "schema-unsatisfiable"
  | "aborted"
  | "engine-crashed"
  | "engine-closed"
  | "download-failed";

/** Exit code of a command that ends with a model file it cannot use. */
const badModelExitCode = 9;

/** Codes after which the same request may succeed: elsewhere, later, or in a reopened engine. */
const retryable: ReadonlySet<EngineErrorCode> = new Set([
  "engine-crashed",
  "engine-closed",
  "out-of-memory",
  "download-failed",
]);

/** Every failure of an engine or a model file. The message is one sentence for a user. */
export class EngineError extends LodeError {
  override readonly name = "EngineError";
  declare readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(code, message, {
      ...options,
      retryable: retryable.has(code),
      ...(code.startsWith("model-") ? { exitCode: badModelExitCode } : {}),
    });
  }
}
