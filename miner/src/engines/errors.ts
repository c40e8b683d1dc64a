import { LodeError } from "@lode/sdk/errors";

/** What can go wrong in an engine. */
export const engineErrorCodes = [
  "model-not-found",
  "model-corrupt",
  "model-unsupported",
  "model-timeout",
  "out-of-memory",
  "cpu-limit",
  "bad-request",
  "busy",
  "input-too-long",
  "schema-invalid",
  "schema-unsupported",
  "schema-too-large",
  "schema-unsatisfiable",
  "aborted",
  "engine-crashed",
  "engine-closed",
  "download-failed",
  "no-space",
] as const;
export type EngineErrorCode = (typeof engineErrorCodes)[number];

/** Exit codes of commands that end with such an error, where it is not 1. */
function exitCodeOf(code: EngineErrorCode): number | undefined {
  if (code.startsWith("model-")) return 9;
  return code === "download-failed" ? 4 : undefined;
}

/** Codes after which the same request may succeed: elsewhere, later, or in a reopened engine. */
const retryable: ReadonlySet<EngineErrorCode> = new Set([
  "engine-crashed",
  "engine-closed",
  "out-of-memory",
  "busy",
  "download-failed",
]);

/** Every failure of an engine or a model file. The message is one sentence for a user. */
export class EngineError extends LodeError {
  override readonly name = "EngineError";
  declare readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options: { cause?: unknown; exitCode?: number } = {}) {
    const exitCode = options.exitCode ?? exitCodeOf(code);
    super(code, message, {
      ...options,
      retryable: retryable.has(code),
      ...(exitCode !== undefined && { exitCode }),
    });
  }
}
