import { explainSystemError } from "@lode/sdk/errors";
import { exitCode, MinerError } from "../../../errors.ts";

/** What the exit codes of every audit mean, for its help. */
export const exitHelp = `Exit codes: 0 clean, 2 wrong usage, 6 findings, 7 something could not be checked (then nothing is known to be clean).`;

/** Ends with exit code 6 when something is wrong. */
export function throwIfFound(found: number): void {
  if (found === 0) return;
  const message = found === 1 ? "The audit found one thing wrong." : `The audit found ${found} things wrong.`;
  throw new MinerError("findings", message, { exitCode: exitCode.findings });
}

/** Ends with exit code 7 when nothing was found, and not everything could be looked at. */
export function throwIfUnchecked(liabilitiesUnchecked: number): void {
  if (liabilitiesUnchecked === 0) return;
  const message = `The liabilities of ${liabilitiesUnchecked} anchors could not be checked.`;
  throw new MinerError("unchecked", message, { exitCode: exitCode.unchecked });
}

/** What says something of its own, and nothing of the log. */
const ownCodes: readonly number[] = [exitCode.usage, exitCode.findings, exitCode.port];

/** Whatever keeps an audit from its end is exit code 7, but wrong usage, findings and a taken port keep theirs. */
export function asUnchecked(thrown: unknown): MinerError {
  if (thrown instanceof MinerError && ownCodes.includes(thrown.exitCode)) return thrown;
  const cause = explainSystemError(thrown) ?? thrown;
  const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
  const message = `The audit could not check everything: ${why}`;
  return new MinerError("unchecked", message, { cause, exitCode: exitCode.unchecked });
}
