import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { hostedText, hostedTokens, type SignedVoucherSchema } from "@lode/protocol";
import type { Static } from "typebox";
import type { Hex } from "@lode/sdk/hash";
import { commitTokens } from "@lode/sdk/merkle";
import { hostedCommitment, hostedEngineClass, workCommitment } from "@lode/sdk/typed-data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HandIns } from "../../../coordinator/src/plugins/app/hosting/hand-ins.ts";
import { Host } from "../../../coordinator/src/plugins/app/hosting/host.ts";
import { MinerHub } from "../../../coordinator/src/plugins/app/relay/hub.ts";
import { until } from "../../helpers/books.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { client, host, openLedgerFixture, person, temporaryHome } from "../fixture.ts";
import { Poller, sha256 } from "./poller.ts";

const wallet = person("polling miner");
let edge: Edge;
let poller: Poller;
beforeAll(async () => {
  edge = await openEdge({}, { host });
  poller = new Poller(edge, await edge.login("miner", wallet));
});
afterAll(() => edge.stop());

type SignedVoucher = Static<typeof SignedVoucherSchema>;
interface ChatAnswer {
  readonly choices: readonly { readonly finish_reason: string; readonly message: { readonly content: string } }[];
  readonly usage: { readonly completion_tokens: number };
}

const model = "hosted/text";
const chat = (body: object = {}): Promise<Response> => edge.chat({ model, ...body });
const credits = (prompt: number, output: number): bigint => {
  const amount = BigInt(prompt) * 3n + BigInt(output) * 1000n;
  return amount - (amount * 50_000n) / 1_000_000n;
};

describe("a miner that polls", () => {
  it("is asked for a heartbeat first, and earns nothing for another wallet", async () => {
    expect(await poller.next()).toMatchObject({ status: 404, body: { error: { code: "unknown_miner" } } });
    expect(await poller.heartbeat({ wallet: client.address })).toMatchObject({
      status: 403,
      body: { error: { code: "wrong_wallet", details: { param: "wallet" } } },
    });
  });

  it("sees nothing to do as an empty answer", async () => {
    const gpu = { name: "RTX 4090", temperature_c: 50, colour: "green" };
    const { status, body } = await poller.heartbeat({ wallet: wallet.address, gpu, uptime: 5, tags: ["a"] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true, miner_id: "rig-1", status: "available", host: host.address });
    expect(Date.parse(body.server_time)).toBe(edge.clock.nowMs);
    expect(await poller.next()).toEqual({ status: 204, body: undefined });
  });

  it("serves a text: the client has it, the host signs for it, the wallet is owed", async () => {
    const answering = chat({ messages: [{ role: "user", content: "Grüße?" }], max_tokens: 100, stop: ["END"] });
    const job = await poller.job();
    expect(job).toMatchObject({ workload: "text", input: { prompt: "user: Grüße?", max_tokens: 100, stop: ["END"] } });
    const said = "Grüße zurück — 你好 👋 and more of it, so that it takes several parts. ".repeat(5);
    const proof = await poller.prove(job.id, `${said}END and what nobody asked for`);
    const answer = await answering;
    const body = (await answer.json()) as ChatAnswer;
    expect(body.choices[0]!.message.content).toBe(said);
    expect(body.choices[0]!.finish_reason).toBe("stop");

    const bytes = Buffer.from(said);
    const tokens = Math.ceil(bytes.length / 4);
    const read = Math.ceil(Buffer.byteLength("user: Grüße?") / 4);
    expect(body.usage).toMatchObject({ prompt_tokens: read, completion_tokens: tokens });
    expect(proof).toMatchObject({ status: 200, body: { status: "accepted", host: host.address, log_index: 0 } });
    expect(proof.body.amount_wei).toBe(credits(read, tokens).toString());

    const [entry] = await edge.ledger.receipts(job.id);
    expect(entry!.assignment).toMatchObject({ miner: host.address, engineClass: hostedEngineClass, tier: 0 });
    const work = workCommitment(proof.body.work_salt, `0x${sha256(`${said}END and what nobody asked for`)}`);
    expect(entry!.hosted).toEqual({ wallet: wallet.address, work });
    expect(entry!.receipt.hosted).toBe(true);
    expect(entry!.receipt.fingerprintCommitment).toBe(hostedCommitment({ wallet: wallet.address, work }));
    expect(entry!.receipt.outputCommitment).toBe(commitTokens(proof.body.work_salt, 1, hostedTokens(bytes)));
    expect(hostedText(hostedTokens(bytes))).toBe(said);
  });

  it("has a wallet with a miner's view, and the vouchers that pay it; a client sees its own", async () => {
    const { body } = await poller.call("GET", "/v1/wallet/balance");
    const vouchers = (await poller.call("GET", "/v1/wallet/vouchers")).body as SignedVoucher[];
    const voucher = vouchers.at(-1)!;
    expect(body).toMatchObject({ account: wallet.address, scope: "miner", collectedWei: "0" });
    expect(body.hosted).toEqual([{ host: host.address, creditedWei: body.creditedWei, collectedWei: "0" }]);
    expect(voucher.voucher).toMatchObject({ payer: host.address, payee: wallet.address, kind: 1 });
    expect(voucher.voucher.cumulativeWei).toBe(body.creditedWei);
    const own = await new Poller(edge, edge.key).call("GET", "/v1/wallet/balance");
    expect(own.body).toMatchObject({ account: client.address, scope: "client" });
    expect((await new Poller(edge, edge.key).call("GET", "/v1/wallet/vouchers")).status).toBe(403);
  });

  it("keeps its job and is paid for it where the clock is set forward a day, then back", async () => {
    const answering = chat();
    const { id } = await poller.job();
    const wallMs = edge.clock.nowMs;
    edge.clock.steadyMs = wallMs;
    edge.clock.nowMs = wallMs + 86_400_000;
    expect(await poller.next()).toMatchObject({ status: 200, body: { id } });
    edge.clock.nowMs = wallMs - 3_600_000;
    expect(await poller.prove(id, "in time")).toMatchObject({ status: 200, body: { status: "accepted" } });
    expect((await answering).status).toBe(200);
    const [entry] = await edge.ledger.receipts(id);
    expect(entry!.receipt).toMatchObject({ startedAtMs: `${wallMs}`, finishedAtMs: `${wallMs}` });
    edge.clock.nowMs = wallMs;
    delete edge.clock.steadyMs;
  });

  it("must hand in a text job's text, with its own hash", async () => {
    const answering = chat();
    const { id } = await poller.job();
    expect(await poller.prove(id, "right", { output: undefined })).toMatchObject({
      status: 422,
      body: { error: { code: "output_missing", details: { param: "output" } } },
    });
    expect((await poller.prove(id, "right", { output: "" })).body.error.code).toBe("output_missing");
    expect(await poller.prove(id, "right", { output: "wrong" })).toMatchObject({
      status: 422,
      body: { error: { code: "output_mismatch" } },
    });
    expect((await poller.prove(id, "right", { output_sha: "12" })).status).toBe(400);
    expect((await poller.prove(id, "right", { output: { text: "right" } })).status).toBe(400);
    expect((await poller.prove(id, "right")).status).toBe(200);
    expect(((await (await answering).json()) as ChatAnswer).choices[0]!.message.content).toBe("right");
  });

  it("gets the same answer for the same proof, and none for another or for another's job", async () => {
    const stranger = new Poller(edge, await edge.login("miner", person("another miner")));
    const answering = chat();
    const { id } = await poller.job();
    expect((await stranger.prove(id, "stolen")).body.error.code).toBe("not_yours");
    const [first, second] = await Promise.all([poller.prove(id, "mine"), poller.prove(id, "mine")]);
    expect(second).toEqual(first);
    await answering;
    const again = await poller.prove(id, "mine");
    expect(again.body.amount_wei).toBe(first.body.amount_wei);
    expect((await stranger.prove(id, "stolen")).body.error.code).toBe("not_yours");
    expect((await edge.ledger.receipts(id)).length).toBe(1);
    expect((await poller.prove(`0x${"ab".repeat(32)}`, "x")).body.error.code).toBe("unknown_job");
  });

  it("gets its job again when it holds all it takes, and a second one when it takes two", async () => {
    const [one, other] = [chat(), chat()];
    const first = await poller.job();
    await until("the second job waits", async () => edge.app.host!.waiting === 1);
    expect((await poller.next(1)).body.id).toBe(first.id);
    expect((await poller.next(0)).status).toBe(204);
    const second = (await poller.next(2)).body;
    expect(second.id).not.toBe(first.id);
    await Promise.all([poller.prove(first.id, "a"), poller.prove(second.id, "b"), one, other]);
  });

  it("commits a benchmark by its hash alone", async () => {
    const answering = chat({ model: "hosted/benchmark" });
    const job = await poller.job();
    expect(job.workload).toBe("benchmark");
    const sha = sha256("result");
    expect((await poller.prove(job.id, "result", { output: undefined })).status).toBe(200);
    expect(((await (await answering).json()) as ChatAnswer).choices[0]!.message.content).toBe(sha);
  });

  it("is paid for what was delivered when its text is longer than asked for", async () => {
    const answering = chat({ max_tokens: 3 });
    const { id, input } = await poller.job();
    expect(input.max_output_bytes).toBe(12);
    await poller.prove(id, "1234567890ä👋");
    const body = (await (await answering).json()) as ChatAnswer;
    expect(body.choices[0]!).toMatchObject({ finish_reason: "length", message: { content: "1234567890ä" } });
    expect(body.usage.completion_tokens).toBe(3);
  });

  it("streams to the client like every miner", async () => {
    const answering = chat({ stream: true, max_tokens: 400 });
    const { id } = await poller.job();
    const said = "streamed ".repeat(60);
    await poller.prove(id, said);
    const text = await (await answering).text();
    const pieces = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece);
    expect(pieces.join("")).toBe(said);
    expect(pieces.length).toBeGreaterThan(3);
    expect(text).toContain("[DONE]");
  });

  it("may have fields of its own under names that mean something here, and is told which were not read", async () => {
    const own = { status: "idle", models: "llama", workloads: { text: true }, concurrency: "2", limits: [5] };
    const { status, body } = await poller.heartbeat({ ...own, uptime: 5 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "available",
      ignored: ["status", "workloads", "models", "concurrency", "limits"],
    });
    const read = await poller.heartbeat({ status: null, models: [], concurrency: 1, limits: {}, workloads: ["text", "benchmark"] }); // prettier-ignore
    expect(read.body).not.toHaveProperty("ignored");
    expect((await poller.heartbeat({ miner_id: 5 })).status).toBe(400);
    expect((await poller.heartbeat({ wallet: "me" })).status).toBe(400);
  });

  it("is paid whatever it says of its figures", async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`figure_${i}`, i]));
    for (const metrics of ["5 tokens", [1, 2], 7, null, { ...many, ["x".repeat(100)]: 1, speed: "fast" }]) {
      const answering = chat();
      const { id } = await poller.job();
      expect(await poller.prove(id, "done", { metrics, mode: "gpu" })).toMatchObject({
        status: 200,
        body: { status: "accepted" },
      });
      expect((await answering).status).toBe(200);
    }
  });
});

describe("a client of polling miners", () => {
  it("is refused what nobody can hold them to", async () => {
    await poller.heartbeat();
    for (const body of [{ response_format: { type: "json_object" } }, { tier: "sampled" }]) {
      const answer = await chat(body);
      expect(answer.status).toBe(400);
    }
    expect(edge.app.host!.waiting).toBe(0);
  });

  it("that hangs up before the work is handed in pays nothing, and the proof is told", async () => {
    const gone = new AbortController();
    const answering = edge.chat({ model }, { signal: gone.signal });
    const { id } = await poller.job();
    gone.abort();
    await expect(answering).rejects.toThrow();
    await until("the job is given up", async () => edge.app.relay.running === 0);
    expect((await poller.prove(id, "too late")).status).toBe(404);
    expect(edge.ledger.settled(id)).toBeUndefined();
  });

  it("finds the hosted models among the others, and nobody else can take their names", async () => {
    const models = await new Poller(edge, edge.key).call("GET", "/v1/models");
    expect((models.body as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([
      "hosted/benchmark",
      "hosted/text",
    ]);
    const { demoModel } = await import("../edge/scripted-miner.ts");
    for (const change of [{ id: "hosted/text" }, { engineClass: hostedEngineClass }]) {
      const taker = await edge.miner({ models: [{ ...demoModel, ...change }], isUnproven: true });
      taker.hello(await taker.next("challenge"));
      expect((await taker.next("error")).code).toBe("hosted_name");
      taker.hangUp();
    }
  });
});

describe("time", () => {
  it("takes a job back from a miner that was not heard, and gives it to the next", async () => {
    const other = new Poller(edge, await edge.login("miner", person("reliable")), "rig-2");
    const answering = chat();
    const job = await poller.job();
    edge.clock.nowMs += 106_000;
    await other.heartbeat();
    expect((await other.job()).id).toBe(job.id);
    expect((await poller.prove(job.id, "late")).body.error.code).toBe("not_yours");
    expect((await other.prove(job.id, "in time")).status).toBe(200);
    expect(((await (await answering).json()) as ChatAnswer).choices[0]!.message.content).toBe("in time");
  });

  it("takes late work while nobody else has the job", async () => {
    await poller.heartbeat();
    const answering = chat();
    const job = await poller.job();
    edge.clock.nowMs += 301_000;
    expect((await poller.prove(job.id, "late, but good")).status).toBe(200);
    expect((await answering).status).toBe(200);
  });

  it("ends a job that nobody fetches, so that its client can ask elsewhere", async () => {
    await poller.heartbeat();
    const answering = chat();
    await until("the job waits", async () => edge.app.host!.waiting === 1);
    edge.clock.nowMs += 61_000;
    await poller.heartbeat();
    await poller.next(0);
    expect((await answering).status).toBe(503);
  });
});

describe("work that is delivered and not receipted yet", () => {
  const said = "delivered before the end of this process, and owed behind it. ".repeat(10);
  const handedIn = (home = edge.home): string[] =>
    existsSync(join(home, "hosted")) ? readdirSync(join(home, "hosted")) : [];

  /** The coordinator's word is held back for more than so many tokens; what this returns lets it go on. */
  function holdBackAbove(tokens: number): () => void {
    const { ledger } = edge;
    const acknowledge = ledger.acknowledge.bind(ledger);
    const gate = Promise.withResolvers<undefined>();
    ledger.acknowledge = async (progress) => {
      if (progress.count > tokens) await gate.promise;
      return acknowledge(progress);
    };
    return () => {
      ledger.acknowledge = acknowledge;
      gate.resolve(undefined);
    };
  }

  /** What the disk holds now. */
  function copyHome(): ReturnType<typeof temporaryHome> {
    const copy = temporaryHome();
    for (const folder of ["journal", "hosted"])
      cpSync(join(edge.home, folder), join(copy.home, folder), { recursive: true });
    return copy;
  }

  /** The next process, on what this one left. */
  async function restart(home: string) {
    const warnings: string[] = [];
    const log = (_level: string, _fields: object, message: string): number => warnings.push(message);
    const { ledger, chain, clock, close } = await openLedgerFixture(home, { host, hasTables: false, ...edge.clock });
    const nowMs = (): number => clock.nowMs;
    const shared = { ledger, chain, nowMs, steadyMs: nowMs, clocks: { nowMs, steadyMs: nowMs }, log };
    const { floor, nodes } = edge.app;
    const hub = new MinerHub({ ...shared, floor, origins: () => new Set(), heartbeatSecs: 30, silentMs: 30_000 });
    const next = new Host({
      ...{ ...shared, signer: host, hub, nodes, handIns: new HandIns(join(home, "hosted")) },
      ...{ leaseMs: 60_000, waitMs: 60_000, stallMs: 60_000, version: "0.0.0" },
    });
    return {
      settled: (id: Hex) => ledger.settled(id),
      openAttempts: () => ledger.openAttempts,
      host: next,
      warnings,
      async stop() {
        next.close();
        hub.close();
        await close();
      },
    };
  }

  it("is paid by the next process, for what was acknowledged and once", async () => {
    await poller.heartbeat();
    const goOn = holdBackAbove(32);
    const answering = chat({ max_tokens: 400 });
    const { id } = await poller.job();
    const proving = poller.prove(id, said);
    await until("a part is acknowledged", async () => {
      const [file] = handedIn().filter((name) => name === id);
      return file !== undefined && edge.app.hub.session(host.address)?.streams.get(id)?.delivered.count === 64;
    });
    // The disk refuses to read: nothing is given up, and all of it is there for the process behind that.
    const copy = copyHome();
    const file = join(copy.home, "hosted", id);
    renameSync(file, join(copy.home, "aside"));
    mkdirSync(file);
    const blind = await restart(copy.home);
    try {
      await expect(blind.host.refresh()).rejects.toThrow("EISDIR");
      expect(blind.warnings).toContain("polling miners get no work: what was handed in before is not read");
      expect(blind.openAttempts()).toBe(1);
    } finally {
      await blind.stop();
    }
    rmdirSync(file);
    renameSync(join(copy.home, "aside"), file);
    const next = await restart(copy.home);
    try {
      await until("it is settled", async () => next.settled(id) !== undefined);
      const read = Math.ceil(Buffer.byteLength("user: Hello") / 4);
      expect(next.settled(id)).toMatchObject({ creditWei: credits(read, 32), hosted: { wallet: wallet.address } });
      await until("nothing is owed", async () => handedIn(copy.home).length === 0);
      await until("nothing else is open", async () => next.openAttempts() === 0);
    } finally {
      await next.stop();
      copy.remove();
    }
    // Here nobody died.
    goOn();
    expect((await proving).body.status).toBe("accepted");
    expect((await answering).status).toBe(200);
    await until("nothing is owed", async () => handedIn().length === 0);
  });

  it("is paid when its stream fails in the middle, and the proof is told", async () => {
    await poller.heartbeat();
    const goOn = holdBackAbove(32);
    const answering = chat({ max_tokens: 400 });
    const { id } = await poller.job();
    const proving = poller.prove(id, said);
    const session = edge.app.hub.session(host.address)!;
    await until("a part is delivered", async () => session.streams.get(id)?.delivered.count === 64);
    session.streams.get(id)!.fail("silent");
    goOn();
    const { status, body } = await proving;
    const read = Math.ceil(Buffer.byteLength("user: Hello") / 4);
    expect({ status, amount: body.amount_wei }).toEqual({ status: 200, amount: credits(read, 64).toString() });
    await until("nothing is owed", async () => handedIn().length === 0);
    // Nobody can go on with it.
    expect((await answering).status).not.toBe(200);
  });
});

describe("a coordinator without a host", () => {
  it("says so", async () => {
    const bare = await openEdge();
    try {
      const miner = new Poller(bare, await bare.login("miner", wallet));
      expect((await miner.heartbeat()).body.host).toBeNull();
      expect(await miner.next()).toMatchObject({ status: 503, body: { error: { code: "no_host" } } });
    } finally {
      await bare.stop();
    }
  });
});
