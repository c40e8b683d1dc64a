import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { hashStruct, type Domain, type Quote } from "@lode/sdk/typed-data";
import type { SignedQuote } from "./types.ts";

/** How long a quote holds, and how long before its end a new one is made: a job must fit in between. */
const validSeconds = 300;
const renewSeconds = 60;

export interface PriceList {
  readonly inputPriceWei: bigint;
  readonly outputPriceWei: bigint;
  readonly feePpm: number;
}

/** Signed prices. One quote serves every job of a model and tier while it is fresh. */
export class QuoteBook {
  readonly #quotes = new Map<string, SignedQuote>();
  readonly #coordinator: Hex;
  readonly #signer: Signer;
  readonly #domain: Domain;
  readonly #prices: PriceList;

  constructor(coordinator: Hex, signer: Signer, domain: Domain, prices: PriceList) {
    this.#coordinator = coordinator;
    this.#signer = signer;
    this.#domain = domain;
    this.#prices = prices;
  }

  quote(modelDigest: Hex, tier: number, nowMs: number): SignedQuote {
    const key = `${modelDigest}:${tier}`;
    const now = Math.floor(nowMs / 1000);
    const known = this.#quotes.get(key);
    if (known !== undefined && known.quote.expiresAt > BigInt(now + renewSeconds)) return known;
    const quote: Quote = {
      coordinator: this.#coordinator,
      modelDigest,
      ...this.#prices,
      tier,
      expiresAt: BigInt(now + validSeconds),
      salt: bytesToHex(randomBytes(32)),
    };
    const signature = signTypedData(this.#signer, this.#domain, "Quote", quote);
    const signed = { quote, quoteHash: hashStruct("Quote", quote), signature };
    this.#quotes.set(key, signed);
    return signed;
  }
}
