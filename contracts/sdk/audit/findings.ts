/** What an audit can find, each with the sentence that explains it. */
export const findingKinds = {
  entry_malformed: "A log entry cannot be read.",
  entry_misplaced: "A log entry does not stand where its index says.",
  assignment_signature_invalid: "An assignment is not signed by its coordinator's operator.",
  receipt_signature_invalid: "A receipt is not signed by its miner's operator: the receipt or its output was changed.",
  quote_signature_invalid: "A quote is not signed by the coordinator's operator.",
  output_billed_twice: "Two attempts of one job bill the same tokens of its output, or its input twice.",
  receipt_orphaned: "A receipt does not belong to the assignment beside it.",
  receipt_repeated: "An assignment has two receipts, or its receipt stands in the log twice.",
  job_reused: "Two assignments have the same job counter and attempt, or are attempts of one job on different terms.",
  price_not_quoted: "An assignment's prices differ from the signed quote.",
  model_mismatch: "An assignment names another model than its signed quote.",
  fee_above_cap: "A coordinator kept more of a receipt than the highest fee allows.",
  quote_expired: "A job was assigned after its quote had expired.",
  quote_too_long: "A quote holds for longer than any may, or was made after the work that it prices.",
  service_terms_wrong: "The service terms beside a quote are not those that it was signed with, or are held back.",
  amount_wrong: "A receipt's amount is not tokens times price, nor what the quote's service terms leave of that.",
  limit_exceeded: "A receipt exceeds what its assignment allows.",
  hosted_mislabelled: "A receipt hides that it is hosted, or says so of work that a miner's own engine did.",
  hosted_unnamed: "A hosted receipt does not commit to the polling miner that the log names for it.",
  cloud_credited: "Work of a cloud was credited to somebody: no miner did it.",
  time_implausible: "A receipt's times are impossible, or later than its deadline allows.",
  clock_skew:
    "A receipt or a head is dated later than the anchor that holds it, or than now, or a day before what was logged earlier.",
  stake_missing: "A miner or coordinator had too little stake when it worked.",
  miner_unregistered: "A receipt names a miner that was not registered as one when it worked.",
  debit_missing: "A receipt is not in its client's stream where the log says.",
  credit_missing: "A receipt is not in its miner's stream where the log says.",
  head_signature_invalid: "The log's head is not signed by the coordinator's operator.",
  log_incomplete: "The log does not show all the entries that its head counts.",
  log_root_wrong: "The entries do not give the root that the coordinator signed.",
  log_shrank: "The log is smaller than an anchor on the chain, or than a head that the coordinator signed before.",
  log_forked: "The entries do not give the root that is anchored on the chain.",
  split_view: "The coordinator signed another log than this one: it shows different logs to different people.",
  anchor_missing: "The anchors that the node shows are not all that the chain took: it hides one.",
  anchor_overdue: "Receipts stay, or stayed, out of the chain's anchors for more than a day.",
  anchor_reorged: "An anchor that stood deep in the chain is not there any more, or says something else.",
  liabilities_wrong: "The anchored liabilities are not what the log's receipts add up to, less what was collected.",
  liabilities_uncovered:
    "The coordinator owes its miners more than its pool, its stake and its clients' vouchers cover.",
  voucher_signature_invalid: "A voucher is not signed by a key that may sign for its payer.",
  voucher_cap_exceeded: "A voucher promises more than its signer may.",
  voucher_exceeds_receipts: "A voucher promises more, or counts more, than its receipts.",
  voucher_root_wrong: "A voucher's tree does not hold the receipts of its stream.",
  voucher_missing: "Receipts are in the log that no voucher covers.",
  voucher_uncollectable:
    "The chain does not pay a voucher: it is of a kind that there is not, or of another epoch than its payer's money.",
  collected_exceeds_voucher: "More was collected on the chain than vouchers promise.",
  collected_unbacked: "A collected voucher does not match the receipts in the log.",
} as const;

export type FindingKind = keyof typeof findingKinds;

/** How a finding is taken to the contracts: the act of `lode dispute` and its evidence, as that act's file holds it. */
export interface Dispute {
  readonly act: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Something that is wrong, with what is needed to show it to somebody else. */
export interface Finding {
  readonly kind: FindingKind;
  readonly message: string;
  /** Log index, when the finding is about one entry. */
  readonly index?: number | undefined;
  readonly evidence: Readonly<Record<string, string | number | boolean>>;
  /** Present where a contract judges the fault and everything that it wants to see is at hand. */
  readonly dispute?: Dispute | undefined;
}
