import { request as httpRequest } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { recoverTypedData, type Signer } from "@lode/sdk/keys";
import { escrowDomain } from "@lode/sdk/typed-data";
import type { DebitsPage } from "@lode/protocol";
import { ClientAccount, type AccountOptions } from "../../../miner/src/client/account.ts";
import { startGateway, type Gateway } from "../../../miner/src/client/gateway.ts";
import { openEdge, type Edge } from "../../coordinator/edge/edge.ts";
import { readStream } from "../../coordinator/edge/stream.ts";
import { addresses, miner as minerKey, operator, person, prices, temporaryHome } from "../../coordinator/fixture.ts";
import { pieces } from "../../coordinator/openai/client.ts";
import { requestJson } from "../../../miner/src/cli/http.ts";

const script = pieces("Once upon a time");
const hot = person("hot key of the client");

/** A machine that does much else answers late, not never. */
const late = { timeout: 25_000 };

let edge: Edge;
let wallet: Signer;
let key: string;
let home: ReturnType<typeof temporaryHome>;
let opened: { account: ClientAccount; gateway: Gateway }[];
let warnings: string[];
let wallets = 0;
beforeAll(async () => {
  edge = await openEdge();
  await edge.miner({ script });
}, 120_000);
afterAll(() => edge.stop());
beforeEach(async () => {
  wallet = person(`gateway client ${wallets++}`);
  key = await edge.login("client", wallet);
  home = temporaryHome();
  opened = [];
  warnings = [];
});
afterEach(async () => {
  await closeAll();
  home.remove();
});

async function closeAll(): Promise<void> {
  for (const { account, gateway } of opened.splice(0)) {
    await gateway.close();
    await account.close();
  }
}

interface Changes extends Partial<AccountOptions> {
  readonly localKey?: string;
  /** Changes what the coordinator shows as debits. */
  readonly tamper?: (page: DebitsPage) => DebitsPage;
  readonly accepted?: readonly string[];
  /** Highest prices, as requests name them. */
  readonly prices?: Pick<typeof prices, "inputPriceWei" | "outputPriceWei">;
}

async function open({ localKey, tamper, accepted, prices: highest = prices, ...changes }: Changes = {}): Promise<
  ClientAccount & { url: string }
> {
  const account = new ClientAccount({
    addresses,
    client: wallet.address,
    coordinator: operator.address,
    coordinatorOperator: operator.address,
    signer: hot,
    home: home.home,
    maxSpendWei: undefined,
    maxInputPriceWei: prices.inputPriceWei,
    maxOutputPriceWei: prices.outputPriceWei,
    operatorOf: async (address) => address,
    ask: async (path, init = {}) => {
      const answer = await requestJson(new URL(path, edge.url), { ...init, key });
      return path.startsWith("/v1/wallet/debits/entries") && tamper ? tamper(answer as DebitsPage) : answer;
    },
    warn: (message) => void warnings.push(message),
    ...changes,
  });
  await account.open(accepted);
  const gateway = await startGateway({
    ...{ coordinatorUrl: edge.url, key, account, host: "127.0.0.1", port: 0, localKey, prices: highest },
    warn: (message) => void warnings.push(message),
  });
  opened.push({ account, gateway });
  return Object.assign(account, { url: gateway.url });
}

const chat = (url: string, body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "demo", messages: [{ role: "user", content: "Hi" }], max_tokens: 20, ...body }),
  });

const signedCount = (): bigint => edge.book.clientVoucher(wallet.address)?.voucher.count ?? 0n;

function signerOfVoucher(): string | undefined {
  const signed = edge.book.clientVoucher(wallet.address);
  return signed && recoverTypedData(escrowDomain(addresses), "Voucher", signed.voucher, signed.signature);
}

describe("lode client gateway", () => {
  it("answers whole and streamed, and signs for exactly what was delivered with the client's own key", async () => {
    const gateway = await open();
    const whole = (await (await chat(gateway.url)).json()) as { choices: { message: { content: string } }[] };
    expect(whole.choices[0]?.message.content).toBe("Once upon a time");
    const stream = await readStream(await chat(gateway.url, { stream: true }));
    expect(stream).toMatchObject({ text: "Once upon a time", isDone: true });
    await expect.poll(signedCount, late).toBe(2n);
    expect(signerOfVoucher()).toBe(hot.address);
    expect(edge.book.unsignedWei(wallet.address)).toBe(0n);
    expect(gateway.promisedWei).toBe(edge.book.debitOf(wallet.address).cumulativeWei);
    expect(warnings).toEqual([]);
  });

  it("names the highest prices that it takes, so that nobody works for more and no bill is too high", async () => {
    const gateway = await open({ prices: { ...prices, outputPriceWei: 999n } });
    const refused = await chat(gateway.url);
    expect(refused.status).toBe(402);
    expect(await refused.json()).toMatchObject({ error: { code: "price_above_ceiling" } });
    expect(edge.book.debitOf(wallet.address).cumulativeWei).toBe(0n);
    expect(gateway.problem).toBeUndefined();
  });

  it("goes on after a restart from what it promised", async () => {
    const before = await open();
    await (await chat(before.url)).json();
    await expect.poll(signedCount, late).toBe(1n);
    await closeAll();
    const after = await open();
    expect(after.promisedWei).toBe(before.promisedWei);
    await (await chat(after.url)).json();
    await expect.poll(signedCount, late).toBe(2n);
  });

  it.each([
    ["its first voucher, which promises nothing", 0n],
    ["one over a bill", 1n],
  ] as const)("hands in again %s, when it did not arrive", async (_name, count) => {
    let isCut = false;
    const ask: AccountOptions["ask"] = async (path, init = {}) => {
      if (isCut && path === "/v1/wallet/vouchers") throw new Error("the line was cut");
      return requestJson(new URL(path, edge.url), { ...init, key });
    };
    if (count === 0n) {
      isCut = true;
      await expect(open({ ask })).rejects.toThrow("the line was cut");
      isCut = false;
    }
    const gateway = await open({ ask });
    expect(edge.book.clientVoucher(wallet.address)).toBeDefined();
    isCut = count === 1n;
    expect((await chat(gateway.url)).status).toBe(200);
    if (isCut) {
      await expect.poll(() => gateway.promisedWei, late).toBeGreaterThan(0n);
      expect(signedCount()).toBe(0n);
      await closeAll();
      isCut = false;
      await open({ ask });
    }
    await expect.poll(signedCount, late).toBe(1n);
    expect(edge.book.unsignedWei(wallet.address)).toBe(0n);
  });

  it("after a restart counts on what a request was billed before it", async () => {
    // Both have the first one's name, and neither asks for more than one of them has.
    let name: string | undefined;
    const tamper = (page: DebitsPage): DebitsPage => ({
      ...page,
      debits: page.debits.map(({ request, entry }) => ({ request: (name ??= request), entry })),
    });
    const before = await open({ tamper });
    await (await chat(before.url, { max_tokens: script.length })).json();
    await expect.poll(signedCount, late).toBe(1n);
    await closeAll();
    const after = await open({ tamper });
    await (await chat(after.url, { max_tokens: script.length })).json();
    await expect.poll(() => after.problem, late).toMatch("more output than was asked for");
    expect(signedCount()).toBe(1n);
  });

  it("signs nothing for a request that went past it, and then passes on nothing more", async () => {
    const gateway = await open();
    expect((await edge.chat({ max_tokens: 20 }, { key })).status).toBe(200);
    await expect.poll(() => gateway.problem, late).toMatch("did not go through this gateway");
    expect(signedCount()).toBe(0n);
    const refused = await chat(gateway.url);
    expect(refused.status).toBe(502);
    expect(await refused.json()).toMatchObject({ error: { code: "not_signing" } });
  });

  it("takes the bill of a lost request that its owner names", async () => {
    const first = await open();
    const answer = (await (await edge.chat({ max_tokens: 20 }, { key })).json()) as { id: string };
    await expect.poll(() => first.problem, late).toBeDefined();
    await closeAll();
    await open({ accepted: [answer.id] });
    await expect.poll(signedCount, late).toBe(1n);
  });

  it.each<[string, (page: DebitsPage) => DebitsPage, string]>([
    ["a higher amount", (page) => change(page, "receipt", { amountWei: "999999999" }), "signature or path"],
    ["another receipt's tokens", (page) => change(page, "receipt", { outputTokens: 1 }), "signature or path"],
    [
      "another client's assignment",
      (page) => change(page, "assignment", { client: person("x").address }),
      "between others",
    ],
    ["another quote", (page) => change(page, "quote", { outputPriceWei: "1" }), "did not sign"],
    ["another request's name", (page) => rename(page), "did not go through"],
  ])("refuses %s", async (_name, tamper, problem) => {
    const gateway = await open({ tamper });
    await (await chat(gateway.url)).json();
    await expect.poll(() => gateway.problem, late).toMatch(problem);
    expect(signedCount()).toBe(0n);
  });

  it("refuses a price above its bound, and a receipt that the miner on the chain did not sign", async () => {
    const dear = await open({ maxOutputPriceWei: prices.outputPriceWei - 1n });
    await (await chat(dear.url)).json();
    await expect.poll(() => dear.problem, late).toMatch("prices are above");
    await closeAll();
    const wary = await open({ operatorOf: async () => minerKey.address });
    await expect.poll(() => wary.problem, late).toMatch("did not sign the receipt");
    expect(signedCount()).toBe(0n);
  });

  it("never promises more than --max-spend, and says so before it asks", async () => {
    const gateway = await open({ maxSpendWei: 30_000n });
    const refused = await chat(gateway.url, { max_tokens: 40 });
    expect(refused.status).toBe(402);
    expect(await refused.json()).toMatchObject({ error: { code: "max_spend" } });
    expect(edge.book.debitOf(wallet.address).count).toBe(0);
    expect((await chat(gateway.url, { max_tokens: 20 })).status).toBe(200);
  });

  it("keeps the coordinator to what it has signed when the coordinator forgets", async () => {
    const before = await open();
    await (await chat(before.url)).json();
    await expect.poll(signedCount, late).toBe(1n);
    await closeAll();
    await expect(open({ tamper: (page) => ({ ...page, debits: [] }) })).rejects.toMatchObject({ code: "books_differ" });
  });
});

type Entry = DebitsPage["debits"][number]["entry"];

function change(page: DebitsPage, part: "receipt" | "assignment" | "quote", fields: object): DebitsPage {
  const debits = page.debits.map(({ request, entry }) => {
    const changed: Entry = { ...entry, [part]: { ...entry[part], ...fields } };
    return { request, entry: changed };
  });
  return { ...page, debits };
}

const rename = (page: DebitsPage): DebitsPage => ({
  ...page,
  debits: page.debits.map(({ entry }) => ({ request: "chatcmpl-other", entry })),
});

describe("only programs on this machine", () => {
  const post = (url: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(`${url}/v1/chat/completions`, { method: "POST", headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      sent.on("error", reject);
      sent.end(JSON.stringify({ model: "demo", messages: [{ role: "user", content: "Hi" }], max_tokens: 20 }));
    });
  const json = { "content-type": "application/json" };

  it("are answered: no page of a browser, no name that leads here, and with --local-key nobody without it", async () => {
    const gateway = await open({ localKey: "secret" });
    const good = { ...json, authorization: "Bearer secret" };
    expect(await post(gateway.url, good)).toBe(200);
    expect(await post(gateway.url, { ...good, origin: "https://evil.example" })).toBe(403);
    expect(await post(gateway.url, { ...good, host: "evil.example" })).toBe(403);
    expect(await post(gateway.url, { ...good, "content-type": "text/plain" })).toBe(415);
    expect(await post(gateway.url, { ...json, authorization: "Bearer wrong" })).toBe(401);
    expect((await fetch(`${gateway.url}/v1/wallet/debits`, { headers: good })).status).toBe(404);
  });
});
