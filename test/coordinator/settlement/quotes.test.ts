import type { Hex } from "@lode/sdk/hash";
import { describe, expect, it } from "vitest";
import { serviceSteps } from "../../../coordinator/src/domain/qos/service.ts";
import { QuoteBook } from "../../../coordinator/src/plugins/app/ledger/quotes.ts";
import type { QuoteTerms, SignedQuote } from "../../../coordinator/src/plugins/app/ledger/types.ts";
import {
  QuoteDesk,
  QuoteExceededError,
  QuoteUnusableError,
  type QuotedJob,
} from "../../../coordinator/src/plugins/app/market/quote-desk.ts";
import { client, domain, nowMs, operator, person, prices, word } from "../fixture.ts";

const open = (): QuoteBook => new QuoteBook(operator.address, operator, domain, prices.feePpm);
const model = word("model");

describe("a quote of the coordinator's own", () => {
  it("serves every job of the same model, tier, prices and terms until a minute before its end", () => {
    const book = open();
    const at = (seconds: number, change: Partial<QuoteTerms> = {}, outputPriceWei = 7n): SignedQuote =>
      book.quote(model, 1, { inputPriceWei: 3n, outputPriceWei }, change, nowMs + seconds * 1000);
    const first = at(0);
    expect(first.quote.expiresAt).toBe(BigInt(nowMs / 1000 + 300));
    expect(at(239.999)).toBe(first);
    expect(at(0, { steps: serviceSteps("fast") })).not.toBe(first);
    expect(at(0, { feePpm: 1 })).not.toBe(first);
    expect(at(0, {}, 8n)).not.toBe(first);
    expect(book.quote(model, 0, first.quote, {}, nowMs)).not.toBe(first);
    expect(book.quote(word("other"), 1, first.quote, {}, nowMs)).not.toBe(first);
    const own = at(100, { isOwn: true });
    expect(own.quote).toMatchObject({ ...first.quote, salt: own.quote.salt, expiresAt: BigInt(nowMs / 1000 + 400) });
    expect([own.quote.salt === first.quote.salt, at(100) === first]).toEqual([false, true]);
    const next = at(240);
    expect(next).not.toBe(first);
    expect(next.quote).toMatchObject({ ...first.quote, salt: next.quote.salt, expiresAt: BigInt(nowMs / 1000 + 540) });
  });

  it("is one of 4,096 that are remembered: beyond that the oldest goes", () => {
    const book = open();
    const of = (outputPriceWei: number, seconds: number): SignedQuote =>
      book.quote(model, 1, { inputPriceWei: 3n, outputPriceWei: BigInt(outputPriceWei) }, {}, nowMs + seconds * 1000);
    const [oldest, second] = [of(0, 0), of(1, 1)];
    for (let price = 2; price < 4096; price++) of(price, 100);
    expect(of(0, 100)).toBe(oldest);
    const last = of(4096, 100);
    expect(of(1, 100)).toBe(second);
    expect(of(4096, 100)).toBe(last);
    expect(of(0, 100)).not.toBe(oldest);
  });
});

describe("a quote that was given to a client", () => {
  const give = (): { desk: QuoteDesk; signed: SignedQuote } => {
    const desk = new QuoteDesk();
    const signed = open().quote(model, 1, prices, {}, nowMs);
    desk.give({ client: client.address, signed, bought: "fast", maxTokens: 40, isConstrained: false });
    return { desk, signed };
  };
  const lastMs = nowMs + 299_999;
  const job = { client: client.address, modelDigest: model, tier: 1, maxTokens: 40, isConstrained: false };

  it("binds until it is over", () => {
    const { desk, signed } = give();
    expect(desk.take(signed.quoteHash, job, lastMs)).toMatchObject({ signed, bought: "fast" });
  });

  it.each<[string, Partial<QuotedJob & { hash: Hex; ms: number }>]>([
    ["that nobody gave", { hash: word("another") }],
    ["of another client", { client: person("stranger").address }],
    ["for another model", { modelDigest: word("another") }],
    ["for another tier", { tier: 0 }],
    ["that is over", { ms: lastMs + 1 }],
  ])("is no good %s", (_name, { hash, ms = lastMs, ...change }) => {
    const { desk, signed } = give();
    expect(() => desk.take(hash ?? signed.quoteHash, { ...job, ...change }, ms)).toThrow(QuoteUnusableError);
  });

  it.each([{ maxTokens: 41 }, { isConstrained: true }])("is no good for a larger job: %o", (change) => {
    const { desk, signed } = give();
    const take = () => desk.take(signed.quoteHash, { ...job, ...change }, lastMs);
    expect(take).toThrow(QuoteExceededError);
    desk.give({ client: client.address, signed, bought: "fast", maxTokens: 41, isConstrained: true });
    expect(take()).toMatchObject({ signed });
  });
});
