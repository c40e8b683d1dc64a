import type { ReceiptCheckName } from "@lode/sdk/audit";

/** What each check says, and what it is worth. */
export const meanings: Readonly<Record<ReceiptCheckName, { readonly title: string; readonly meaning: string }>> = {
  assignment_signed: {
    title: "The coordinator ordered this job",
    meaning: "Its operator's key signed the assignment, which fixes prices, limits and the miner before any work.",
  },
  quote_signed: {
    title: "The price was quoted and signed",
    meaning: "The coordinator committed to these prices in a quote of its own; it cannot name others afterwards.",
  },
  receipt_signed: {
    title: "The miner vouches for its work",
    meaning: "The miner's operator key signed this receipt. Changing one token of the answer would break it.",
  },
  receipt_belongs: {
    title: "Receipt and assignment belong together",
    meaning: "The receipt names exactly this assignment by its digest, which binds chain and contract too.",
  },
  price_quoted: {
    title: "The price is the quoted one",
    meaning: "Prices, fee, model and tier of the assignment equal those of the signed quote, in time.",
  },
  amount_right: {
    title: "The amount is tokens times price",
    meaning: "Recalculated here, to the last wei.",
  },
  limits_kept: {
    title: "Within what was agreed",
    meaning: "No more tokens and no more money than the assignment allows, before its deadline.",
  },
  labelled: {
    title: "Who did the work is said",
    meaning: "Work of a polling miner is marked as hosted and names its wallet; other work is not.",
  },
  staked: {
    title: "Both had something to lose",
    meaning: "At the time of the work, miner and coordinator had at least the minimum stake on the chain.",
  },
  head_signed: {
    title: "The log's head is signed",
    meaning:
      "The coordinator's operator signed size and root of the log: showing others another log would be proof against it.",
  },
  in_log: {
    title: "The receipt is in the log",
    meaning: "A Merkle path leads from this receipt to the signed root, calculated in your browser.",
  },
  anchored: {
    title: "The chain remembers it",
    meaning: "The same receipt leads to a root that was read from the chain: it can be neither taken back nor changed.",
  },
};
