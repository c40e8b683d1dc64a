import type { LogEntry } from "@lode/protocol";
import { priceWeiOf, refundWeiOf, serviceOf, type ServiceTerms } from "@lode/sdk/typed-data";

/** How soon a receipt's first token was promised, and what lateness took off its price. */
export interface ReceiptPromise {
  readonly withinMs: number;
  /** What the tokens cost at the quoted prices, wei. */
  readonly priceWei: bigint;
  readonly refundWei: bigint;
}

/** Undefined where nothing was promised of this receipt's tokens, or terms are shown that were not signed: the checks name those. */
export function promiseOf({ quote, service, assignment, receipt }: LogEntry): ReceiptPromise | undefined {
  let terms: ServiceTerms | undefined;
  try {
    terms = serviceOf(quote.salt, service);
  } catch {
    return undefined;
  }
  const { outputOffset } = assignment;
  const { outputTokens } = receipt;
  const [first] = terms?.steps ?? [];
  // Only the miner with a job's first token promised it.
  if (first === undefined || outputOffset > 0 || outputTokens === 0) return undefined;
  const prices = {
    inputPriceWei: BigInt(assignment.inputPriceWei),
    outputPriceWei: BigInt(assignment.outputPriceWei),
  };
  const priceWei = priceWeiOf(prices, receipt);
  const refundWei = refundWeiOf(priceWei, BigInt(receipt.amountWei), terms, { outputOffset, outputTokens });
  return { withinMs: first.afterMs, priceWei, refundWei };
}
