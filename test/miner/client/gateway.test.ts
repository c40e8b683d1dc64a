import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { recoverTypedData, type Signer } from "@lode/sdk/keys";
import { escrowDomain } from "@lode/sdk/typed-data";
import { slabSignerOf, type SlabDomain } from "@lode/sdk/slab";
import type { DebitsPage, SlabWallet } from "@lode/protocol";
import { SlabBook } from "../../../coordinator/src/plugins/app/slabs/book.ts";
import { SlabDesk } from "../../../coordinator/src/plugins/app/slabs/desk.ts";
import { ClientAccount, type AccountOptions } from "../../../miner/src/client/account.ts";
import { SlabPurse } from "../../../miner/src/client/slab-purse.ts";
import { startGateway, type Gateway } from "../../../miner/src/client/gateway.ts";
import { openEdge, type Edge } from "../../coordinator/edge/edge.ts";
import { demoModel } from "../../coordinator/edge/scripted-miner.ts";
import { readStream } from "../../coordinator/edge/stream.ts";
import {
  addresses,
  miner as minerKey,
  operator,
  person,
  prices,
  temporaryHome,
  word,
} from "../../coordinator/fixture.ts";
import { pieces } from "../../coordinator/openai/client.ts";
import { webpOf } from "../../helpers/pictures.ts";
import { MemorySlabChain } from "../../helpers/slab-chain.ts";
import { requestJson } from "../../../miner/src/cli/http.ts";

const script = pieces("Once upon a time");
const hot = person("hot key of the client");

/** A machine that does much else answers late, not never. */
const late = { timeout: 60_000 };

const slabDomain: SlabDomain = { chainId: addresses.chainId, zkSettlement: `0x${"5e".repeat(20)}` };
const channels = new MemorySlabChain(slabDomain);

let edge: Edge;
let slabHome: ReturnType<typeof temporaryHome>;
let slabBook: SlabBook;
let wallet: Signer;
let key: string;
let home: ReturnType<typeof temporaryHome>;
let opened: { account: ClientAccount; gateway: Gateway }[];
let warnings: string[];
let wallets = 0;
beforeAll(async () => {
  slabHome = temporaryHome();
  slabBook = await SlabBook.open(join(slabHome.home, "slabs.log"), slabDomain);
  const slabs = new SlabDesk({ domain: slabDomain, payee: operator.address }, slabBook, channels);
  edge = await openEdge({}, { slabs });
  await edge.miner({ script });
}, 120_000);
afterAll(async () => {
  await edge.stop();
  await slabBook.close();
  slabHome.remove();
});
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

  it("passes pictures on, whose price it knows before and signs for after, however small their files are", async () => {
    const models = [{ ...demoModel, id: "painter", digest: word("painter"), images: true as const }];
    const painter = await edge.miner({ models });
    const paint = (url: string, n: number): Promise<Response> =>
      fetch(`${url}/v1/images/generations`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "painter", prompt: "a cat", size: "512x512", n }),
      });
    // Two pictures are 512 tokens, for which this is too little; for one it is enough.
    const gateway = await open({ maxSpendWei: 400n * prices.outputPriceWei });
    expect((await paint(gateway.url, 2)).status).toBe(402);
    expect(painter.jobs).toEqual([]);
    const asking = paint(gateway.url, 1);
    const picture = webpOf("VP8L", 512, 512);
    await painter.paint(await painter.job(), picture);
    expect(await (await asking).json()).toMatchObject({ data: [{ b64_json: picture.toString("base64") }] });
    await expect.poll(signedCount, late).toBe(1n);
    expect(gateway.problem).toBeUndefined();
    expect(gateway.promisedWei).toBe(5n * prices.inputPriceWei + 256n * prices.outputPriceWei);
    painter.hangUp();
  });

  it("names the highest prices that it takes, so that nobody works for more and no bill is too high", async () => {
    const gateway = await open({ prices: { ...prices, outputPriceWei: 999n } });
    const refused = await chat(gateway.url);
    expect(refused.status).toBe(402);
    expect(await refused.json()).toMatchObject({ error: { code: "price_above_ceiling" } });
    expect(edge.book.debitOf(wallet.address).cumulativeWei).toBe(0n);
    expect(gateway.problem).toBeUndefined();
  });

  it("passes on what its caller wishes of the market, and the lower of both ceilings", async () => {
    const gateway = await open();
    const refusal = async (headers: Record<string, string>): Promise<[number, unknown]> => {
      const answer = await chat(gateway.url, {}, headers);
      return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code];
    };
    expect(await refusal({ "x-lode-max-output-price": `${prices.outputPriceWei - 1n}` })).toEqual([402, "price_above_ceiling"]); // prettier-ignore
    expect(await refusal({ "x-lode-max-output-price": "cheap" })).toEqual([400, "invalid_value"]);
    expect(await refusal({ "x-lode-region": "nowhere" })).toEqual([400, "invalid_value"]);
    expect(await refusal({ "x-lode-latency": "never" })).toEqual([400, "invalid_value"]);
    // Whatever its caller would pay, no bill is above its own.
    const cautious = await open({ prices: { ...prices, outputPriceWei: 999n } });
    for (const own of ["1000000", "", " "]) {
      const answer = await chat(cautious.url, {}, { "x-lode-max-output-price": own });
      expect(answer.status).toBe(402);
    }
  });

  it("answers Anthropic's clients in their shape where it refuses by itself", async () => {
    const gateway = await open();
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${gateway.url}/v1/messages`, { method: "POST", headers, body: "no JSON" });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { type: "error", error: expect.objectContaining({ type: "invalid_request_error", code: "invalid_json" }) },
    ]);
  });

  it("passes on that there is no room, also for a stream, so that its caller tries again by itself", async () => {
    const gateway = await open();
    const model = { ...demoModel, id: "full", digest: word("full weights") };
    const full = await edge.miner({ models: [model] });
    for (const stream of [true, false]) {
      const asking = chat(gateway.url, { model: "full", stream });
      full.send({ type: "refuse", assignment: (await full.job()).digest, code: "busy", message: "no" });
      const answer = await asking;
      expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([503, "true"]);
      expect(await answer.json()).toMatchObject({ error: { code: "no_miner" } });
    }
    full.hangUp();
    expect(signedCount()).toBe(0n);
    expect(warnings).toEqual([]);
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

  it("holds what every answer may cost, of which each reads the prompt anew", async () => {
    // The body has more than 900 bytes, and each of them may be a token that is read at 3 wei.
    const messages = [{ role: "user", content: "x".repeat(900) }];
    const most = 20n * prices.outputPriceWei;
    const gateway = await open({ maxSpendWei: 4n * (900n * prices.inputPriceWei) + 4n * most });
    expect((await chat(gateway.url, { messages, n: 4 })).status).toBe(402);
    const long = await chat(gateway.url, { messages, n: 4, max_tokens: 18 });
    expect([long.status, gateway.problem]).toEqual([200, undefined]);
    await long.json();
  });

  it.each([{ max_tokens: 1.5 }, { n: 0.5 }, { n: -1 }, { max_tokens: -3 }])(
    "leaves it to the coordinator to refuse %j",
    async (odd) => expect((await chat((await open()).url, odd)).status).toBe(400),
  );

  it("goes on with a kept conversation, whose earlier parts are billed again", async () => {
    const gateway = await open();
    const respond = (body: object): Promise<Response> =>
      fetch(`${gateway.url}/v1/responses`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "demo", max_output_tokens: 20, store: true, ...body }),
      });
    const first = (await (await respond({ input: "x".repeat(6000) })).json()) as { id: string };
    const bodyBytes = gateway.conversationBytes(first.id)!;
    expect(bodyBytes).toBeGreaterThan(6000);
    const next = (await (await respond({ input: "And?", previous_response_id: first.id })).json()) as { id: string };
    // What it may be billed for holds the first one's texts and answer, and its own behind them.
    expect(gateway.conversationBytes(next.id)).toBeGreaterThan(bodyBytes + 4);
    await expect.poll(signedCount, late).toBe(2n);
    // One that went past this gateway may hold anything.
    const strange = await respond({ input: "And?", previous_response_id: `resp_${"0".repeat(24)}` });
    expect(strange.status).toBe(400);
    expect(await strange.json()).toMatchObject({ error: { code: "previous_response_unknown" } });
    expect(gateway.problem).toBeUndefined();
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

  const asked = (url: string, path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(url, { path, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      sent.on("error", reject);
      sent.end();
    });

  it.each([
    ["one level up", "/v1/models/../wallet/balance"],
    ["one level up, written otherwise", "/v1/models/%2e%2e/wallet/balance"],
    ["backslashes", "/v1/models/..\\wallet\\balance"],
    ["another host", "//127.0.0.1:1/v1/models"],
    ["another host in full", "http://127.0.0.1:1/v1/models"],
    ["nothing", "/v1/modelsx"],
  ])("lead nowhere else with the key, by %s", async (_name, path) => {
    const gateway = await open();
    expect(await asked(gateway.url, "/v1/models")).toBe(200);
    expect(await asked(gateway.url, "/v1/models/demo")).toBe(200);
    expect(await asked(gateway.url, path)).toBe(404);
  });
});

describe("lode client gateway --slab", () => {
  let slot = 0;
  /** The wallet opens a channel in the next slot. */
  function openChannel(depositWei: bigint): void {
    const key = slabSignerOf(wallet, slabDomain).key;
    const channel = { payee: operator.address, slot, generation: BigInt(++slot), client: wallet.address, key };
    channels.add(channel, depositWei);
  }

  const ask: AccountOptions["ask"] = (path, init = {}) => requestJson(new URL(path, edge.url), { ...init, key });
  /** @param failing how many of the vouchers do not arrive */
  function purse(failing = 0): { slab: SlabPurse } {
    const asking: AccountOptions["ask"] = (path, init) => {
      if (path === "/v1/wallet/slab/vouchers" && failing-- > 0) throw new Error("the line is dead");
      return ask(path, init);
    };
    const { address: client } = wallet;
    const held = async () => (await channels.channels()).filter(({ channel }) => channel.client === client);
    const options = { domain: slabDomain, client, payee: operator.address, signer: slabSignerOf(wallet, slabDomain) };
    return { slab: new SlabPurse({ ...options, channels: held, ask: asking }) };
  }
  const debited = (): bigint => edge.book.debitOf(wallet.address).cumulativeWei;
  const promised = (): bigint => slabBook.promisedWei(wallet.address);
  const job = async (url: string): Promise<void> => {
    const answer = await chat(url);
    expect([answer.status, ((await answer.json()) as { error?: object }).error]).toEqual([200, undefined]);
  };

  it("promises on its channel exactly what was delivered, and goes on after a restart", async () => {
    openChannel(10n ** 18n);
    const gateway = await open({ signer: wallet, ...purse() });
    await job(gateway.url);
    await job(gateway.url);
    await expect.poll(promised, late).toBe(debited());
    expect(debited()).toBeGreaterThan(0n);
    // The escrow's voucher promises nothing, and shows an audit that the client agreed to pay.
    expect(edge.book.clientVoucher(wallet.address)?.voucher).toMatchObject({ count: 0n, cumulativeWei: 0n });
    expect(edge.ledger.selfSigned.unsignedWei(wallet.address)).toBe(0n);
    const shown = (await ask("/v1/wallet/slab")) as SlabWallet;
    expect(shown).toMatchObject({ unsignedWei: "0", slabSize: 4, vouchers: [{ voucher: { nonce: 3 } }] });
    const { availableWei } = await edge.ledger.clientBalance(wallet.address);
    expect(availableWei).toBe(10n ** 18n - debited());
    await closeAll();

    await expect(open({ signer: wallet })).rejects.toMatchObject({ code: "pays_by_slab" });
    await closeAll();
    const after = await open({ signer: wallet, ...purse() });
    expect(after.promisedWei).toBe(promised());
    await job(after.url);
    await expect.poll(promised, late).toBe(debited());
    expect(warnings).toEqual([]);
  });

  it("goes on with another channel when its own ends, and from the coordinator's copy when its own file is lost", async () => {
    openChannel(10n ** 18n);
    const before = await open({ signer: wallet, ...purse() });
    await job(before.url);
    await expect.poll(promised, late).toBe(debited());
    channels.change(slot - 1, { exitsAt: 1_900_000_000 });
    const refused = await chat(before.url);
    expect(refused.status).toBe(402);
    await closeAll();
    home.remove();
    home = temporaryHome();
    openChannel(10n ** 18n);
    const after = await open({ signer: wallet, ...purse() });
    expect(after.promisedWei).toBe(promised());
    await job(after.url);
    await expect.poll(promised, late).toBe(debited());
    expect(slabBook.vouchersOf(wallet.address)).toHaveLength(2);
  });

  it("hands a voucher in again that did not arrive", async () => {
    openChannel(10n ** 18n);
    const gateway = await open({ signer: wallet, ...purse() });
    await job(gateway.url);
    await expect.poll(promised, late).toBe(debited());
    await closeAll();
    const cut = await open({ signer: wallet, ...purse(2) });
    await job(cut.url);
    await expect.poll(promised, late).toBe(debited());
    expect(warnings.join()).toContain("the line is dead");
  });

  it("is served no more than its channel holds", async () => {
    openChannel(1_000n);
    const gateway = await open({ signer: wallet, ...purse() });
    const refused = await chat(gateway.url);
    expect(refused.status).toBe(402);
    expect(await refused.json()).toMatchObject({ error: { code: "insufficient_funds" } });
    channels.change(slot - 1, { depositWei: 10n ** 18n });
    await job(gateway.url);
    await expect.poll(promised, late).toBe(debited());
  });

  it("opens no account without a channel", async () => {
    await expect(open({ signer: wallet, ...purse() })).rejects.toMatchObject({ code: "no_channel" });
  });
});
