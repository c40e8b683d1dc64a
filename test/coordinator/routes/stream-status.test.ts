import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";
import type { Piece, ReceivedJob, ScriptedMiner } from "../edge/scripted-miner.ts";
import { readStream } from "../edge/stream.ts";

const script: readonly Piece[] = [
  [1, "Good"],
  [2, " morning"],
];
const text = "Good morning";

const messages = [{ role: "user", content: "Hello" }];
const faces: readonly [path: string, body: object, error: object][] = [
  ["/v1/chat/completions", { messages, max_tokens: 40 }, { error: { type: "server_error", code: "no_miner" } }],
  ["/v1/completions", { prompt: "Hello", max_tokens: 40 }, { error: { type: "server_error", code: "no_miner" } }],
  ["/v1/responses", { input: "Hello", max_output_tokens: 40 }, { error: { type: "server_error", code: "no_miner" } }],
  ["/v1/messages", { messages, max_tokens: 40 }, { type: "error", error: { type: "overloaded_error", code: "no_miner" } }],
]; // prettier-ignore

let edge: Edge;
beforeAll(async () => {
  edge = await openEdge();
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${edge.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "demo", stream: true, ...body }),
  });

const refuse = (miner: ScriptedMiner, job: ReceivedJob, code = "busy"): void =>
  miner.send({ type: "refuse", assignment: job.digest, code, message: "no" });

const debited = (): bigint => edge.book.debitOf(edge.ledger.keys.authenticate(edge.key)!.account).cumulativeWei;

describe("a stream that no miner takes", () => {
  it.each(faces)("is an error with its status, after which clients try again: %s", async (path, body, error) => {
    const miner = await edge.miner();
    const asking = post(path, body);
    const job = await miner.job();
    refuse(miner, job);
    const answer = await asking;
    expect(answer.status).toBe(503);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "retry-after": "5",
      "x-should-retry": "true",
      "x-lode-job": job.digest,
    });
    expect(await answer.json()).toMatchObject(error);
    expect(edge.ledger.openAttempts).toBe(0);
  });

  it("is an error where its only miner leaves", async () => {
    const miner = await edge.miner();
    const asking = edge.chat({ stream: true });
    await miner.job();
    miner.hangUp();
    const answer = await asking;
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ error: { code: "upstream_failed" } });
  });

  it("frees its Idempotency-Key, under which the next try is answered and billed once", async () => {
    const full = await edge.miner();
    const key = { "idempotency-key": "a stream that was refused".replaceAll(" ", "-") };
    const before = debited();
    const asking = edge.chat({ stream: true }, { headers: key });
    refuse(full, await full.job());
    expect((await asking).status).toBe(503);
    await edge.disconnect();
    await edge.miner({ script });
    expect(await readStream(await edge.chat({ stream: true }, { headers: key }))).toMatchObject({ text, isDone: true });
    const once = debited();
    expect(once).toBeGreaterThan(before);
    const again = await edge.chat({ stream: true }, { headers: key });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await readStream(again)).toMatchObject({ text, isDone: true });
    expect(debited()).toBe(once);
  });
});

describe("a stream that a miner takes", () => {
  it("begins with the answer of the next one when the first one is full", async () => {
    const [first, second] = await edge.inOrder([await edge.miner(), await edge.miner()]);
    const asking = edge.chat({ stream: true });
    refuse(first!, await first!.job());
    await second!.finish(await second!.job(), script);
    const answer = await asking;
    expect(answer.status).toBe(200);
    expect(await readStream(answer)).toMatchObject({ text, isDone: true });
  });

  it("is an answer also without any text", async () => {
    const miner = await edge.miner();
    const asking = edge.chat({ stream: true });
    await miner.finish(await miner.job(), [[1, ""]]);
    const answer = await asking;
    expect(answer.status).toBe(200);
    expect(await readStream(answer)).toMatchObject({ text: "", isDone: true, last: { choices: [{ finish_reason: "stop" }] } }); // prettier-ignore
  });

  it("says within itself what goes wrong once one of its answers has begun", async () => {
    const miner = await edge.miner();
    const asking = edge.chat({ stream: true, n: 2 });
    const jobs = [await miner.job(), await miner.job()];
    miner.tokens(jobs[0]!, script);
    const answer = await asking;
    expect(answer.status).toBe(200);
    refuse(miner, jobs[1]!);
    const cancels = [await miner.next("cancel"), await miner.next("cancel")];
    expect(cancels).toContainEqual({ type: "cancel", assignment: jobs[0]!.digest, deliveredTokens: script.length });
    miner.send(miner.receiptMessage(jobs[0]!, { finishReason: 2 }));
    expect(await readStream(answer)).toMatchObject({ isDone: false, error: { code: "no_miner" } });
  });
});

describe("a stream whose first word takes long", () => {
  let patient: Edge;
  beforeAll(async () => {
    patient = await openEdge({ KEEP_ALIVE_MS: "50" });
  });
  afterAll(() => patient.stop());

  it("shows that it lives, and says within itself what goes wrong then", async () => {
    const miner = await patient.miner();
    // Nothing but the time lets the status out.
    const asking = patient.chat({ stream: true });
    const job = await miner.job();
    const answer = await asking;
    expect([answer.status, answer.headers.get("x-lode-job")]).toEqual([200, job.digest]);
    refuse(miner, job);
    expect(await readStream(answer)).toMatchObject({ isDone: false, error: { code: "no_miner" } });
  });
});
