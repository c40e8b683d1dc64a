export { Audit, type AuditReport } from "./audit.ts";
export { findingKinds, type Finding, type FindingKind } from "./findings.ts";
export {
  checkReceipt,
  receiptChecks,
  type ReceiptChain,
  type ReceiptCheck,
  type ReceiptCheckName,
  type ReceiptEvidence,
  type ReceiptVerdict,
} from "./receipt.ts";
export type { StakeEvent } from "./stake-history.ts";
export type { Anchor, AuditContext, AuditEntry, AuditTotals, Collection, SignerGrant } from "./types.ts";
