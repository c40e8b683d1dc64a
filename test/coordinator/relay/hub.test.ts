import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildApp } from "../../../coordinator/src/app.ts";
import { readConfig } from "../../../coordinator/src/plugins/external/config.ts";
import {
  client,
  miner,
  nowMs,
  openLedgerFixture,
  person,
  temporaryHome,
  word,
  type LedgerFixture,
} from "../fixture.ts";
import { digestOf, ScriptedMiner } from "./scripted-miner.ts";

let app: FastifyInstance;
let f: LedgerFixture;
let url: string;
let key: string;
/** What the log and the client's stream hold before a test. */
let before: { size: number; debitedWei: bigint };
const folder = temporaryHome();
const open: ScriptedMiner[] = [];

beforeAll(async () => {
  f = await openLedgerFixture(folder.home);
  // Opening the embedded database keeps this process busy for seconds, which would look like a silent miner.
  await f.ledger.entries(0, 1);
  const config = { ...readConfig({ LOG_LEVEL: "silent" }), stallMs: 2_000 };
  app = await buildApp({ config, ledger: f.ledger, chain: f.chain, nowMs: () => f.clock.nowMs });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  key = await f.ledger.createKey("client", client.address, "test");
});
beforeEach(() => {
  f.chain.funds = { ...f.chain.funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
  f.chain.isStaked = true;
  before = { size: f.ledger.logSize, debitedWei: f.book.debitOf(client.address).cumulativeWei };
});
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await expect.poll(() => [...app.hub.sessions].length).toBe(0);
});
afterAll(async () => {
  await app.close();
  await f.close();
  folder.remove();
});

function connect(): ScriptedMiner {
  const scripted = new ScriptedMiner(url);
  open.push(scripted);
  return scripted;
}

async function ready(who = miner): Promise<ScriptedMiner> {
  const scripted = connect();
  await scripted.join(who, nowMs);
  await expect.poll(() => app.hub.ready().length).toBeGreaterThan(0);
  return scripted;
}

async function ask(body: object = {}, signal?: AbortSignal): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "demo", messages: [{ role: "user", content: "hi" }], max_tokens: 20, ...body }),
    ...(signal !== undefined && { signal }),
  });
  return { status: answer.status, text: await answer.text() };
}

const locked = (): bigint => f.book.lockedWei(client.address);

describe("a link is refused", () => {
  it.each<[string, Parameters<ScriptedMiner["hello"]>[2], string]>([
    ["signed by another key", { signer: person("stranger") }, "not_operator"],
    ["over another nonce: a replayed answer", { nonce: word("old nonce") }, "not_operator"],
    ["with a clock that is off", { timestampMs: nowMs - 200_000 }, "clock"],
  ])("when its hello is %s", async (_name, change, code) => {
    const scripted = connect();
    await scripted.hello(miner, nowMs, change);
    expect(await scripted.next("error")).toMatchObject({ code, fatal: true });
    await scripted.closed;
    expect([...app.hub.sessions]).toEqual([]);
  });

  it("when the miner has no stake", async () => {
    f.chain.isStaked = false;
    const scripted = connect();
    await scripted.hello(miner, nowMs);
    expect(await scripted.next("error")).toMatchObject({ code: "not_staked" });
  });

  it.each<[string, string | Uint8Array, string]>([
    ["is not JSON", "{", "bad_message"],
    ["is unknown", JSON.stringify({ type: "dance" }), "bad_message"],
    ["comes too early", JSON.stringify({ type: "resumed" }), "hello_first"],
    ["carries tokens before the hello", new Uint8Array(50), "early_frame"],
  ])("when its first message %s", async (_name, data, code) => {
    const scripted = connect();
    await scripted.next("challenge");
    scripted.sendRaw(data);
    expect(await scripted.next("error")).toMatchObject({ code });
    await scripted.closed;
  });
});

describe("a job", () => {
  it("that a miner does honestly is answered, settled and paid", async () => {
    const scripted = await ready();
    const answer = ask();
    const job = await scripted.next("job");
    expect(locked()).toBe(BigInt(job.assignment.maxAmountWei));
    scripted.tokens(job, [7, 8], "hello");
    scripted.end(job, 2);
    const { items } = await scripted.next("ack");
    expect(items[0]!.progress).toMatchObject({ assignment: digestOf(job), count: 2 });
    scripted.receipt(job, [7, 8], miner, nowMs);
    expect(await scripted.next("accepted")).toMatchObject({ logIndex: before.size });
    expect((await scripted.next("voucher")).voucher).toMatchObject({ count: `${before.size + 1}` });
    const { status, text } = await answer;
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      choices: [{ message: { content: "hello" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
      lode: { receipts: [digestOf(job)], miners: [miner.address] },
    });
    expect(locked()).toBe(0n);
  });

  it("that a miner refuses goes to the next one, which the client does not notice", async () => {
    const second = person("second");
    const miners = [await ready(), await ready(second)];
    await expect.poll(() => app.hub.ready().length).toBe(2);
    const answer = ask();
    const jobs = miners.map(async (scripted) => ({ scripted, job: await scripted.next("job") }));
    const first = await Promise.race(jobs);
    first.scripted.send({ type: "refuse", assignment: digestOf(first.job), code: "busy", message: "no room" });
    const other = await Promise.race(jobs.filter((_, i) => miners[i] !== first.scripted));
    other.scripted.tokens(other.job, [9], "ok");
    other.scripted.end(other.job, 1);
    const signer = other.scripted === miners[0] ? miner : second;
    other.scripted.receipt(other.job, [9], signer, nowMs);
    expect(JSON.parse((await answer).text)).toMatchObject({ choices: [{ message: { content: "ok" } }] });
    expect(locked()).toBe(0n);
  });

  it.each<[string, (scripted: ScriptedMiner, job: Awaited<ReturnType<typeof nextJob>>) => void]>([
    ["leaves a gap in its tokens", (scripted, job) => scripted.tokens(job, [1], "x", 5)],
    [
      "sends more tokens than it may",
      (scripted, job) =>
        scripted.tokens(
          job,
          Array.from({ length: 21 }, () => 1),
          "x",
        ),
    ],
    ["goes away before its first token", (scripted) => scripted.close()],
    ["goes silent", () => undefined],
    [
      "says that it failed",
      (scripted, job) =>
        scripted.send({ type: "failed", assignment: digestOf(job), code: "out_of_memory", message: "no memory" }),
    ],
  ])("whose only miner %s ends with 502, and nothing stays locked", async (_name, misbehave) => {
    const scripted = await ready();
    const answer = ask();
    misbehave(scripted, await nextJob(scripted));
    const { status, text } = await answer;
    expect(status).toBe(502);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "upstream_failed", type: "server_error" } });
    expect(locked()).toBe(0n);
    expect(f.ledger.logSize).toBe(before.size);
  });

  it.each<[string, Record<string, unknown>]>([
    ["another amount", { amountWei: 1n }],
    ["another output", { outputCommitment: word("other") }],
    ["more tokens than were delivered", { outputTokens: 3 }],
  ])("whose receipt names %s is not paid, and a stream says so instead of ending well", async (_name, change) => {
    const scripted = await ready();
    const answer = ask({ stream: true });
    const job = await nextJob(scripted);
    scripted.tokens(job, [7, 8], "hello");
    scripted.end(job, 2);
    scripted.receipt(job, [7, 8], miner, nowMs, change);
    expect(await scripted.next("rejected")).toMatchObject({ assignment: digestOf(job), code: "receipt_wrong" });
    const { status, text } = await answer;
    expect(status).toBe(200);
    expect(text).toContain('"content":"hello"');
    expect(text).toContain('"error":{');
    expect(text).not.toContain("[DONE]");
    expect(f.ledger.logSize).toBe(before.size);
  });

  it("whose client hangs up is cancelled and billed for what was delivered", async () => {
    const scripted = await ready();
    const hangUp = new AbortController();
    const answer = ask({ stream: true }, hangUp.signal).catch(() => undefined);
    const job = await nextJob(scripted);
    scripted.tokens(job, [7, 8, 9], "one two three");
    await expect.poll(() => app.hub.session(miner.address)?.streams.get(digestOf(job))?.ids.length).toBe(3);
    hangUp.abort();
    expect(await scripted.next("cancel")).toMatchObject({ assignment: digestOf(job), deliveredTokens: 3 });
    // Tokens that were on their way count no more.
    scripted.tokens(job, [10], " four", 3);
    scripted.receipt(job, [7, 8, 9], miner, nowMs, { finishReason: 2 });
    await scripted.next("accepted");
    await answer;
    expect(f.book.debitOf(client.address).cumulativeWei).toBe(before.debitedWei + 3n * 3n + 3n * 1_000n);
    expect(locked()).toBe(0n);
  });

  it("is refused with 402 when the client cannot pay for all of it", async () => {
    await ready();
    f.chain.funds = { ...f.chain.funds, balanceWei: before.debitedWei + 100n };
    const { status, text } = await ask();
    expect(status).toBe(402);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "insufficient_funds", type: "insufficient_quota" } });
  });
});

async function nextJob(scripted: ScriptedMiner) {
  return scripted.next("job");
}

describe("heartbeats", () => {
  it("that stay out make a miner degraded, then gone", async () => {
    await ready();
    const session = app.hub.session(miner.address);
    f.clock.nowMs += 46_000;
    app.hub.checkHeartbeats();
    expect(session?.status).toBe("degraded");
    f.clock.nowMs += 60_000;
    app.hub.checkHeartbeats();
    expect(app.hub.session(miner.address)).toBeUndefined();
  });
});
