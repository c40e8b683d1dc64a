import { embeddingTokenBound } from "@lode/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OpenAI } from "openai";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type ReceivedJob, type ScriptedMiner } from "../edge/scripted-miner.ts";
import { prices } from "../fixture.ts";
import { clientOf } from "./client.ts";

const texts = ["one", "zwei 🌍"];
const vectors = [
  [0.6, -0.8],
  [0.28, 0.96],
];
const request = { model: "demo", input: texts };

let edge: Edge;
let openai: OpenAI;
beforeAll(async () => {
  edge = await openEdge({ FIRST_TOKEN_MS: "2000" });
  openai = clientOf(edge);
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

const post = (body: object): Promise<Response> =>
  fetch(`${edge.url}/v1/embeddings`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json" },
    body: JSON.stringify({ ...request, ...body }),
  });

/** Two miners, in the order in which they get a job. */
async function pair(): Promise<[ScriptedMiner, ScriptedMiner]> {
  const [first, second] = await edge.inOrder([await edge.miner(), await edge.miner()]);
  return [first!, second!];
}

function deliver(miner: ScriptedMiner, job: ReceivedJob): void {
  miner.send(miner.receiptMessage(job, miner.vectors(job, vectors)));
}

describe("embeddings", () => {
  it("are vectors by the texts' order, paid by their tokens", async () => {
    const miner = await edge.miner();
    const asking = openai.embeddings.create(request).withResponse();
    const job = await miner.job();
    deliver(miner, job);
    const { data, response } = await asking;
    expect(job.message.prompt).toEqual({ texts });
    expect(job.assignment).toMatchObject({ maxOutputTokens: 0, maxInputTokens: embeddingTokenBound({ texts }) });
    expect(data).toMatchObject({ object: "list", model: "demo", usage: { prompt_tokens: 8, total_tokens: 8 } });
    // OpenAI's client asks for base64 and unpacks it.
    expect(data.data.map(({ embedding }) => embedding)).toEqual(vectors.map((v) => Array.from(Float32Array.from(v))));
    expect(data.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(data).toMatchObject({ lode: { receipts: [job.digest], amountWei: (8n * prices.inputPriceWei).toString() } });
    expect(response.headers.get("x-lode-job")).toBe(job.digest);
    expect(edge.ledger.openAttempts).toBe(0);
    await miner.next("accepted");
  });

  it("are numbers or base64, of one text or of many", async () => {
    const miner = await edge.miner();
    const answers: { data: { embedding: unknown }[] }[] = [];
    for (const [input, encoding_format] of [
      ["one", "float"],
      [["one"], "base64"],
      ["one", null],
    ] as const) {
      // prettier-ignore
      const asking = post({ input, encoding_format });
      const job = await miner.job();
      miner.send(miner.receiptMessage(job, miner.vectors(job, [[0.5, -1]])));
      answers.push((await (await asking).json()) as (typeof answers)[number]);
    }
    const base64 = Buffer.from(Float32Array.from([0.5, -1]).buffer).toString("base64");
    expect(answers.map(({ data }) => data[0]?.embedding)).toEqual([[0.5, -1], base64, [0.5, -1]]);
  });

  it("of token ids are of exactly these, where the model's miners tell their vocabulary", async () => {
    const refused = await edge.miner();
    expect((await (await post({ input: [1, 2] })).json()) as object).toMatchObject({ error: { param: "input" } });
    expect(refused.jobs).toEqual([]);
    await edge.disconnect();
    const miner = await edge.miner({ models: [{ ...demoModel, vocabulary: 10 }] });
    for (const [input, sent] of [
      [[1, 9, 3, 4], [[1, 9, 3, 4]]],
      [
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
      ],
    ]) {
      const asking = openai.embeddings.create({ ...request, input: input as number[] });
      const job = await miner.job();
      expect(job.message.prompt).toEqual({ texts: sent });
      expect(job.assignment.maxInputTokens).toBe(4 * sent!.length);
      miner.send(miner.receiptMessage(job, miner.vectors(job, vectors.slice(0, sent!.length))));
      expect((await asking).usage.prompt_tokens).toBe(4 * sent!.length);
    }
    const beyond = await post({ input: [[1], [10]] });
    expect(beyond.status).toBe(400);
    expect(await beyond.json()).toMatchObject({ error: { param: "input", code: "invalid_value" } });
  });

  it("of more texts than a job holds are several jobs with one usage", async () => {
    const miner = await edge.miner();
    const input = Array.from({ length: 600 }, (_, i) => `text ${i}`);
    const asking = openai.embeddings.create({ model: "demo", input });
    const sizes: number[] = [];
    for (let part = 0; part < 3; part++) {
      const job = await miner.job();
      const { texts: asked } = job.message.prompt as { texts: string[] };
      sizes.push(asked.length);
      miner.send(miner.receiptMessage(job, miner.vectors(job, asked.map((text) => [Number(text.slice(5)), 1])))); // prettier-ignore
    }
    const { data, usage } = await asking;
    expect(sizes).toEqual([256, 256, 88]);
    expect(data.map(({ embedding }) => embedding[0])).toEqual(input.map((_, i) => i));
    expect(usage.total_tokens).toBe(2400);
  });
});

describe("vectors that fail", () => {
  it.each<[string, (miner: ScriptedMiner, job: ReceivedJob) => void]>([
    ["a link that closes", (miner) => miner.hangUp()],
    ["one vector too few", (miner, job) => miner.send(miner.receiptMessage(job, miner.vectors(job, [vectors[0]!])))],
    ["one vector too many", (miner, job) => void miner.vectors(job, [...vectors, [1, 0]])],
    ["vectors of two lengths", (miner, job) => void miner.vectors(job, [[1, 0], [1]])],
    ["tokens", (miner, job) => miner.tokens(job, [[1, "x"]])],
    ["silence", () => undefined],
    [
      "a receipt for other vectors",
      (miner, job) => {
        const { outputCommitment: _, ...changes } = miner.vectors(job, vectors);
        miner.send(miner.receiptMessage(job, changes));
      },
    ],
    [
      "a receipt that asks for more",
      (miner, job) => miner.send(miner.receiptMessage(job, { ...miner.vectors(job, vectors), amountWei: 25n })),
    ],
    [
      "a receipt that says it was cut",
      (miner, job) => miner.send(miner.receiptMessage(job, { ...miner.vectors(job, vectors), finishReason: 3 })),
    ],
  ])("for %s come from the next miner, and only those are paid", async (_name, fail) => {
    const [first, second] = await pair();
    const asking = openai.embeddings.create(request);
    const failed = await first.job();
    fail(first, failed);
    const job = await second.job();
    expect(job.assignment).toMatchObject({ attempt: 1, inputPriceWei: failed.assignment.inputPriceWei });
    deliver(second, job);
    expect(await asking).toMatchObject({ lode: { receipts: [job.digest] }, usage: { total_tokens: 8 } });
    expect(edge.book.attempts.get(failed.digest)).toMatchObject({ state: "voided" });
  });

  it("cost nothing when the client hangs up before them", async () => {
    const miner = await edge.miner();
    const gone = new AbortController();
    const asking = openai.embeddings.create(request, { signal: gone.signal }).catch((error: unknown) => error);
    const job = await miner.job();
    gone.abort();
    expect((await miner.next("cancel")).assignment).toBe(job.digest);
    await asking;
    await expect.poll(() => edge.book.attempts.get(job.digest)?.state).toBe("voided");
  });

  it("are an error when the text is too long for the model", async () => {
    const [first, second] = await pair();
    const asking = openai.embeddings.create(request).catch((error: unknown) => error);
    for (const miner of [first, second]) {
      const { digest } = await miner.job();
      miner.send({ type: "failed", assignment: digest, code: "input_too_long", message: "" });
    }
    expect(await asking).toMatchObject({ status: 400, code: "context_length_exceeded" });
  });
});

describe("400 for embeddings", () => {
  it.each<[string, object, string]>([
    ["of another length", { dimensions: 64 }, "dimensions"],
    ["of texts and token ids", { input: ["a", [1]] }, "input[1]"],
    ["of nothing", { input: [] }, "input"],
    ["of an empty text", { input: ["a", ""] }, "input[1]"],
    ["of too many texts", { input: Array.from({ length: 2049 }, () => "a") }, "input"],
    ["in another format", { encoding_format: "int8" }, "encoding_format"],
  ])("%s", async (_name, change, param) => {
    const answer = await post(change);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param, type: "invalid_request_error" } });
  });
});
