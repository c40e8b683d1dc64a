import { isInBatch, recoverBatchSigner, type SignedLeaf } from "../batch/index.ts";
import type { Hex } from "../hash/index.ts";
import { recoverAddress } from "../keys/recover.ts";
import {
  allowedWei,
  cloudEngineClass,
  digestOf,
  fromWire,
  hashStruct,
  hostedCommitment,
  hostedEngineClass,
  priceWeiOf,
  quoteSeconds,
  refundWeiOf,
  serviceOf,
  wholeFeePpm,
  type Assignment,
  type BatchName,
  type Domain,
  type HostedWork,
  type PromisedOutput,
  type Quote,
  type Receipt,
  type ServiceTerms,
} from "../typed-data/index.ts";
import type { FindingKind } from "./findings.ts";
import type { StakeHistory } from "./stake-history.ts";
import { lastAttempt } from "./turns.ts";
import type { AuditEntry, EntryContext } from "./types.ts";

/** Clocks of chain, coordinator and miners may differ by this much, and a development chain runs ahead in bursts. */
export const clockToleranceMs = 15 * 60_000;

/** How long a job may go on: another miner takes it over at the price that was quoted when it began. */
const longestJobMs = 86_400_000;

const roleMiner = 1;
const roleCoordinator = 2;

export interface ReadEntry {
  readonly assignment: Assignment;
  readonly quote: Quote;
  readonly quoteHash: Hex;
  readonly receipt: Receipt;
  readonly receiptHash: Hex;
  readonly assignmentHash: Hex;
  /** Digest of the assignment: the attempt's id. */
  readonly digest: Hex;
  /** The polling miner that the log names and the receipt commits to. */
  readonly hosted: HostedWork | undefined;
  /** What the quote promises of the first token; "wrong" where what the log shows is not what was signed. */
  readonly service: ServiceTerms | "wrong" | undefined;
}

export type Problem = readonly [FindingKind, string];

/** Recovers signers, one recovery for all leaves of a batch. */
export class SignerCache {
  readonly #domain: Domain;
  readonly #signers = new Map<string, Hex | undefined>();

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  batch(name: BatchName, leaf: Hex, signed: SignedLeaf): Hex | undefined {
    if (!isInBatch(leaf, signed)) return undefined;
    const key = `${name}${signed.root}${signed.count}${signed.signature}`;
    return this.#remember(key, () => recoverBatchSigner(this.#domain, name, signed));
  }

  quote(quoteHash: Hex, signature: Hex): Hex | undefined {
    return this.#remember(quoteHash + signature, () => recoverAddress(digestOf(this.#domain, quoteHash), signature));
  }

  #remember(key: string, recover: () => Hex): Hex | undefined {
    if (this.#signers.has(key)) return this.#signers.get(key);
    let signer: Hex | undefined;
    try {
      signer = recover();
    } catch {
      signer = undefined;
    }
    if (this.#signers.size > 4096) this.#signers.clear();
    this.#signers.set(key, signer);
    return signer;
  }
}

/** Reads an entry; throws when a field is missing or out of range. */
export function readEntry(domain: Domain, entry: AuditEntry): ReadEntry {
  const assignment = fromWire("Assignment", entry.assignment);
  const receipt = fromWire("Receipt", entry.receipt);
  const quote = fromWire("Quote", entry.quote);
  const named = entry.hosted === undefined ? undefined : readHosted(entry.hosted);
  const isBound = receipt.hosted && named !== undefined && receipt.fingerprintCommitment === hostedCommitment(named);
  const assignmentHash = hashStruct("Assignment", assignment);
  return {
    assignment,
    quote,
    quoteHash: hashStruct("Quote", quote),
    receipt,
    receiptHash: hashStruct("Receipt", receipt),
    assignmentHash,
    digest: digestOf(domain, assignmentHash),
    hosted: isBound ? named : undefined,
    service: readService(quote, entry.service),
  };
}

function readService({ salt }: Quote, shown: unknown): ReadEntry["service"] {
  try {
    return serviceOf(salt, shown);
  } catch {
    return "wrong";
  }
}

function readHosted({ wallet, work }: HostedWork): HostedWork {
  const isRead = /^0x[0-9a-fA-F]{40}$/.test(wallet) && /^0x[0-9a-fA-F]{64}$/.test(work);
  if (!isRead) throw new TypeError("the polling miner that it names cannot be read");
  return { wallet: wallet.toLowerCase() as Hex, work: work.toLowerCase() as Hex };
}

/** Everything that can be wrong with one entry by itself. */
export function entryProblems(
  entry: AuditEntry,
  read: ReadEntry,
  context: EntryContext,
  stakes: StakeHistory,
  signers: SignerCache,
): Problem[] {
  return [
    ...signatureProblems(entry, read, context, stakes, signers),
    ...priceProblems(read, context),
    ...limitProblems(read),
    ...hostedProblems(entry, read),
    ...cloudProblems(read),
    ...stakeProblems(read, context, stakes),
  ];
}

function spanOf({ receipt }: ReadEntry): [number, number] {
  return [Number(receipt.startedAtMs) - clockToleranceMs, Number(receipt.finishedAtMs) + clockToleranceMs];
}

function signatureProblems(
  entry: AuditEntry,
  read: ReadEntry,
  { coordinator }: EntryContext,
  stakes: StakeHistory,
  signers: SignerCache,
): Problem[] {
  const { assignment, assignmentHash, quoteHash, receipt, receiptHash, digest } = read;
  const problems: Problem[] = [];
  const mine = stakes.operators(coordinator, ...spanOf(read));
  const theirs = stakes.operators(assignment.miner, ...spanOf(read));
  const isBy = (signer: Hex | undefined, operators: readonly Hex[]): boolean =>
    signer !== undefined && operators.includes(signer);
  if (!isBy(signers.batch("AssignmentBatch", assignmentHash, entry.assignmentBatch), mine)) {
    problems.push(["assignment_signature_invalid", "the assignment is not signed by the coordinator's operator"]);
  }
  if (!isBy(signers.quote(quoteHash, entry.quoteSignature), mine)) {
    problems.push(["quote_signature_invalid", "the quote is not signed by the coordinator's operator"]);
  }
  if (!isBy(signers.batch("ReceiptBatch", receiptHash, entry.receiptBatch), theirs)) {
    problems.push(["receipt_signature_invalid", `the receipt is not signed by the operator of ${assignment.miner}`]);
  }
  if (assignment.coordinator !== coordinator || receipt.assignment !== digest) {
    problems.push(["receipt_orphaned", "the receipt names another assignment"]);
  }
  return problems;
}

function priceProblems(read: ReadEntry, context: EntryContext): Problem[] {
  const { assignment, quote, quoteHash, receipt } = read;
  const problems: Problem[] = [];
  const inputPriceWei = assignment.outputOffset === 0 ? quote.inputPriceWei : 0n;
  const isQuoted =
    assignment.quoteHash === quoteHash &&
    assignment.inputPriceWei === inputPriceWei &&
    assignment.outputPriceWei === quote.outputPriceWei &&
    assignment.feePpm === quote.feePpm &&
    assignment.tier === quote.tier &&
    assignment.coordinator === quote.coordinator;
  if (!isQuoted) problems.push(["price_not_quoted", "the assignment's terms are not those of the signed quote"]);
  if (assignment.modelDigest !== quote.modelDigest) {
    problems.push(["model_mismatch", `the assignment is for ${assignment.modelDigest}, the quote another model's`]);
  }
  const capPpm = Math.min(context.maximumFeePpm ?? wholeFeePpm, wholeFeePpm);
  // A cloud's work has no miner whose share a fee could take.
  if (assignment.feePpm > (assignment.engineClass === cloudEngineClass ? wholeFeePpm : capPpm)) {
    problems.push(["fee_above_cap", `a fee of ${assignment.feePpm} millionths, at most ${capPpm} are allowed`]);
  }
  // A quote is for a job: whoever takes it over when a miner is lost does so at the same price, however late.
  const lastMs = Number(quote.expiresAt) * 1000 + clockToleranceMs + (assignment.attempt > 0 ? longestJobMs : 0);
  if (Number(receipt.startedAtMs) > lastMs) {
    problems.push(["quote_expired", "work began after the quote had expired"]);
  }
  // A quote comes before its work. One that holds for longer brings an old price to whom its coordinator likes.
  const firstMs = (Number(quote.expiresAt) - quoteSeconds) * 1000 - clockToleranceMs;
  if (Number(receipt.startedAtMs) < firstMs) {
    problems.push(["quote_too_long", `its quote ends more than ${quoteSeconds} s after the work began`]);
  }
  problems.push(...amountProblems(read));
  return problems;
}

/** A miner whose first token came late signs for less; what the terms do not name is as wrong as without any. */
function amountProblems({ assignment, receipt, service }: ReadEntry): Problem[] {
  const problems: Problem[] = [];
  if (service === "wrong") {
    problems.push(["service_terms_wrong", "the quote was not signed with the service terms that the log shows for it"]);
  }
  const allowed = allowedWei(priceWeiOf(assignment, receipt), termsOf(service), outputOf({ assignment, receipt }));
  if (!allowed.includes(receipt.amountWei)) {
    const expected = allowed.join(" or ");
    problems.push(["amount_wrong", `the receipt says ${receipt.amountWei} wei, tokens times price give ${expected}`]);
  }
  return problems;
}

/** What lateness took off an entry's price, wei; 0 where its amount is wrong. */
export function refundOf({ assignment, receipt, service }: ReadEntry): bigint {
  const priceWei = priceWeiOf(assignment, receipt);
  return refundWeiOf(priceWei, receipt.amountWei, termsOf(service), outputOf({ assignment, receipt }));
}

const termsOf = (service: ReadEntry["service"]): ServiceTerms | undefined =>
  service === "wrong" ? undefined : service;

const outputOf = ({ assignment, receipt }: Pick<ReadEntry, "assignment" | "receipt">): PromisedOutput => ({
  outputOffset: assignment.outputOffset,
  outputTokens: receipt.outputTokens,
});

function limitProblems({ assignment, receipt }: ReadEntry): Problem[] {
  const problems: Problem[] = [];
  const isWithin =
    receipt.inputTokens <= assignment.maxInputTokens &&
    receipt.outputTokens <= assignment.maxOutputTokens &&
    receipt.amountWei <= assignment.maxAmountWei;
  if (!isWithin) problems.push(["limit_exceeded", "the receipt exceeds the assignment's tokens or amount"]);
  if (assignment.attempt > lastAttempt) {
    const message = `it is attempt ${assignment.attempt} of its job, ${lastAttempt} is the last that there may be`;
    problems.push(["limit_exceeded", message]);
  }
  // Stake and keys are those of the time that a receipt names: one that reaches far back would find them in any state.
  const isTimely =
    receipt.startedAtMs <= receipt.finishedAtMs &&
    receipt.finishedAtMs - receipt.startedAtMs <= BigInt(longestJobMs) &&
    Number(receipt.finishedAtMs) <= Number(assignment.deadline) * 1000 + clockToleranceMs;
  if (!isTimely) {
    const message = "the receipt ends before it starts, more than a day after, or long after its deadline";
    problems.push(["time_implausible", message]);
  }
  return problems;
}

/** The host itself is the miner of the assignment: its signature and its stake are checked like everybody's. */
function hostedProblems(entry: AuditEntry, { assignment, receipt, hosted }: ReadEntry): Problem[] {
  const isHosted = assignment.engineClass === hostedEngineClass;
  if (receipt.hosted !== isHosted || (entry.hosted !== undefined && !receipt.hosted)) {
    const message = isHosted ? "its receipt is not marked so" : "it is marked as hosted";
    return [["hosted_mislabelled", `the work is ${isHosted ? "hosted" : "not hosted"}, but ${message}`]];
  }
  if (!isHosted || hosted !== undefined) return [];
  return [["hosted_unnamed", "the receipt does not commit to the polling miner that did the work"]];
}

/** The wallet that signs as a cloud's miner is its coordinator's own, and must not look like somebody who earns. */
function cloudProblems({ assignment }: ReadEntry): Problem[] {
  if (assignment.engineClass !== cloudEngineClass || assignment.feePpm === wholeFeePpm) return [];
  return [
    ["cloud_credited", `${wholeFeePpm - assignment.feePpm} millionths of a cloud's work are credited to a miner`],
  ];
}

function stakeProblems(read: ReadEntry, context: EntryContext, stakes: StakeHistory): Problem[] {
  const problems: Problem[] = [];
  const { miner } = read.assignment;
  if (!stakes.hasRole(miner, roleMiner)) {
    problems.push(["miner_unregistered", `${miner} is not registered as a miner`]);
  } else if (stakes.mostStakedWei(miner, roleMiner, ...spanOf(read)) < context.minimumMinerWei) {
    problems.push(["stake_missing", `miner ${miner} had less than the minimum staked`]);
  }
  if (stakes.mostStakedWei(context.coordinator, roleCoordinator, ...spanOf(read)) < context.minimumCoordinatorWei) {
    problems.push(["stake_missing", `coordinator ${context.coordinator} had less than the minimum staked`]);
  }
  return problems;
}
