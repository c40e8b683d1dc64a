/** Base of every error that a user may meet. The message is one sentence that says what to do next. */
export class LodeError extends Error {
  override readonly name: string = "LodeError";
  readonly code: string;
  /** Whether the same call can succeed later without a change. */
  readonly retryable: boolean;
  /** Exit code of a command that ends with this error. */
  readonly exitCode: number;

  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; retryable?: boolean; exitCode?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The first error of the cause chain that satisfies `matches`, the error itself first. */
export function findCause(error: unknown, matches: (error: Error) => boolean): Error | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 20 && current instanceof Error; depth++) {
    if (matches(current)) return current;
    current = current.cause;
  }
  return undefined;
}
