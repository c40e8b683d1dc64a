import { BatchSigners } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import { recoverTypedData } from "@lode/sdk/keys";
import { hashStruct, type Domain, type Quote } from "@lode/sdk/typed-data";

/** Quotes whose signers are remembered: a coordinator has one for each model and tier at a time. */
const rememberedQuotes = 64;

/** Signatures that were looked at before: most jobs come with a quote that others had, and with others in one batch. */
export class SignerMemory {
  readonly batches = new BatchSigners();
  readonly #quotes = new Map<string, Hex>();

  /** Lower-case address that signed a quote. Throws SignatureError. */
  quote(domain: Domain, quote: Quote, signature: Hex): Hex {
    const key = `${domain.separator} ${hashStruct("Quote", quote)} ${signature}`;
    const known = this.#quotes.get(key);
    if (known !== undefined) return known;
    const signer = recoverTypedData(domain, "Quote", quote, signature);
    const [oldest] = this.#quotes.keys();
    if (this.#quotes.size >= rememberedQuotes && oldest !== undefined) this.#quotes.delete(oldest);
    this.#quotes.set(key, signer);
    return signer;
  }
}
