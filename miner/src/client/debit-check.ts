import { verifySignedLeaf } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import { recoverTypedData } from "@lode/sdk/keys";
import { CompactRange } from "@lode/sdk/merkle";
import {
  allowedWei,
  assignmentDigest,
  fromWire,
  hashStruct,
  serviceOf,
  type Assignment,
  type Domain,
  type Receipt,
  type ServiceTerms,
} from "@lode/sdk/typed-data";
import type { LogEntry } from "@lode/protocol";

/** A request that this gateway sent on, as far as it bounds what may be billed for it. */
export interface SentRequest {
  readonly bodyBytes: number;
  readonly answerBytes: number;
  /** Output tokens that it asked for at most, over all its answers; undefined when it did not say. */
  readonly maxOutputTokens: number | undefined;
  /** Output tokens billed for it so far. */
  readonly billedTokens: number;
}

export interface DebitContext {
  readonly domain: Domain;
  readonly client: Hex;
  readonly coordinator: Hex;
  readonly coordinatorOperator: Hex;
  /** Highest prices of a token that the client takes, wei. */
  readonly maxInputPriceWei: bigint;
  readonly maxOutputPriceWei: bigint;
  /** The key that signs for a miner, from the chain. */
  operatorOf(miner: Hex): Promise<Hex>;
}

/** What a template may put around a request's texts, tokens. */
const templateTokens = 4096;

/** Why a debit is not owed, or undefined. Everything in it is signed by somebody, or it is nothing. */
export async function debitProblem(
  entry: LogEntry,
  sent: SentRequest | undefined,
  context: DebitContext,
): Promise<string | undefined> {
  const { domain, client, coordinator, coordinatorOperator } = context;
  const assignment = fromWire("Assignment", entry.assignment);
  const quote = fromWire("Quote", entry.quote);
  const receipt = fromWire("Receipt", entry.receipt);
  if (sent === undefined) return "it is for a request that did not go through this gateway";
  if (assignment.client !== client || assignment.coordinator !== coordinator) return "it is between others";
  if (receipt.assignment !== assignmentDigest(domain, assignment)) return "its receipt names another assignment";
  const signers = signersOf(entry, domain);
  if (signers === undefined) return "a signature or path in it is invalid";
  if (signers.assignment !== coordinatorOperator || signers.quote !== coordinatorOperator) {
    return "the coordinator did not sign its assignment and quote";
  }
  if (signers.receipt !== (await context.operatorOf(assignment.miner))) return "its miner did not sign the receipt";
  if (assignment.quoteHash !== hashStruct("Quote", quote)) return "its quote is not the one that was assigned";
  const inputPriceWei = assignment.outputOffset === 0 ? quote.inputPriceWei : 0n;
  if (assignment.inputPriceWei !== inputPriceWei || assignment.outputPriceWei !== quote.outputPriceWei) {
    return "its prices are not the quoted ones";
  }
  if (inputPriceWei > context.maxInputPriceWei || quote.outputPriceWei > context.maxOutputPriceWei) {
    return "its prices are above those that this gateway takes";
  }
  let service: ServiceTerms | undefined;
  try {
    service = serviceOf(quote.salt, entry.service);
  } catch {
    return "its service terms are not those that the quote was signed with";
  }
  return amountProblem(receipt, assignment, service, sent);
}

function amountProblem(
  receipt: Receipt,
  { inputPriceWei, outputPriceWei, outputOffset }: Assignment,
  service: ServiceTerms | undefined,
  sent: SentRequest,
): string | undefined {
  const { inputTokens, outputTokens, amountWei } = receipt;
  const owedWei = BigInt(inputTokens) * inputPriceWei + BigInt(outputTokens) * outputPriceWei;
  if (!allowedWei(owedWei, service, { outputOffset, outputTokens }).includes(amountWei))
    return `it asks for ${amountWei} wei, its tokens cost ${owedWei}`;
  if (inputTokens > sent.bodyBytes + templateTokens) return "it counts more input than the request can hold";
  const billed = sent.billedTokens + outputTokens;
  if (billed > sent.answerBytes) return "it counts more output than came";
  if (billed > (sent.maxOutputTokens ?? Infinity)) return "it counts more output than was asked for";
  return undefined;
}

function signersOf(
  entry: LogEntry,
  domain: Domain,
): Readonly<Record<"assignment" | "quote" | "receipt", Hex>> | undefined {
  const assignmentHash = hashStruct("Assignment", fromWire("Assignment", entry.assignment));
  const receiptHash = hashStruct("Receipt", fromWire("Receipt", entry.receipt));
  try {
    return {
      assignment: verifySignedLeaf(domain, "AssignmentBatch", assignmentHash, entry.assignmentBatch),
      quote: recoverTypedData(domain, "Quote", fromWire("Quote", entry.quote), entry.quoteSignature),
      receipt: verifySignedLeaf(domain, "ReceiptBatch", receiptHash, entry.receiptBatch),
    };
  } catch {
    return undefined;
  }
}

/** The client's own account of its debits: what its next voucher promises. */
export class DebitTree {
  readonly #range = new CompactRange();
  readonly #seen = new Set<Hex>();
  cumulativeWei = 0n;

  get count(): number {
    return this.#range.size;
  }

  root(): Hex {
    return this.#range.root();
  }

  /** Whether an assignment is debited already. */
  has(assignment: Hex): boolean {
    return this.#seen.has(assignment);
  }

  append(receipt: Receipt): void {
    this.#range.append(hashStruct("Receipt", receipt));
    this.#seen.add(receipt.assignment);
    this.cumulativeWei += receipt.amountWei;
  }
}
