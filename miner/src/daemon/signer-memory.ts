import { BatchSigners } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import { recoverAddress } from "@lode/sdk/keys";
import { digestOf, type Domain } from "@lode/sdk/typed-data";

/** Quotes whose signers are remembered: a coordinator has one for each model, tier and price, and prices follow its load. */
const rememberedQuotes = 1024;

/** Signatures that were looked at before: most jobs come with a quote that others had, and with others in one batch. */
export class SignerMemory {
  readonly batches = new BatchSigners();
  readonly #quotes = new Map<string, Hex>();

  /** Lower-case address that signed a quote, by the quote's struct hash. Throws SignatureError. */
  quote(domain: Domain, quoteHash: Hex, signature: Hex): Hex {
    const key = `${domain.separator} ${quoteHash} ${signature}`;
    const known = this.#quotes.get(key);
    if (known !== undefined) return known;
    const signer = recoverAddress(digestOf(domain, quoteHash), signature);
    const [oldest] = this.#quotes.keys();
    if (this.#quotes.size >= rememberedQuotes && oldest !== undefined) this.#quotes.delete(oldest);
    this.#quotes.set(key, signer);
    return signer;
  }
}
