export {
  anchorEvidence,
  commitmentTo,
  extendAnchors,
  shownAnchor,
  type AnchorEvidence,
  type ShownAnchor,
} from "./anchors.ts";
export { Audit, type AuditReport } from "./audit.ts";
export { leafOf, StreamReplay, type StreamName } from "./books.ts";
export { EntryChecker, type CheckedEntries } from "./entry-checker.ts";
export { clockToleranceMs } from "./entry-rules.ts";
export { findingKinds, type Dispute, type Finding, type FindingKind } from "./findings.ts";
export { remedies, remedyTable, type DisputeAct, type Remedy } from "./remedies.ts";
export { isSignedHead } from "./log-rules.ts";
export {
  checkReceipt,
  receiptChecks,
  receiptTitles,
  type ReceiptChain,
  type ReceiptCheck,
  type ReceiptCheckName,
  type ReceiptEvidence,
  type ReceiptVerdict,
} from "./receipt.ts";
export { packedBytes, PackedEntries } from "./packed.ts";
export { StakeHistory, type StakeEvent } from "./stake-history.ts";
export type {
  Anchor,
  AuditContext,
  AuditEntry,
  AuditTotals,
  CheckContext,
  Collection,
  EntryContext,
  Focus,
  Share,
  SignedHead,
  SignerGrant,
} from "./types.ts";
