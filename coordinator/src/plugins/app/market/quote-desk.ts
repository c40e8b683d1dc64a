import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import type { LatencyTier } from "../../../domain/pricing/tier.ts";
import type { SignedQuote } from "../ledger/types.ts";
import { RecentMap } from "./recent-map.ts";

/** A quote that a client asked for before its jobs. */
export interface GivenQuote {
  readonly client: Hex;
  readonly signed: SignedQuote;
  /** The tier that it was asked for; undefined where none was, which promises nothing and bounds nothing. */
  readonly bought: LatencyTier | undefined;
}

/** A quote that cannot be used for this job. */
export class QuoteUnusableError extends LodeError {
  override readonly name = "QuoteUnusableError";
  constructor() {
    super("quote_unusable", "The quote is unknown, over, or for another job or account; ask for a new one.");
  }
}

const mostKept = 10_000;

/** Quotes that were given out and bind this coordinator until they are over. */
export class QuoteDesk {
  readonly #quotes = new RecentMap<Hex, GivenQuote>(mostKept);

  give(quote: GivenQuote): void {
    this.#quotes.set(quote.signed.quoteHash, quote);
  }

  /** The quote for a job that begins now. Throws QuoteUnusableError. */
  take(hash: Hex, client: Hex, modelDigest: Hex, tier: number, nowMs: number): GivenQuote {
    const given = this.#quotes.get(hash);
    const quote = given?.signed.quote;
    if (
      given === undefined ||
      quote === undefined ||
      given.client !== client ||
      quote.modelDigest !== modelDigest ||
      quote.tier !== tier ||
      Number(quote.expiresAt) * 1000 <= nowMs
    ) {
      throw new QuoteUnusableError();
    }
    return given;
  }
}
