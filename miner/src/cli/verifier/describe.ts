import type { VerifierEvent } from "../../verifier/index.ts";
import { showAmount } from "../amounts.ts";

/** What a verifier tells, in one line for a person. */
export function describeVerifier(event: VerifierEvent): string {
  switch (event.event) {
    case "joined":
      return `juror ${event.juror}, weight ${event.weight}`;
    case "scheduled":
      return `draw of anchor ${event.epoch} of ${event.coordinator} scheduled`;
    case "looked":
      return `draw of anchor ${event.epoch} of ${event.coordinator} covers ${event.receipts} receipts by now`;
    case "drawn":
      return `receipt ${event.receipt} of ${event.miner} ${event.naming === "rate" ? "was drawn" : "is its miner's lot"}: to be checked`;
    case "named":
      return `receipt ${event.receipt} was drawn by anchor ${event.epoch} too: the court hears of it`;
    case "disclosed":
      return `transcript of ${event.receipt} came by ${event.way}`;
    case "handed-on":
      return `transcript of ${event.receipt} handed on to ${event.to}`;
    case "checked":
      return `receipt ${event.receipt} is ${event.verdict}: ${event.reason}`;
    case "filed":
      return `accused for ${event.receipt}, bond ${showAmount(BigInt(event.bondWei))}`;
    case "jury-drawn":
      return `case ${event.caseId}: jury drawn`;
    case "committed":
      return `case ${event.caseId}: committed to "${event.verdict}" (${event.reason})`;
    case "commits-closed":
      return `case ${event.caseId}: all committed, positions are drawn`;
    case "revealed":
      return `case ${event.caseId}: revealed`;
    case "settled":
      return `case ${event.caseId}: settled`;
    case "decided":
      return `case ${event.caseId} ended: ${event.verdict}${event.fee ? ", fee earned" : ""}`;
    case "warning":
      return `warning: ${event.message}`;
  }
}
