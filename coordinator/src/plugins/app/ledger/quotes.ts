import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import {
  hashStruct,
  isPromising,
  quoteSeconds,
  serviceSalt,
  toWire,
  type Domain,
  type Quote,
  type ServiceTerms,
  type WireStruct,
} from "@lode/sdk/typed-data";
import type { TokenPrices } from "../../../domain/pricing/price.ts";
import type { QuoteTerms, SignedQuote } from "./types.ts";

/** How long before a quote's end a new one is made: a job must fit in between. */
const renewSeconds = 60;

/** What a coordinator charges where nothing else decides, and its margin. */
export interface PriceList extends TokenPrices {
  readonly feePpm: number;
}

export interface WireQuote {
  readonly quote: WireStruct<"Quote">;
  readonly quoteSignature: Hex;
  readonly service?: ServiceTerms;
}

/** Quotes that are remembered: beyond that those which are over are forgotten first. */
const mostKept = 4096;

/** Signed prices. One quote serves every job of a model and tier at the same prices while it is fresh, but for those that clients asked for. */
export class QuoteBook {
  readonly #quotes = new Map<string, SignedQuote>();
  readonly #wires = new WeakMap<SignedQuote, WireQuote>();
  readonly #coordinator: Hex;
  readonly #signer: Signer;
  readonly #domain: Domain;
  readonly #feePpm: number;

  constructor(coordinator: Hex, signer: Signer, domain: Domain, feePpm: number) {
    this.#coordinator = coordinator;
    this.#signer = signer;
    this.#domain = domain;
    this.#feePpm = feePpm;
  }

  quote(
    modelDigest: Hex,
    tier: number,
    { inputPriceWei, outputPriceWei }: TokenPrices,
    { steps = [], feePpm = this.#feePpm, isOwn = false }: QuoteTerms,
    nowMs: number,
  ): SignedQuote {
    const promise = steps.map(({ afterMs, payPpm }) => `${afterMs}-${payPpm}`).join();
    const key = `${modelDigest}:${tier}:${inputPriceWei}:${outputPriceWei}:${feePpm}:${promise}`;
    const now = Math.floor(nowMs / 1000);
    const known = this.#quotes.get(key);
    const leftSeconds = Number(known?.quote.expiresAt ?? 0n) - now;
    // One that ends later than any can was made before the clock was set back: it would outlive its price.
    if (!isOwn && known !== undefined && leftSeconds > renewSeconds && leftSeconds <= quoteSeconds) return known;
    const service = steps.length === 0 ? undefined : { steps, nonce: bytesToHex(randomBytes(32)) };
    const quote: Quote = {
      coordinator: this.#coordinator,
      modelDigest,
      inputPriceWei,
      outputPriceWei,
      feePpm,
      tier,
      expiresAt: BigInt(now + quoteSeconds),
      salt: service === undefined ? plainSalt() : serviceSalt(service),
    };
    const signature = signTypedData(this.#signer, this.#domain, "Quote", quote);
    const signed = { quote, quoteHash: hashStruct("Quote", quote), signature, service };
    if (isOwn) return signed;
    this.#quotes.delete(key);
    this.#quotes.set(key, signed);
    if (this.#quotes.size > mostKept) this.#forget(now);
    return signed;
  }

  /** A quote as facts and miners get it: made once, because many jobs share a quote. */
  wireOf(signed: SignedQuote): WireQuote {
    let wire = this.#wires.get(signed);
    if (wire === undefined) {
      const { quote, signature, service } = signed;
      wire = { quote: toWire("Quote", quote), quoteSignature: signature, ...(service !== undefined && { service }) };
      this.#wires.set(signed, wire);
    }
    return wire;
  }

  /** What is over goes; when nothing is, the oldest does: a new one costs a signature. */
  #forget(now: number): void {
    for (const [key, { quote }] of this.#quotes) {
      if (quote.expiresAt > BigInt(now) && this.#quotes.size <= mostKept) return;
      this.#quotes.delete(key);
    }
  }
}

/** A salt that promises nothing. */
function plainSalt(): Hex {
  for (;;) {
    const salt = bytesToHex(randomBytes(32));
    if (!isPromising(salt)) return salt;
  }
}
