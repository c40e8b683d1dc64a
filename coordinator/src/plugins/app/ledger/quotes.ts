import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { hashStruct, toWire, type Domain, type Quote, type WireStruct } from "@lode/sdk/typed-data";
import type { SignedQuote } from "./types.ts";

/** How long a quote holds, and how long before its end a new one is made: a job must fit in between. */
const validSeconds = 300;
const renewSeconds = 60;

export interface PriceList {
  readonly inputPriceWei: bigint;
  readonly outputPriceWei: bigint;
  readonly feePpm: number;
}

export interface WireQuote {
  readonly quote: WireStruct<"Quote">;
  readonly quoteSignature: Hex;
}

/** Signed prices. One quote serves every job of a model and tier while it is fresh. */
export class QuoteBook {
  readonly #quotes = new Map<string, SignedQuote>();
  readonly #wires = new WeakMap<SignedQuote, WireQuote>();
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

  /** A quote as facts and miners get it: made once, because many jobs share a quote. */
  wireOf(signed: SignedQuote): WireQuote {
    let wire = this.#wires.get(signed);
    if (wire === undefined) {
      wire = { quote: toWire("Quote", signed.quote), quoteSignature: signed.signature };
      this.#wires.set(signed, wire);
    }
    return wire;
  }
}
