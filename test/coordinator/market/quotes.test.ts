import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { recoverTypedData } from "@lode/sdk/keys";
import { fromWire } from "@lode/sdk/typed-data";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type Piece } from "../edge/scripted-miner.ts";
import { domain, operator, person, prices } from "../fixture.ts";

const script = Array.from({ length: 5 }, (_, i): Piece => [100 + i, `w${i} `]);

let edge: Edge;
beforeAll(async () => {
  // Minutes pass at once here: between two of its own looks nobody misses a heartbeat of an hour.
  edge = await openEdge({ HEARTBEAT_SECS: "3600" });
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

const quoteFor = async (payload: object, key = edge.key) => {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await edge.app.inject({ method: "POST", url: "/v1/quotes", headers, payload });
  return { status: answer.statusCode, body: answer.json() };
};
/** The status of a job under a quote, and its error. */
const under = async (hash: string, change: object = {}, key = edge.key) => {
  const answer = await edge.chat(change, { headers: { "x-lode-quote": hash }, key });
  const { error } = (await answer.json()) as { error?: { code: string; message: string; param: string } };
  return { status: answer.status, ...error };
};

describe("a quote", () => {
  it("is signed, binds the price of jobs under it, and is explained", async () => {
    await edge.miner({ script });
    const { status, body } = await quoteFor({ model: "demo", latency: "fast", max_tokens: 40 });
    expect(status).toBe(200);
    const quote = fromWire("Quote", body.quote);
    expect(recoverTypedData(domain, "Quote", quote, body.signature)).toBe(operator.address);
    expect(quote).toMatchObject({
      modelDigest: demoModel.digest,
      ...prices,
      expiresAt: BigInt(edge.clock.nowMs / 1000 + 300),
    });
    expect(body.price.factorsPpm).toMatchObject({ latencyTier: 2_000_000 });
    const answer = await edge.chat({}, { headers: { "x-lode-quote": body.hash } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-lode-quote")).toBe(body.hash);
    expect(answer.headers.get("x-lode-latency")).toBe("fast");
    expect(answer.headers.get("x-lode-price-output-wei")).toBe(body.quote.outputPriceWei);
    await answer.text();
  });

  it.each<[string, () => Promise<{ hash?: string; key?: string }>]>([
    ["is unknown", async () => ({ hash: `0x${"12".repeat(32)}` })],
    ["is another account's", async () => ({ key: await edge.login("client", person("stranger")) })],
    [
      "is over",
      async () => {
        edge.clock.nowMs += 300_000;
        return {};
      },
    ],
  ])("that %s is refused", async (_name, spoil) => {
    const miner = await edge.miner({ script });
    const { body } = await quoteFor({ model: "demo" });
    expect((await under(body.hash)).status).toBe(200);
    const { hash = body.hash, key = edge.key } = await spoil();
    miner.heartbeat();
    await expect.poll(() => edge.app.hub.session(miner.address)?.lastSeenMs).toBe(edge.clock.nowMs);
    expect(await under(hash, {}, key)).toMatchObject({ status: 409, code: "quote_unusable" });
  });

  const schema = { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } };

  it.each<[string, object, object, string]>([
    ["more tokens", { max_tokens: 40 }, { max_tokens: 41 }, "40 tokens without a mask, and this job may be 41"],
    ["more than where its client did not say", {}, { max_tokens: 1025 }, "1024 tokens without a mask"],
    ["a mask", { max_tokens: 40 }, { response_format: schema }, "may be 40 tokens with a mask"],
  ])("is for jobs of its size: %s is refused, and no price is charged", async (_name, asked, change, told) => {
    const miner = await edge.miner({ script });
    const { body } = await quoteFor({ model: "demo", ...asked });
    expect(await under(body.hash)).toEqual({ status: 200 });
    const refused = await under(body.hash, change);
    expect(refused).toMatchObject({ status: 409, code: "quote_exceeded", param: "x-lode-quote" });
    expect(refused.message).toContain(told);
    expect(miner.jobs).toHaveLength(1);
    expect(edge.ledger.openAttempts).toBe(0);
  });

  it("for a mask takes a job with one, and one without", async () => {
    const miner = await edge.miner({ script });
    const { body } = await quoteFor({ model: "demo", max_tokens: 40, constrained: true });
    expect((await under(body.hash)).status).toBe(200);
    await under(body.hash, { response_format: schema });
    expect(miner.jobs).toHaveLength(2);
    const { body: unmasked } = await quoteFor({ model: "demo", max_tokens: 40 });
    const [dear, cheap] = [body, unmasked].map((one) => Number(one.price.factorsPpm.complexity));
    expect(dear! - cheap!).toBe(50_000);
  });

  it("is its client's own: another one's with the same prices takes nothing from it", async () => {
    await edge.miner({ script });
    const stranger = await edge.login("client", person("stranger"));
    const { body: own } = await quoteFor({ model: "demo", max_tokens: 40 });
    const { body: others } = await quoteFor({ model: "demo", max_tokens: 40 }, stranger);
    const { body: less } = await quoteFor({ model: "demo", max_tokens: 1 });
    expect(others.quote).toMatchObject({ outputPriceWei: own.quote.outputPriceWei });
    expect(new Set([own.hash, others.hash, less.hash]).size).toBe(3);
    expect((await under(own.hash)).status).toBe(200);
    expect((await under(others.hash, {}, stranger)).status).toBe(200);
  });

  it("binds for five minutes, however long others at its prices were used before", async () => {
    const miner = await edge.miner({ script });
    await (await edge.chat({})).text();
    edge.clock.nowMs += 200_000;
    miner.heartbeat();
    await expect.poll(() => edge.app.hub.session(miner.address)?.lastSeenMs).toBe(edge.clock.nowMs);
    const { body } = await quoteFor({ model: "demo" });
    expect(body.quote.expiresAt).toBe(`${Math.floor(edge.clock.nowMs / 1000) + 300}`);
  });
});
