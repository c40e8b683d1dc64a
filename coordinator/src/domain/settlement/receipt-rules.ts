import type { Hex } from "@lode/sdk/hash";
import {
  allowedWei,
  finishReason,
  hostedCommitment,
  hostedEngineClass,
  type HostedWork,
  type Receipt,
} from "@lode/sdk/typed-data";
import { debitWei } from "./amounts.ts";
import type { OpenAttempt } from "./attempt.ts";

/** What the coordinator knows an attempt delivered: from the stream itself, or from its own signed acknowledgement. */
export interface Delivered {
  readonly count: number;
  readonly root: Hex;
}

/** Clocks of miner and coordinator may differ by this much. */
const clockSkewMs = 120_000n;
/** From so long after its quote's end on an audit holds a job's start against its coordinator. */
const quoteToleranceMs = 15n * 60_000n;

/** Why a receipt cannot settle an attempt, or undefined. Signatures are checked elsewhere. */
export function receiptProblem(
  attempt: OpenAttempt,
  receipt: Receipt,
  delivered: Delivered,
  nowMs: number,
  hosted?: HostedWork,
): string | undefined {
  const { assignment } = attempt;
  if (receipt.assignment !== attempt.digest) return "it names another assignment";
  const isHosted = assignment.engineClass === hostedEngineClass;
  if (receipt.hosted !== isHosted) return isHosted ? "it hides that it is hosted" : "this miner is not hosted";
  const commitment = hosted === undefined ? undefined : hostedCommitment(hosted);
  if (isHosted && receipt.fingerprintCommitment !== commitment) return "it does not name the polling miner";
  if (receipt.inputTokens > assignment.maxInputTokens) return "it counts more input tokens than the assignment allows";
  if (receipt.outputTokens > assignment.maxOutputTokens)
    return "it counts more output tokens than the assignment allows";
  if (receipt.outputTokens !== delivered.count)
    return `it counts ${receipt.outputTokens} tokens, ${delivered.count} were delivered`;
  if (receipt.outputCommitment !== delivered.root) return "its output is not what was delivered";
  const owedWei = debitWei(assignment, receipt.inputTokens, receipt.outputTokens);
  const { outputOffset } = assignment;
  const { outputTokens } = receipt;
  // A first token that was late by the quote's terms is paid less, and the miner's own amount says by which step.
  const allowed = allowedWei(owedWei, attempt.promise.service, { outputOffset, outputTokens });
  if (!allowed.includes(receipt.amountWei)) {
    return `its amount is ${receipt.amountWei} wei, the price gives ${allowed.join(" or ")}`;
  }
  if (receipt.amountWei > attempt.reservedWei) return "its amount exceeds what is reserved";
  if (receipt.finishReason > finishReason.cut) return "its finish reason is unknown";
  // Somebody else does the whole job then and bills the input, which the client pays for once.
  if (receipt.finishReason === finishReason.cut && receipt.outputTokens === 0)
    return "it was cut before the first token";
  if (receipt.finishedAtMs < receipt.startedAtMs) return "it ends before it starts";
  if (receipt.startedAtMs + clockSkewMs < BigInt(attempt.assignedAtMs)) return "it starts before its assignment";
  // A job's first miner was told of the end; who takes it over does so at the price of its beginning, however late.
  const lastMs = BigInt(attempt.promise.quote.expiresAt) * 1000n + quoteToleranceMs;
  if (assignment.attempt === 0 && receipt.startedAtMs > lastMs) return "it starts long after its quote had ended";
  if (receipt.finishedAtMs > BigInt(nowMs) + clockSkewMs) return "it ends in the future";
  return undefined;
}
