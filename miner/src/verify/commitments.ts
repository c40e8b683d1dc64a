import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { assignmentDigest, finishReason, type Domain } from "@lode/sdk/typed-data";
import { commitFingerprints, noFingerprints, promptCommitment, samplerHash } from "@lode/protocol";
import { doubt, fault, type Reason } from "./report.ts";
import type { Transcript } from "./transcript.ts";

/**
 * Whether the disclosed data is what was signed. Data that is not may have been changed by whoever disclosed it: that shows
 * no fault of the miner's, and nothing else can be concluded from it. Throws nothing: odd parameters do not fit a hash.
 */
export function checkCommitments(domain: Domain, transcript: Transcript): Reason[] {
  const { assignment, receipt, jobSalt, inputIds, prefixIds, outputIds, sampler, prompt, fingerprints } = transcript;
  const offset = prefixIds.length;
  // A hosted receipt names the polling miner there.
  const committed = receipt.hosted ? noFingerprints : receipt.fingerprintCommitment;
  const shown = fingerprints === undefined ? noFingerprints : commitFingerprints(jobSalt, fingerprints, offset);
  const checks: [code: string, isSame: boolean, message: string][] = [
    [
      "other-assignment",
      receipt.assignment === assignmentDigest(domain, assignment),
      "The receipt is for another assignment.",
    ],
    [
      "other-sampler",
      assignment.samplerHash === samplerHash(sampler, transcript),
      "The sampler, the stop texts or the context are not the ones that were signed.",
    ],
    [
      "other-prefix",
      assignment.outputOffset === offset &&
        assignment.prefixCommitment === commitTokens(jobSalt, tokenSide.output, prefixIds),
      "The tokens before are not the ones that were signed.",
    ],
    [
      "other-input",
      receipt.inputCommitment === commitTokens(jobSalt, tokenSide.input, inputIds),
      "The prompt's tokens are not the ones that the receipt commits to.",
    ],
    [
      "other-output",
      receipt.outputCommitment === commitTokens(jobSalt, tokenSide.output, outputIds, offset),
      "The answer's tokens are not the ones that the receipt commits to.",
    ],
    [
      "other-prompt",
      prompt === undefined || assignment.promptCommitment === promptCommitment(prompt.salt, prompt.value),
      "The prompt is not the one that was signed.",
    ],
    [
      "other-fingerprints",
      shown === committed,
      "The fingerprints are missing or not the ones that the receipt commits to.",
    ],
  ];
  return checks.flatMap(([code, isSame, message]) => (isSame ? [] : [doubt(code, message)]));
}

/** Whether the receipt bills what was committed to. Every fault here is in what the miner signed. */
export function checkBill({ assignment, receipt, inputIds, outputIds, fingerprints }: Transcript): Reason[] {
  const { inputTokens, outputTokens, amountWei } = receipt;
  const { inputPriceWei, outputPriceWei, maxInputTokens, maxOutputTokens, maxAmountWei } = assignment;
  const found: Reason[] = [];
  const refuse = (code: string, message: string): void => void found.push(fault(code, message));
  if (inputTokens !== inputIds.length)
    refuse("input-count", `${inputTokens} prompt tokens are billed where ${inputIds.length} are committed to.`);
  if (outputTokens !== outputIds.length)
    refuse("output-count", `${outputTokens} output tokens are billed where ${outputIds.length} are committed to.`);
  if (inputTokens > maxInputTokens) refuse("input-count", "More prompt tokens are billed than were agreed.");
  if (outputTokens > maxOutputTokens) refuse("output-count", "More output tokens are billed than were agreed.");
  const due = BigInt(inputTokens) * inputPriceWei + BigInt(outputTokens) * outputPriceWei;
  if (amountWei !== due) refuse("amount", `${amountWei} wei are billed where the tokens cost ${due}.`);
  if (amountWei > maxAmountWei) refuse("amount", "More is billed than was agreed.");
  if (fingerprints !== undefined && fingerprints.length !== outputIds.length)
    refuse("fingerprint-count", "There is not one fingerprint for each output token.");
  if (!Object.values(finishReason).some((reason) => reason === receipt.finishReason))
    refuse("finish-reason", `The finish reason ${receipt.finishReason} is unknown.`);
  return found;
}
