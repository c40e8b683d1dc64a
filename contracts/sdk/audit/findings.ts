/** What an audit can find, each with the sentence that explains it. */
export const findingKinds = {
  entry_malformed: "A log entry cannot be read.",
  entry_misplaced: "A log entry does not stand where its index says.",
  assignment_signature_invalid: "An assignment is not signed by its coordinator's operator.",
  receipt_signature_invalid: "A receipt is not signed by its miner's operator: the receipt or its output was changed.",
  quote_signature_invalid: "A quote is not signed by the coordinator's operator.",
  receipt_orphaned: "A receipt does not belong to the assignment beside it.",
  receipt_repeated: "An assignment has two receipts, or a job counter was used twice.",
  price_not_quoted: "An assignment's prices differ from the signed quote.",
  quote_expired: "A job was assigned after its quote had expired.",
  amount_wrong: "A receipt's amount is not tokens times price.",
  limit_exceeded: "A receipt exceeds what its assignment allows.",
  hosted_mislabelled: "A receipt hides that it is hosted, or says so of work that a miner's own engine did.",
  hosted_unnamed: "A hosted receipt does not commit to the polling miner that the log names for it.",
  time_implausible: "A receipt's times are impossible, or later than its deadline allows.",
  stake_missing: "A miner or coordinator had too little stake when it worked.",
  debit_missing: "A receipt is not in its client's stream where the log says.",
  credit_missing: "A receipt is not in its miner's stream where the log says.",
  head_signature_invalid: "The log's head is not signed by the coordinator's operator.",
  log_incomplete: "The log does not show all the entries that its head counts.",
  log_root_wrong: "The entries do not give the root that the coordinator signed.",
  log_shrank: "The log is smaller than an anchor on the chain.",
  log_forked: "The entries do not give the root that is anchored on the chain.",
  voucher_signature_invalid: "A voucher is not signed by a key that may sign for its payer.",
  voucher_cap_exceeded: "A voucher promises more than its signer may.",
  voucher_exceeds_receipts: "A voucher promises more, or counts more, than its receipts.",
  voucher_root_wrong: "A voucher's tree does not hold the receipts of its stream.",
  voucher_missing: "Receipts are in the log that no voucher covers.",
  collected_exceeds_voucher: "More was collected on the chain than vouchers promise.",
  collected_unbacked: "A collected voucher does not match the receipts in the log.",
} as const;

export type FindingKind = keyof typeof findingKinds;

/** Something that is wrong, with what is needed to show it to somebody else. */
export interface Finding {
  readonly kind: FindingKind;
  readonly message: string;
  /** Log index, when the finding is about one entry. */
  readonly index?: number | undefined;
  readonly evidence: Readonly<Record<string, string | number | boolean>>;
}
