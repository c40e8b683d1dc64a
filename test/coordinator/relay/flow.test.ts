import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeTokenFrame, maximumUnacknowledged } from "@lode/protocol";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { until } from "../../helpers/books.ts";
import { RawClient } from "../attacks/raw.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type Piece } from "../edge/scripted-miner.ts";
import { word } from "../fixture.ts";
import { eventsOf, readStream } from "../edge/stream.ts";

const pieces = (count: number, from = 0): Piece[] =>
  Array.from({ length: count }, (_, i): Piece => [1000 + from + i, `t${from + i} `]);

let edge: Edge;
beforeAll(async () => {
  edge = await openEdge();
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

/** Status and code of an answer that is an error before any text. */
async function refusalOf(answering: Promise<Response>): Promise<[status: number, code: string]> {
  const answer = await answering;
  return [answer.status, ((await answer.json()) as { error: { code: string } }).error.code];
}

describe("acknowledgements", () => {
  it("come every 32 tokens, at once at the end of the output, and name what was sent", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({ stream: true, max_tokens: 100 }).then(readStream);
    const job = await miner.job();
    miner.tokens(job, pieces(31));
    miner.tokens(job, pieces(1, 31));
    const first = (await miner.next("ack")).items[0]!.progress;
    expect(first).toMatchObject({ assignment: job.digest, count: 32 });
    const ids = pieces(32).map(([id]) => id);
    expect(first.prefixRoot).toBe(commitTokens(job.message.jobSalt, tokenSide.output, ids));
    miner.tokens(job, pieces(5, 32));
    miner.endOfOutput(job);
    expect((await miner.next("ack")).items[0]!.progress.count).toBe(37);
    miner.send(miner.receiptMessage(job));
    expect(await miner.next("accepted")).toMatchObject({ assignment: job.digest, creditIndex: 0 });
    const { voucher, funding } = await miner.next("voucher");
    expect(voucher).toMatchObject({ payee: miner.address, kind: 1, count: "1" });
    expect(funding).toHaveLength(1);
    expect((await answering).text).toBe(
      pieces(37)
        .map(([, piece]) => piece)
        .join(""),
    );
  });

  it("are not sent again for an attempt that is unknown, and its tokens are nobody's", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({ max_tokens: 10 });
    const job = await miner.job();
    const ids = [1, 2, 3];
    miner.frame(
      encodeTokenFrame({ kind: "tokens", assignment: word("nobody has this"), firstIndex: 0, ids, text: "x" }),
    );
    await miner.finish(job, pieces(2));
    expect((await answering).status).toBe(200);
  });

  it("do not let a miner run further ahead than 64 tokens", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({ stream: true, max_tokens: 100 });
    const job = await miner.job();
    miner.tokens(job, pieces(65));
    expect(await refusalOf(answering)).toEqual([502, "upstream_failed"]);
  });

  it("do not let a token stand for megabytes of text", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({ stream: true, max_tokens: 100 });
    miner.tokens(await miner.job(), [[1, "x".repeat(60_000)]]);
    expect(await refusalOf(answering)).toEqual([502, "upstream_failed"]);
  });

  it("do not let a miner deliver more tokens than were paid for", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({ stream: true, max_tokens: 5 });
    miner.tokens(await miner.job(), pieces(6));
    expect(await refusalOf(answering)).toEqual([502, "upstream_failed"]);
  });
});

describe("the company that a miner's jobs have", () => {
  it("is of no job that is over, however it ended", async () => {
    const miner = await edge.miner();
    const served = edge.chat({});
    await miner.finish(await miner.job(), pieces(2));
    expect((await served).status).toBe(200);
    expect(await refusalOf(edge.chat({ max_tokens: 4000 }))).toEqual([402, "insufficient_funds"]);
    const refused = edge.chat({});
    miner.send({ type: "refuse", assignment: (await miner.job()).digest, code: "busy", message: "no" });
    expect(await refusalOf(refused)).toEqual([503, "no_miner"]);
    const { company } = edge.app.hub.session(miner.address)!;
    company.expect(demoModel.digest, performance.now()).arrive();
    expect(company.of(demoModel.digest, performance.now())).toMatchObject({ onTheirWay: 0, others: 0 });
  });
});

describe("a client that hangs up", () => {
  it("stops the miner at once and pays exactly what it was sent", async () => {
    const { logSize } = edge.ledger;
    const miner = await edge.miner();
    const gone = new AbortController();
    const asking = edge.chat({ stream: true, max_tokens: 100 }, { signal: gone.signal });
    const job = await miner.job();
    miner.tokens(job, pieces(9));
    for await (const event of eventsOf(await asking)) {
      if (event !== "[DONE]" && event.choices[0]?.delta.content === "t0 t1 t2 t3 t4 t5 t6 t7 t8 ") break;
    }
    gone.abort();
    const { deliveredTokens } = await miner.next("cancel");
    expect(deliveredTokens).toBe(9);
    // Tokens that were on their way do not count any more.
    miner.tokens(job, pieces(2, 9));
    miner.send(miner.receiptMessage(job, { outputTokens: 9, finishReason: 2 }));
    await miner.next("accepted");
    expect(edge.ledger).toMatchObject({ openAttempts: 0, logSize: logSize + 1 });
    const metrics = (await edge.app.inject({ method: "GET", url: "/metrics" })).body;
    expect(metrics).toMatch(/^lode_jobs_total\{model="demo",outcome="cancelled"\} 1$/m);
  });

  it("leaves the miner the proof of what came, should its link break before its receipt is here", async () => {
    const miner = await edge.miner();
    const gone = new AbortController();
    const asking = edge.chat({ stream: true, max_tokens: 100 }, { signal: gone.signal });
    const job = await miner.job();
    miner.tokens(job, pieces(9));
    for await (const event of eventsOf(await asking)) {
      if (event !== "[DONE]" && event.choices[0]?.delta.content === "t0 t1 t2 t3 t4 t5 t6 t7 t8 ") break;
    }
    gone.abort();
    await miner.next("cancel");
    const proof = miner.last("ack")?.items.at(-1);
    expect(proof?.progress).toMatchObject({ assignment: job.digest, count: 9 });
    miner.hangUp();
    await expect.poll(() => edge.app.relay.running).toBe(0);
    const back = await edge.miner({ signer: miner.options.signer, pending: [job.digest], resumes: false });
    back.send(back.receiptMessage(job, { outputTokens: 9, finishReason: 2 }, proof));
    expect(await back.next("accepted")).toMatchObject({ assignment: job.digest });
    back.resume();
  });

  it("is gone with the half of the socket that it closes, and pays what it was sent", async () => {
    const miner = await edge.miner();
    const raw = new RawClient(edge);
    const text = JSON.stringify({ model: "demo", messages: [{ role: "user", content: "Hi" }], stream: true });
    raw.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${edge.key}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    );
    const job = await miner.job();
    miner.tokens(job, pieces(3));
    await until("the text is there", async () => raw.received.includes("t2"));
    raw.socket.end();
    expect(await miner.next("cancel")).toMatchObject({ assignment: job.digest, deliveredTokens: 3 });
    await raw.ended();
    miner.send(miner.receiptMessage(job, { finishReason: 2 }));
    await miner.next("accepted");
  });

  it("before the first token owes nothing", async () => {
    const { logSize } = edge.ledger;
    const miner = await edge.miner();
    const gone = new AbortController();
    const answering = edge.chat({ max_tokens: 100 }, { signal: gone.signal });
    answering.catch(() => undefined);
    await miner.job();
    gone.abort();
    expect(await miner.next("cancel")).toMatchObject({ deliveredTokens: 0 });
    await expect.poll(() => edge.ledger.openAttempts).toBe(0);
    expect(edge.ledger.logSize).toBe(logSize);
  });
});

describe("a client that does not read", () => {
  /** As much text as a token may stand for; big pieces fill the sockets' buffers sooner. */
  const piece = "€".repeat(512);
  const maximum = 30_000;
  let strict: Edge;
  beforeAll(async () => {
    strict = await openEdge({ CLIENT_STALL_MS: "200" });
  });
  afterAll(() => strict.stop());

  /** A job whose client reads nothing until it is told to. */
  async function unread(edge: Edge) {
    edge.chain.funds = { ...edge.chain.funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
    const miner = await edge.miner({ models: [{ ...demoModel, contextTokens: 100_000 }] });
    const headers = { authorization: `Bearer ${edge.key}`, "content-type": "application/json" };
    const sending = request(`${edge.url}/v1/chat/completions`, { method: "POST", headers });
    const messages = [{ role: "user", content: "Hello" }];
    sending.end(JSON.stringify({ model: "demo", messages, stream: true, max_tokens: maximum }));
    sending.on("error", () => undefined);
    const answering = once(sending, "response") as Promise<[IncomingMessage]>;
    const job = await miner.job();
    miner.tokens(job, [[0, piece]]);
    const [answer] = await answering;
    answer.on("error", () => undefined);
    answer.pause();
    const acknowledged = (): number => miner.last("ack")?.items.at(-1)?.progress.count ?? 0;
    /** Sends as far as acknowledgements allow, and waits until every answer to that is there. */
    const send = async (): Promise<void> => {
      const missing = Math.min(acknowledged() + maximumUnacknowledged, maximum) - job.ids.length;
      for (let i = 0; i < missing; i++) miner.tokens(job, [[i, piece]]);
      // The first answer says that the tokens were read, the second one comes behind their acknowledgement.
      await miner.roundTrip();
      await miner.roundTrip();
    };
    return { miner, answer, job, acknowledged, send };
  }

  it("holds the miner back, and lets it go on by reading", async () => {
    const sockets: Socket[] = [];
    edge.app.server.on("connection", (socket) => sockets.push(socket));
    const { miner, answer, job, acknowledged, send } = await unread(edge);
    const unsent = (): number => Math.max(...sockets.map(({ writableLength }) => writableLength));
    // The system's buffers are full when something waits here.
    while (job.ids.length - acknowledged() < maximumUnacknowledged || unsent() === 0) {
      await send();
      expect(job.ids.length).toBeLessThan(maximum);
    }
    // And that is no more than what came without an acknowledgement.
    expect(unsent()).toBeLessThan(1e6);
    answer.resume();
    const body = text(answer);
    await miner.finish(job, []);
    await miner.next("accepted");
    expect((await body).split("€").length - 1).toBe(piece.length * job.ids.length);
  });

  it("counts as gone after a while, and pays what it was sent", async () => {
    const { miner, answer, job, acknowledged, send } = await unread(strict);
    const isCancelled = (): boolean => miner.last("cancel") !== undefined;
    while (!isCancelled()) await send();
    const { deliveredTokens } = await miner.next("cancel");
    expect(deliveredTokens).toBeGreaterThanOrEqual(acknowledged());
    expect(job.ids.length).toBeLessThan(maximum);
    miner.send(miner.receiptMessage(job, { outputTokens: deliveredTokens, finishReason: 2 }));
    await miner.next("accepted");
    answer.destroy();
  });
});

describe("a coordinator that stops", () => {
  let edge: Edge;
  beforeEach(async () => {
    edge = await openEdge();
  });
  afterEach(() => edge.stop());

  it("refuses new jobs with 503, lets the running stream end, and then closes", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({ stream: true, max_tokens: 100 }).then(readStream);
    const job = await miner.job();
    miner.tokens(job, pieces(3));
    const drained = edge.app.relay.drain(60_000);
    const refused = await edge.chat({});
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: "stopping" } });
    const [lives, isReady] = await Promise.all(["health", "ready"].map((path) => fetch(`${edge.url}/${path}`)));
    expect([lives?.status, isReady?.status]).toEqual([200, 503]);
    await miner.finish(job, pieces(2, 3));
    await drained;
    expect(await answering).toMatchObject({ isDone: true, text: "t0 t1 t2 t3 t4 " });
    expect(edge.app.relay.running).toBe(0);
  });

  it("ends a stream that takes too long with an error object", async () => {
    const miner = await edge.miner();
    const answering = edge.chat({ stream: true, max_tokens: 100 }).then(readStream);
    miner.tokens(await miner.job(), pieces(3));
    await edge.app.relay.drain(50);
    edge.app.hub.close();
    const { isDone, error } = await answering;
    expect({ isDone, code: error?.code }).toEqual({ isDone: false, code: "upstream_failed" });
    expect(await miner.closed).toMatchObject({ code: 1001 });
  });
});

describe("a job at its deadline", () => {
  let brief: Edge;
  beforeAll(async () => {
    brief = await openEdge({ DEADLINE_SECS: "3" });
  });
  afterEach(() => brief.disconnect());
  afterAll(() => brief.stop());

  it("is cut and paid for what came", async () => {
    const miner = await brief.miner();
    const answering = brief.chat({ max_tokens: 100 });
    const job = await miner.job();
    miner.tokens(job, pieces(3));
    expect(await miner.next("cancel")).toMatchObject({ deliveredTokens: 3 });
    miner.send(miner.receiptMessage(job, { finishReason: 2 }));
    await miner.next("accepted");
    expect(await (await answering).json()).toMatchObject({ choices: [{ finish_reason: "length" }] });
  });

  it("goes to nobody else", async () => {
    const miners = [await brief.miner(), await brief.miner()];
    const answering = brief.chat({ max_tokens: 100 });
    await Promise.race(miners.map((miner) => miner.job()));
    brief.clock.nowMs += 3000;
    expect((await answering).status).toBe(502);
    expect(miners.flatMap(({ jobs }) => jobs)).toHaveLength(1);
    expect(brief.ledger.openAttempts).toBe(0);
  });
});

describe("two models of one name", () => {
  it("are told apart by their weights: a newcomer cannot take the name over", async () => {
    const honest = await edge.miner();
    const model = honest.options.models[0]!;
    const other = await edge.miner({ models: [{ ...model, digest: `0x${"66".repeat(32)}` }] });
    const answering = edge.chat({ max_tokens: 10 });
    const job = await honest.job();
    expect(job.assignment.modelDigest).toBe(model.digest);
    // The other weights are no fallback for it.
    honest.hangUp();
    expect((await answering).status).toBe(502);
    expect(other.jobs).toEqual([]);
  });
});
