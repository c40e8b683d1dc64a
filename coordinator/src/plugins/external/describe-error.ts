import { LodeError } from "@lode/sdk/errors";

/** An error as it may be logged. */
export interface DescribedError {
  readonly [field: string]: unknown;
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: string;
  readonly cause?: DescribedError;
}

const maximumCauses = 4;

/**
 * What a log line says of an error: where it came from, and its message only where that is our own or the system's. The
 * messages of parsers quote what they read, and other properties can hold whole requests.
 */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "", stack: "" };
  const { code } = error as { code?: unknown };
  const isSystem = (error as { syscall?: unknown }).syscall !== undefined;
  const isTold = error instanceof LodeError || isSystem;
  const frames = framesOf(error);
  return {
    type: error.name,
    message: isTold ? error.message : "(not logged)",
    stack: frames.slice(0, 12).join("\n"),
    ...(typeof code === "string" && { code }),
    ...(error.cause !== undefined && depth < maximumCauses && { cause: describeError(error.cause, depth + 1) }),
  };
}

/**
 * The calls alone. A message of several lines stands before them, and one of its lines can look like a call: where it is not found,
 * because it was changed later, nothing is told.
 */
function framesOf({ stack = "", message }: Error): string[] {
  const from = stack.indexOf(message);
  if (from === -1) return [];
  return stack
    .slice(from + message.length)
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
}
