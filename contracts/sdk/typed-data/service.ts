import { bytesToHex, canonicalJson, concat, hexToBytes, keccak, type Hex } from "../hash/index.ts";

/** What a first token later than this many milliseconds is still paid, in millionths of the price. */
export interface ServiceStep {
  readonly afterMs: number;
  readonly payPpm: number;
}

/**
 * How soon a quote promises the first token, and what lateness takes off. The clock is the miner's: from when it took the job until
 * its first token left. The quote's salt is a commitment to this, so that the coordinator's signature covers it; a miner agrees by
 * serving, and signs the step that its own lateness came to as the amount of its receipt.
 */
export interface ServiceTerms {
  /** Later and cheaper from one to the next. */
  readonly steps: readonly ServiceStep[];
  /** Makes the commitment, and so the quote, one of its kind. */
  readonly nonce: Hex;
}

/** Most steps that terms may have. */
export const mostServiceSteps = 8;

const wholePpm = 1_000_000;
const longestMs = 0xffff_ffff;

/** The salt of a promising quote begins with it: nobody can hold back terms that the salt says are there. */
const mark = new TextEncoder().encode("SLA1");
const markHex = bytesToHex(mark);

/** The salt of a quote that promises these terms. */
export function serviceSalt({ steps, nonce }: ServiceTerms): Hex {
  const text = canonicalJson({ steps: steps.map(({ afterMs, payPpm }) => [afterMs, payPpm]) });
  const hash = hexToBytes(keccak(concat(hexToBytes(nonce), new TextEncoder().encode(text))));
  return bytesToHex(concat(mark, hash.subarray(mark.length)));
}

/** Whether a quote with this salt promises something. */
export function isPromising(salt: Hex): boolean {
  return salt.startsWith(markHex);
}

/**
 * Terms from JSON. Throws TypeError for what is none: a step that is not later and cheaper than the one before, or pays more than
 * everything.
 */
export function readServiceTerms(value: unknown): ServiceTerms {
  const refuse = (): never => {
    throw new TypeError("the service terms cannot be read");
  };
  const { steps, nonce } = (value ?? {}) as { steps?: unknown; nonce?: unknown };
  if (!Array.isArray(steps) || steps.length === 0 || steps.length > mostServiceSteps) return refuse();
  if (typeof nonce !== "string" || !/^0x[0-9a-fA-F]{64}$/.test(nonce)) return refuse();
  let last: ServiceStep = { afterMs: -1, payPpm: wholePpm };
  const read = steps.map((step: unknown): ServiceStep => {
    const { afterMs, payPpm } = (step ?? {}) as { afterMs?: unknown; payPpm?: unknown };
    const isWhole = Number.isInteger(afterMs) && Number.isInteger(payPpm);
    if (!isWhole || typeof afterMs !== "number" || typeof payPpm !== "number") return refuse();
    if (afterMs <= last.afterMs || afterMs > longestMs || payPpm < 0 || payPpm >= last.payPpm) return refuse();
    return (last = { afterMs, payPpm });
  });
  return { steps: read, nonce: nonce.toLowerCase() as Hex };
}

/**
 * The terms of a quote with this salt, shown as JSON; undefined where it promises nothing. Throws TypeError when the salt and what is
 * shown do not belong together.
 */
export function serviceOf(salt: Hex, shown: unknown): ServiceTerms | undefined {
  if (shown === undefined && !isPromising(salt)) return undefined;
  if (shown === undefined) throw new TypeError("the quote promises service terms, which are not shown");
  const terms = readServiceTerms(shown);
  if (serviceSalt(terms) !== salt.toLowerCase()) throw new TypeError("the service terms are not those of the quote");
  return terms;
}

/** What is paid of a price when the first token came so late, wei; rounded down, for the client. */
export function latePayWei(priceWei: bigint, terms: ServiceTerms, firstTokenMs: number): bigint {
  const step = terms.steps.findLast(({ afterMs }) => firstTokenMs >= afterMs);
  return step === undefined ? priceWei : stepWei(priceWei, step);
}

function stepWei(priceWei: bigint, { payPpm }: ServiceStep): bigint {
  return (priceWei * BigInt(payPpm)) / BigInt(wholePpm);
}

/** What a receipt's tokens cost, wei. */
export function priceWeiOf(
  { inputPriceWei, outputPriceWei }: { readonly inputPriceWei: bigint; readonly outputPriceWei: bigint },
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
): bigint {
  return BigInt(inputTokens) * inputPriceWei + BigInt(outputTokens) * outputPriceWei;
}

/** What decides whether a receipt's first token is the one that was promised. */
export interface PromisedOutput {
  /** Tokens that the client had from other miners before. */
  readonly outputOffset: number;
  readonly outputTokens: number;
}

/**
 * Amounts that terms allow for a receipt whose tokens cost `priceWei`, the whole price first. Only the miner with the job's first
 * token promised anything.
 */
export function allowedWei(priceWei: bigint, terms: ServiceTerms | undefined, output: PromisedOutput): bigint[] {
  if (terms === undefined || output.outputOffset > 0 || output.outputTokens === 0) return [priceWei];
  return [priceWei, ...terms.steps.map((step) => stepWei(priceWei, step))];
}

/** What lateness took off a price, wei; 0 for an amount that the terms do not allow. */
export function refundWeiOf(
  priceWei: bigint,
  amountWei: bigint,
  terms: ServiceTerms | undefined,
  output: PromisedOutput,
): bigint {
  return allowedWei(priceWei, terms, output).includes(amountWei) ? priceWei - amountWei : 0n;
}
