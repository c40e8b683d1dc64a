import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import type { LatencyTier } from "../../../domain/pricing/tier.ts";
import type { SignedQuote } from "../ledger/types.ts";
import { RecentMap } from "./recent-map.ts";

/** What the price of a quote was made for: no more than that is promised. */
export interface QuotedSize {
  /** Tokens made. */
  readonly maxTokens: number;
  /** Whether a mask is computed for each of them. */
  readonly isConstrained: boolean;
}

/** A quote that a client asked for before its jobs. */
export interface GivenQuote extends QuotedSize {
  readonly client: Hex;
  readonly signed: SignedQuote;
  /** The tier that it was asked for; undefined where none was, which promises nothing and bounds nothing. */
  readonly bought: LatencyTier | undefined;
}

/** A job that is to have a quote's prices. */
export interface QuotedJob extends QuotedSize {
  readonly client: Hex;
  readonly modelDigest: Hex;
  readonly tier: number;
}

/** A quote that cannot be used for this job. */
export class QuoteUnusableError extends LodeError {
  override readonly name = "QuoteUnusableError";
  constructor() {
    super("quote_unusable", "The quote is unknown, over, or for another job or account; ask for a new one.");
  }
}

/** A job that is more than its quote's price was made for. */
export class QuoteExceededError extends LodeError {
  override readonly name = "QuoteExceededError";
  constructor(quoted: QuotedSize, asked: QuotedSize) {
    const sentence = "; ask for a new one with 'max_tokens' and 'constrained' like the job's.";
    super("quote_exceeded", `The quote is for ${sizeText(quoted)}, and this job may be ${sizeText(asked)}${sentence}`);
  }
}

const sizeText = ({ maxTokens, isConstrained }: QuotedSize): string =>
  `${maxTokens} tokens ${isConstrained ? "with" : "without"} a mask`;

const mostKept = 10_000;

/** Quotes that were given out and bind this coordinator until they are over. */
export class QuoteDesk {
  readonly #quotes = new RecentMap<Hex, GivenQuote>(mostKept);

  give(quote: GivenQuote): void {
    this.#quotes.set(quote.signed.quoteHash, quote);
  }

  /** The quote for a job that begins now. Throws QuoteUnusableError, and QuoteExceededError where the job is larger. */
  take(hash: Hex, job: QuotedJob, nowMs: number): GivenQuote {
    const given = this.#quotes.get(hash);
    const quote = given?.signed.quote;
    if (
      given === undefined ||
      quote === undefined ||
      given.client !== job.client ||
      quote.modelDigest !== job.modelDigest ||
      quote.tier !== job.tier ||
      Number(quote.expiresAt) * 1000 <= nowMs
    ) {
      throw new QuoteUnusableError();
    }
    const isMasked = job.isConstrained && !given.isConstrained;
    if (isMasked || job.maxTokens > given.maxTokens) throw new QuoteExceededError(given, job);
    return given;
  }
}
