import type { ReceiptCheckName } from "@lode/sdk/audit";

/** What each check is worth. */
export const meanings: Readonly<Record<ReceiptCheckName, string>> = {
  assignment_signed:
    "Its operator's key signed the assignment, which fixes prices, limits and the miner before any work.",
  quote_signed: "The coordinator committed to these prices in a quote of its own; it cannot name others afterwards.",
  receipt_signed: "The miner's operator key signed this receipt. Changing one token of the answer would break it.",
  receipt_belongs: "The receipt names exactly this assignment by its digest, which binds chain and contract too.",
  price_quoted: "Prices, fee, model and tier of the assignment equal those of the signed quote, in time.",
  amount_right: "Recalculated here, to the last wei, with what the quote's terms take off for a late first token.",
  limits_kept: "No more tokens and no more money than the assignment allows, before its deadline.",
  labelled: "Work of a polling miner is marked as hosted and names its wallet; other work is not.",
  staked: "At the time of the work, miner and coordinator had at least the minimum stake on the chain.",
  head_signed:
    "The coordinator's operator signed size and root of the log: showing others another log would be proof against it.",
  in_log: "A Merkle path leads from this receipt to the signed root, calculated in your browser.",
  anchored: "The same receipt leads to a root that was read from the chain: it can be neither taken back nor changed.",
};
