import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Audit, type FindingKind } from "@lode/sdk/audit";
import { commitTokens, emptyRoot, tokenSide } from "@lode/sdk/merkle";
import { ChainError } from "../../../coordinator/src/plugins/app/chain/errors.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type Piece, type ReceivedJob, type ScriptedMiner } from "../edge/scripted-miner.ts";
import { readStream } from "../edge/stream.ts";
import { until } from "../../helpers/books.ts";
import { addresses, client, person, prices, word } from "../fixture.ts";

const script = Array.from({ length: 20 }, (_, i): Piece => [100 + i, `w${i} `]);
const text = script.map(([, piece]) => piece).join("");

let edge: Edge;
beforeAll(async () => {
  edge = await openEdge();
  // All tests of this file spend from one deposit.
  edge.chain.funds = { ...edge.chain.funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

/** Two miners without a script, in the order in which they get a job. */
async function pair(): Promise<[ScriptedMiner, ScriptedMiner]> {
  const [first, second] = await edge.inOrder([await edge.miner(), await edge.miner()]);
  return [first!, second!];
}

/** Starts a streamed job whose first `count` tokens come from the first miner. */
async function broken(count: number) {
  const [first, second] = await pair();
  const answering = edge.chat({ stream: true, max_tokens: 20 }).then(readStream);
  const job = await first.job();
  if (count > 0) first.tokens(job, script.slice(0, count));
  return { first, second, answering, job };
}

async function finishOn(miner: ScriptedMiner): Promise<ReceivedJob> {
  const job = await miner.job();
  await miner.finish(job, script.slice(job.message.prefixTokens.length));
  return job;
}

describe("a stream goes on with the next miner", () => {
  it.each<[string, (miner: ScriptedMiner, job: ReceivedJob) => void]>([
    ["when the link closes", (miner) => miner.hangUp()],
    [
      "when the miner fails",
      (miner, job) =>
        miner.send({ type: "failed", assignment: job.digest, code: "engine_crashed", message: "canary-1414" }),
    ],
    ["when tokens are missing", (miner, job) => miner.tokens(job, [[9, "x"]], 11)],
    ["when tokens come twice", (miner, job) => miner.tokens(job, [[9, "x"]], 3)],
    [
      "when the receipt is wrong",
      (miner, job) => miner.send(miner.receiptMessage(job, { outputTokens: 6, finishReason: 0 })),
    ],
    ["when the receipt asks for more", (miner, job) => miner.send(miner.receiptMessage(job, { amountWei: 10_000n }))],
  ])("%s", async (_name, fail) => {
    const { first, second, answering, job } = await broken(7);
    fail(first, job);
    const next = await finishOn(second);
    const stream = await answering;
    expect(stream).toMatchObject({ text, isDone: true, error: undefined });
    expect(next.message.prefixTokens).toEqual(script.slice(0, 7).map(([id]) => id));
    expect(next.assignment).toMatchObject({
      counter: job.assignment.counter,
      seed: job.assignment.seed,
      attempt: 1,
      outputOffset: 7,
      maxOutputTokens: 13,
      inputPriceWei: 0n,
      prefixCommitment: commitTokens(job.message.jobSalt, tokenSide.output, next.message.prefixTokens),
    });
    expect(stream.last?.lode).toMatchObject({ job: job.digest, miners: [first.address, second.address] });
    expect(edge.logged.join("")).not.toContain("canary-1414");
    const metrics = (await edge.app.inject({ method: "GET", url: "/metrics" })).body;
    expect(metrics).toMatch(/^lode_failovers_total\{reason="[a-z_]+"\} [1-9]/m);
  });

  it("when a heartbeat is missing", async () => {
    const { first, second, answering } = await broken(7);
    await expect.poll(() => edge.app.hub.session(first.address)?.streams.values().next().value?.ids.length).toBe(7);
    edge.clock.nowMs += 20_000;
    second.heartbeat();
    await expect.poll(() => edge.app.hub.session(second.address)?.lastSeenMs).toBe(edge.clock.nowMs);
    edge.clock.nowMs += 26_000;
    edge.app.hub.checkHeartbeats();
    await finishOn(second);
    expect(await answering).toMatchObject({ text, isDone: true });
  });

  it("when the first one refuses, from the beginning", async () => {
    const { first, second, answering, job } = await broken(0);
    first.send({ type: "refuse", assignment: job.digest, code: "busy", message: "full" });
    const next = await finishOn(second);
    expect(next.assignment).toMatchObject({ attempt: 1, outputOffset: 0, inputPriceWei: prices.inputPriceWei });
    expect(await answering).toMatchObject({ text, isDone: true });
    // Being full is no failure.
    expect(edge.ledger.registry.standing(first.address, edge.clock.nowMs)).toMatchObject({ failed: 0 });
  });

  it("that came after the list was made, and neither one that is leaving nor one that gave no sign of life", async () => {
    const [first, leaving, silent] = await edge.inOrder([await edge.miner(), await edge.miner(), await edge.miner()]);
    const answering = edge.chat({ stream: true, max_tokens: 20 }).then(readStream);
    const job = await first!.job();
    first!.tokens(job, script.slice(0, 7));
    leaving!.heartbeat("draining");
    await expect.poll(() => edge.app.hub.session(leaving!.address)?.status).toBe("draining");
    const quiet = edge.app.hub.session(silent!.address)!;
    quiet.isQuiet = true;
    edge.app.floor.refresh(quiet);
    const late = await edge.miner();
    first!.hangUp();
    const next = await finishOn(late);
    expect(next.assignment).toMatchObject({ attempt: 1, outputOffset: 7, outputPriceWei: prices.outputPriceWei });
    expect(await answering).toMatchObject({ text, isDone: true });
    expect([leaving!.jobs, silent!.jobs]).toEqual([[], []]);
  });

  it("and a whole answer is put together the same way", async () => {
    const [first, second] = await pair();
    const answering = edge.chat({ max_tokens: 20 });
    const job = await first.job();
    first.tokens(job, script.slice(0, 7));
    first.hangUp();
    await finishOn(second);
    expect(await (await answering).json()).toMatchObject({
      choices: [{ message: { content: text } }],
      usage: { completion_tokens: 20 },
    });
  });
});

describe("the money of a lost attempt", () => {
  it("stays reserved for what was delivered, and is paid when the miner comes back with its proof", async () => {
    const [first, second] = await pair();
    const forty = Array.from({ length: 40 }, (_, i): Piece => [100 + i, `w${i} `]);
    const answering = edge.chat({ stream: true, max_tokens: 50 }).then(readStream);
    const job = await first.job();
    first.tokens(job, forty);
    const { items } = await first.next("ack");
    expect(items[0]!.progress.count).toBe(40);
    first.hangUp();
    const next = await second.job();
    await second.finish(next, [[1, "end"]]);
    const stream = await answering;
    expect(stream.text).toBe(`${forty.map(([, piece]) => piece).join("")}end`);
    const input = BigInt(job.assignment.maxInputTokens) * prices.inputPriceWei;
    expect(edge.book.lockedWei(job.assignment.client)).toBe(input + 40n * prices.outputPriceWei);

    const { signer } = first.options;
    const back = await edge.miner({ signer, pending: [job.digest], resumes: false });
    back.send(first.receiptMessage(job, { finishReason: 3 }, items[0]));
    back.resume();
    expect(await back.next("accepted")).toMatchObject({ assignment: job.digest });
    expect(await back.next("voucher")).toMatchObject({ voucher: { payee: back.address } });
    expect(edge.book.lockedWei(job.assignment.client)).toBe(0n);
    expect(edge.ledger.openAttempts).toBe(0);
  });

  it("is released when the miner comes back without a receipt", async () => {
    const { first, second, answering } = await broken(7);
    first.hangUp();
    await finishOn(second);
    await answering;
    expect(edge.ledger.openAttempts).toBe(1);
    await edge.miner({ signer: first.options.signer });
    await expect.poll(() => edge.ledger.openAttempts).toBe(0);
  });

  it("is released at once when nothing was delivered", async () => {
    const { first, second, answering } = await broken(0);
    first.hangUp();
    await finishOn(second);
    await answering;
    expect(edge.ledger.openAttempts).toBe(0);
  });

  it("waits while the chain cannot be asked, and a receipt sent then is settled later", async () => {
    const { first, second, answering, job } = await broken(7);
    await expect.poll(() => edge.app.hub.session(first.address)?.streams.values().next().value?.ids.length).toBe(7);
    // The coordinator proves what it has, and the miner receipts that.
    first.send({ type: "failed", assignment: job.digest, code: "engine_crashed", message: "" });
    const { items } = await first.next("ack");
    await first.next("cancel");
    await finishOn(second);
    await answering;
    const read = edge.chain.miner;
    edge.chain.miner = async () => {
      throw new ChainError("unreachable", "the chain is away");
    };
    first.send(first.receiptMessage(job, { finishReason: 2 }, items[0]));
    first.send({ type: "resumed" });
    await expect.poll(() => edge.logged.some((line) => line.includes("the chain is away"))).toBe(true);
    edge.chain.miner = read;
    expect(edge.ledger.openAttempts).toBe(1);
    await edge.app.hub.retryReceipts();
    expect(await first.next("accepted")).toMatchObject({ assignment: job.digest });
    expect(edge.ledger.openAttempts).toBe(0);
  });
});

describe("a client whose answer is whole while the chain is away", () => {
  it("is told of no failure that it would pay for: it has its answer when the receipt can be settled", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({ max_tokens: 20 });
    const job = await miner.job();
    const read = edge.chain.miner;
    edge.chain.miner = async () => {
      throw new ChainError("unreachable", "the chain is away");
    };
    const finished = miner.finish(job, script);
    await until("the receipt waits", async () => [...edge.app.hub.unsettled].includes(job.digest));
    edge.chain.miner = read;
    const answer = await answering;
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: text } }] });
    await finished;
    expect(edge.ledger.settled(job.digest)).toBeDefined();
    expect([...edge.app.hub.unsettled]).toEqual([]);
  });
});

describe("a miner that links again", () => {
  it("gets its last voucher again, which may have been lost with its link", async () => {
    const miner = await edge.miner({ script });
    await (await edge.chat({ max_tokens: 20 })).json();
    const { voucher, funding } = await miner.next("voucher");
    miner.hangUp();
    const back = await edge.miner({ signer: miner.options.signer });
    expect(await back.next("voucher")).toMatchObject({ voucher, funding });
  });

  it("gets each client's voucher once a link, and all of them again on the next", async () => {
    const miner = await edge.miner({ script });
    const other = person("another client");
    const key = await edge.login("client", other);
    const payers = async (link: typeof miner): Promise<string[]> =>
      (await link.next("voucher")).funding.map(({ voucher }) => voucher.payer);
    await (await edge.chat({ max_tokens: 20 })).json();
    expect(await payers(miner)).toEqual([client.address]);
    await (await edge.chat({ max_tokens: 20 }, { key })).json();
    expect(await payers(miner)).toEqual([other.address]);
    await (await edge.chat({ max_tokens: 20 })).json();
    expect(await payers(miner)).toEqual([client.address]);
    miner.hangUp();
    const back = await edge.miner({ signer: miner.options.signer });
    expect(await payers(back)).toEqual([other.address, client.address]);
  });

  it("is nobody's fallback before its earlier receipts are in: its word that they are would give the job up", async () => {
    const { first, second, answering } = await broken(3);
    second.hangUp();
    const back = await edge.miner({ signer: second.options.signer, resumes: false });
    first.hangUp();
    expect((await answering).error).toMatchObject({ code: "upstream_failed" });
    expect(back.jobs).toEqual([]);
  });

  it("gives nothing up by saying twice that its receipts are in", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({ max_tokens: 20 });
    const { assign } = edge.ledger;
    const job = miner.job();
    edge.ledger.assign = async (command) => {
      const assigned = await assign.call(edge.ledger, command);
      // The book has it, its link does not know it yet.
      miner.send({ type: "resumed" });
      await miner.roundTrip();
      return assigned;
    };
    try {
      await miner.finish(await job, script);
    } finally {
      edge.ledger.assign = assign;
    }
    expect((await answering).status).toBe(200);
  });
});

describe("a silent miner", () => {
  let impatient: Edge;
  beforeAll(async () => {
    impatient = await openEdge({ STALL_MS: "1500", FIRST_TOKEN_MS: "1500" });
  });
  afterAll(() => impatient.stop());

  it.each([0, 7])("is replaced after %i tokens", async (count) => {
    const miners = [await impatient.miner(), await impatient.miner()];
    const answering = impatient.chat({ stream: true, max_tokens: 20 }).then(readStream);
    const jobs = miners.map(async (miner) => ({ miner, job: await miner.job() }));
    const { miner: silent, job } = await Promise.race(jobs);
    if (count > 0) silent.tokens(job, script.slice(0, count));
    const [other] = jobs.filter((_, i) => miners[i] !== silent);
    const next = await other!;
    expect(next.job.assignment).toMatchObject({ attempt: 1, outputOffset: count });
    await next.miner.finish(next.job, script.slice(count));
    expect(await answering).toMatchObject({ text, isDone: true });
    // It gets the proof of what arrived, so that it can be paid for that.
    if (count > 0) expect((await silent.next("ack")).items[0]?.progress.count).toBe(count);
    expect(await silent.next("cancel")).toMatchObject({ deliveredTokens: count });
    await impatient.disconnect();
  });
});

describe("a coordinator that was held up itself for longer than a silence may last", () => {
  it("reads first what came meanwhile", async () => {
    const held = await openEdge({ STALL_MS: "1000" });
    try {
      const miner = await held.miner();
      const spare = await held.miner();
      const answering = held.chat({ stream: true, max_tokens: 20 }).then(readStream);
      const [serving, job] = await Promise.race([miner, spare].map(async (one) => [one, await one.job()] as const));
      serving.tokens(job, script.slice(0, 7));
      await serving.roundTrip();
      // These lie in the socket while nothing runs in this process.
      serving.tokens(job, script.slice(7), 7);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
      await serving.finish(job, []);
      expect(await answering).toMatchObject({ text, isDone: true, error: undefined });
      expect([...miner.jobs, ...spare.jobs]).toHaveLength(1);
    } finally {
      await held.stop();
    }
  });
});

describe("when nobody is left", () => {
  it("a stream ends with an error object and no end mark", async () => {
    const { first, second, answering } = await broken(7);
    first.hangUp();
    const next = await second.job();
    second.send({ type: "refuse", assignment: next.digest, code: "whatever", message: "canary-1732" });
    const stream = await answering;
    expect(stream.text).toBe(
      script
        .slice(0, 7)
        .map(([, piece]) => piece)
        .join(""),
    );
    expect(stream.isDone).toBe(false);
    expect(stream.last).toBeUndefined();
    expect(stream.error).toMatchObject({ code: "upstream_failed", type: "server_error" });
    expect(JSON.stringify(stream.error)).not.toContain("canary-1732");
  });

  it.each([
    ["another amount", { amountWei: 1n }],
    ["another output", { outputCommitment: word("other") }],
    ["more tokens than were delivered", { outputTokens: 3 }],
  ])("a receipt that names %s is not paid, and the stream does not end well", async (_name, change) => {
    const { logSize } = edge.ledger;
    const miner = await edge.miner();
    const answering = edge.chat({ stream: true }).then(readStream);
    const job = await miner.job();
    await miner.finish(job, script.slice(0, 2), change);
    expect(await miner.next("rejected")).toMatchObject({ assignment: job.digest, code: "receipt_wrong" });
    expect(await answering).toMatchObject({ text: "w0 w1 ", isDone: false, error: { code: "upstream_failed" } });
    expect(edge.ledger.logSize).toBe(logSize);
  });

  it("a whole answer is a 502, and nothing is charged", async () => {
    const { logSize } = edge.ledger;
    const miner = await edge.miner();
    const answering = edge.chat({});
    const job = await miner.job();
    miner.send({ type: "refuse", assignment: job.digest, code: "distrust", message: "" });
    const answer = await answering;
    expect(answer.status).toBe(502);
    expect(edge.ledger).toMatchObject({ openAttempts: 0, logSize });
  });

  it("a prompt that is too long is the client's to mend, and no third miner is asked", async () => {
    const miners = await edge.inOrder([await edge.miner(), await edge.miner(), await edge.miner()]);
    const answering = edge.chat({});
    for (const miner of miners.slice(0, 2)) {
      const { digest } = await miner.job();
      miner.send({ type: "failed", assignment: digest, code: "input_too_long", message: "" });
    }
    const answer = await answering;
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "context_length_exceeded", param: "messages" } });
    expect(miners[2]!.jobs).toEqual([]);
  });

  it("one miner's word that a prompt is too long is not believed while another can do it", async () => {
    const { first, second, answering, job } = await broken(0);
    first.send({ type: "failed", assignment: job.digest, code: "input_too_long", message: "" });
    await finishOn(second);
    expect(await answering).toMatchObject({ text, isDone: true });
  });

  it("a miner whose clock differs is asked no more before its next heartbeat", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({});
    const job = await miner.job();
    miner.send({ type: "refuse", assignment: job.digest, code: "clock", message: "" });
    expect((await answering).status).toBe(502);
    expect((await edge.chat({})).status).toBe(503);
    miner.heartbeat();
    await miner.roundTrip();
    const again = edge.chat({ stream: true, max_tokens: 20 }).then(readStream);
    await finishOn(miner);
    expect(await again).toMatchObject({ text, isDone: true });
    expect(miner.jobs).toHaveLength(2);
  });

  it("nothing is called full of which a miner delivered a part: it may be billed", async () => {
    const { first, second, answering } = await broken(7);
    first.hangUp();
    const next = await second.job();
    second.send({ type: "refuse", assignment: next.digest, code: "busy", message: "" });
    expect((await answering).error).toMatchObject({ code: "upstream_failed" });
  });

  it("a prompt that one miner has no room for goes to the largest context next", async () => {
    const small = { ...demoModel, contextTokens: 1024 };
    const smalls = [await edge.miner({ models: [small] }), await edge.miner({ models: [small] })];
    const answering = edge.chat({ stream: true, max_tokens: 20 }).then(readStream);
    const taken = await Promise.race(smalls.map(async (miner) => ({ miner, job: await miner.job() })));
    const large = await edge.miner();
    await large.roundTrip();
    taken.miner.send({ type: "failed", assignment: taken.job.digest, code: "input_too_long", message: "" });
    await finishOn(large);
    expect(await answering).toMatchObject({ text, isDone: true });
    expect(smalls.flatMap(({ jobs }) => jobs)).toHaveLength(1);
  });

  it("an answer whose last token came is whole, although its miner died before the receipt", async () => {
    const { first, answering } = await broken(20);
    first.hangUp();
    const stream = await answering;
    expect(stream).toMatchObject({ text, isDone: true });
    expect(stream.last?.choices[0]?.finish_reason).toBe("length");
  });
});

describe("a realtime job", () => {
  const realtime = { "x-lode-latency": "realtime" };
  const ready = async (miners: readonly ScriptedMiner[]): Promise<void> => {
    await edge.settle(miners);
    for (const { address } of miners) {
      const session = edge.app.hub.session(address)!;
      // However busy this machine is: the budget is not what is tried here.
      for (let i = 0; i < 60; i++) session.learn(0, 1, 1);
      edge.app.floor.refresh(session);
    }
  };
  /** One job in ten may start twice. */
  const earn = async (): Promise<void> => {
    const quick = await edge.miner({ script });
    for (let job = 0; job < 10; job++) {
      await ready([quick]);
      const answer = await edge.chat({ max_tokens: 20 }, { headers: realtime });
      expect(answer.status).toBe(200);
      await answer.text();
    }
    await edge.disconnect();
  };
  const failures = ({ address }: ScriptedMiner): number =>
    edge.ledger.registry.standing(address, edge.clock.nowMs).failed;
  const debited = (): bigint => edge.book.debitOf(client.address).cumulativeWei;

  it.each([
    ["the second one is faster", true],
    ["the first one comes just before it", false],
  ])("starts again beside a miner that lets wait, and %s", async (_name, isSecond) => {
    await earn();
    const miners = [await edge.miner(), await edge.miner()];
    await ready(miners);
    const [before, logSize] = [debited(), edge.ledger.logSize];
    const credits = new Map(miners.map(({ address }) => [address, edge.book.creditOf(address).count]));
    const failed = new Map(miners.map((miner) => [miner.address, failures(miner)]));
    const answering = edge.chat({ stream: true, max_tokens: 20 }, { headers: realtime }).then(readStream);
    const jobs = miners.map(async (miner) => ({ miner, job: await miner.job() }));
    const first = await Promise.race(jobs);
    const second = await jobs[miners.indexOf(first.miner) === 0 ? 1 : 0]!;
    expect(first.job.assignment).toMatchObject({ attempt: 0, outputOffset: 0 });
    const { counter, seed } = first.job.assignment;
    expect(second.job.assignment).toMatchObject({ attempt: 1, outputOffset: 0, counter, seed });
    const [winner, loser] = isSecond ? [second, first] : [first, second];
    await winner.miner.finish(winner.job, script);
    const stream = await answering;
    expect(stream).toMatchObject({ text, isDone: true });
    expect(stream.last?.lode).toMatchObject({
      ...{ job: first.job.digest, receipts: [winner.job.digest] },
      miners: [first.miner.address, second.miner.address],
    });
    expect(await loser.miner.next("cancel")).toMatchObject({ assignment: loser.job.digest, deliveredTokens: 0 });
    // What it has all the same is nobody's, and a receipt for it pays nothing.
    loser.miner.tokens(loser.job, script.slice(0, 3));
    loser.miner.send(loser.miner.receiptMessage(loser.job));
    expect(await loser.miner.next("rejected")).toMatchObject({ code: "receipt_voided" });
    const paidWei = 5n * prices.inputPriceWei + 20n * prices.outputPriceWei;
    expect([debited() - before, edge.ledger.logSize - logSize]).toEqual([paidWei, 1]);
    expect([edge.ledger.openAttempts, edge.book.lockedWei(client.address)]).toEqual([0, 0n]);
    expect(edge.book.creditOf(loser.miner.address).count).toBe(credits.get(loser.miner.address));
    // Being slow once is no failure.
    expect(failures(loser.miner)).toBe(failed.get(loser.miner.address));
    const metrics = (await edge.app.inject({ method: "GET", url: "/metrics" })).body;
    expect(metrics).toMatch(new RegExp(`^lode_hedged_jobs_total\\{won="${isSecond ? "second" : "first"}"\\} 1$`, "m"));
  });

  it("that finds nobody for a second start leaves it to the next", async () => {
    await earn();
    const lone = await edge.miner();
    await ready([lone]);
    const looking = vi.spyOn(edge.app.floor, "others");
    const waiting = edge.chat({ stream: true, max_tokens: 20 }, { headers: realtime }).then(readStream);
    const job = await lone.job();
    await until("somebody is looked for", async () => looking.mock.calls.length > 0);
    looking.mockRestore();
    await lone.finish(job, script);
    expect(await waiting).toMatchObject({ text, isDone: true });
    const miners = [lone, await edge.miner()];
    await ready(miners);
    const answering = edge.chat({ stream: true, max_tokens: 20 }, { headers: realtime }).then(readStream);
    const [again] = await Promise.all(miners.map((miner) => miner.job()));
    await lone.finish(again!, script);
    expect(await answering).toMatchObject({ text, isDone: true });
  });

  it("is not paid twice when one signs for nothing at all while the other one begins", async () => {
    await earn();
    const miners = [await edge.miner(), await edge.miner()];
    await ready(miners);
    const [before, logSize] = [debited(), edge.ledger.logSize];
    const answering = edge.chat({ stream: true, max_tokens: 20 }, { headers: realtime }).then(readStream);
    const jobs = miners.map(async (miner) => ({ miner, job: await miner.job() }));
    const first = await Promise.race(jobs);
    const second = await jobs[miners.indexOf(first.miner) === 0 ? 1 : 0]!;
    // No frame came before it: an empty answer that its own model ended.
    first.miner.send(first.miner.receiptMessage(first.job));
    expect(await second.miner.next("cancel")).toMatchObject({ assignment: second.job.digest, deliveredTokens: 0 });
    expect(await answering).toMatchObject({ text: "", isDone: true });
    second.miner.tokens(second.job, script);
    second.miner.send(second.miner.receiptMessage(second.job));
    expect(await second.miner.next("rejected")).toMatchObject({ code: "receipt_voided" });
    expect([debited() - before, edge.ledger.logSize - logSize]).toEqual([5n * prices.inputPriceWei, 1]);
    expect(edge.ledger.openAttempts).toBe(0);
  });

  it("goes on with whoever is left when one of both is lost, and asks nobody new", async () => {
    await earn();
    const miners = [await edge.miner(), await edge.miner(), await edge.miner()];
    await ready(miners);
    const answering = edge.chat({ stream: true, max_tokens: 20 }, { headers: realtime }).then(readStream);
    const jobs = miners.map(async (miner) => ({ miner, job: await miner.job() }));
    const first = await Promise.race(jobs);
    const second = await Promise.race(jobs.filter((_, i) => miners[i] !== first.miner));
    first.miner.hangUp();
    await until("the first one is gone", async () => edge.app.hub.session(first.miner.address) === undefined);
    await second.miner.finish(second.job, script);
    expect(await answering).toMatchObject({ text, isDone: true });
    const [idle] = miners.filter((miner) => miner !== first.miner && miner !== second.miner);
    expect(idle!.jobs).toEqual([]);
    expect(edge.ledger.openAttempts).toBe(0);
    for (const job of jobs) job.catch(() => undefined);
  });
});

describe("a planned drain", () => {
  it("lets a stream end where it is, and begins the next job elsewhere", async () => {
    const { first, second, answering, job } = await broken(7);
    first.heartbeat("draining");
    await expect.poll(() => edge.app.hub.session(first.address)?.status).toBe("draining");
    const next = edge.chat({ stream: true, max_tokens: 20 }).then(readStream);
    await finishOn(second);
    expect(await next).toMatchObject({ text, isDone: true });
    await first.finish(job, script.slice(7));
    const stream = await answering;
    expect(stream).toMatchObject({ text, isDone: true });
    expect(stream.last?.lode?.miners).toEqual([first.address]);
    expect(first.jobs).toHaveLength(1);
  });

  it("that cannot wait hands the stream on in the middle, each miner signing for its part", async () => {
    const before = edge.book.debitOf(client.address).cumulativeWei;
    const { first, second, answering, job } = await broken(7);
    first.endOfOutput(job);
    await first.next("ack");
    first.send(first.receiptMessage(job, { finishReason: 3 }));
    const next = await finishOn(second);
    expect(next.message.prefixTokens).toEqual(script.slice(0, 7).map(([id]) => id));
    const stream = await answering;
    expect(stream).toMatchObject({ text, isDone: true });
    expect(stream.last?.lode).toMatchObject({ receipts: [job.digest, next.digest] });
    const paidWei = 5n * prices.inputPriceWei + 20n * prices.outputPriceWei;
    expect(edge.book.debitOf(client.address).cumulativeWei - before).toBe(paidWei);
    expect(edge.ledger.registry.standing(first.address, edge.clock.nowMs).failed).toBe(0);
  });
});

it("leaves a log in which an audit finds nothing wrong with prices, limits and attempts", async () => {
  const entries = await edge.ledger.entries(0, 1_000);
  expect(entries.filter(({ assignment }) => assignment.attempt > 0).length).toBeGreaterThan(5);
  const head = { coordinator: edge.book.coordinator, size: 0n, root: emptyRoot, timestampMs: 0n };
  const audit = new Audit({
    ...{ addresses, coordinator: edge.book.coordinator, head: { head, signature: "0x" } },
    ...{ stakeEvents: [], minimumMinerWei: 0n, minimumCoordinatorWei: 0n },
    ...{ grants: [], collections: [], anchors: [], vouchers: [] },
  });
  for (const entry of entries) audit.entry(entry);
  // Nobody staked or anchored here, so that more cannot be right.
  const judged: FindingKind[] = [
    ...["price_not_quoted", "quote_expired", "quote_too_long", "amount_wrong", "limit_exceeded", "time_implausible"],
    ...["job_reused", "receipt_repeated", "receipt_orphaned", "output_billed_twice", "debit_missing", "credit_missing"],
  ] as FindingKind[];
  expect(audit.finish().findings.filter(({ kind }) => judged.includes(kind))).toEqual([]);
});
