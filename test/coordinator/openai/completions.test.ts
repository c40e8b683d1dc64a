import { inputTokenBound, promptCommitment } from "@lode/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OpenAI } from "openai";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel } from "../edge/scripted-miner.ts";
import { clientOf, pieces, usageOf } from "./client.ts";

const request = { model: "demo", prompt: "Once upon a time" };

let edge: Edge;
let openai: OpenAI;
beforeAll(async () => {
  edge = await openEdge();
  openai = clientOf(edge);
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

const post = (change: object): Promise<Response> =>
  fetch(`${edge.url}/v1/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json" },
    body: JSON.stringify({ ...request, ...change }),
  });

describe("a text completion", () => {
  it("goes on behind the prompt, which the miner gets as it is", async () => {
    const miner = await edge.miner();
    const asking = openai.completions.create({ ...request, seed: 3, stop: ["END"], frequency_penalty: 1 });
    const job = await miner.job();
    const { prompt, promptSalt, sampler, stop } = job.message;
    expect(prompt).toEqual({ text: "Once upon a time" });
    expect([sampler, stop]).toMatchObject([{ frequencyPenalty: 1 }, ["END"]]);
    expect(job.assignment).toMatchObject({
      maxOutputTokens: 16,
      maxInputTokens: inputTokenBound({ text: "Once upon a time" }),
      promptCommitment: promptCommitment(promptSalt, prompt),
    });
    await miner.finish(job, pieces(", there was"));
    const answer = await asking;
    expect(answer).toMatchObject({
      object: "text_completion",
      model: "demo",
      choices: [{ index: 0, text: ", there was", logprobs: null, finish_reason: "stop" }],
      usage: { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 },
      lode: { receipts: [job.digest] },
    });
    expect(answer.id).toMatch(/^cmpl-[0-9a-f]{24}$/);
  });

  it("comes as a stream, with usage at its end", async () => {
    const miner = await edge.miner();
    const options = { stream: true, stream_options: { include_usage: true } } as const;
    const stream = await openai.completions.create({ ...request, ...options });
    await miner.finish(await miner.job(), pieces(", there was"), { finishReason: 1 });
    let text = "";
    const finishes: unknown[] = [];
    let usage: unknown;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? "";
      if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
      usage = chunk.usage;
    }
    expect([text, finishes]).toEqual([", there was", ["length"]]);
    expect(usage).toEqual(usageOf(5, 4));
  });

  it("is one for each prompt and choice, in their order", async () => {
    const miner = await edge.miner();
    const asking = openai.completions.create({ ...request, prompt: ["a", "b"], n: 2, best_of: 2, seed: 1 });
    const jobs = [await miner.job(), await miner.job(), await miner.job(), await miner.job()];
    for (const job of jobs) await miner.finish(job, [[1, `${(job.message.prompt as { text: string }).text}!`]]);
    const { choices, usage } = await asking;
    expect(choices.map(({ index, text }) => `${index}${text}`)).toEqual(["0a!", "1a!", "2b!", "3b!"]);
    expect(usage?.total_tokens).toBe(24);
    expect(new Set(jobs.map(({ assignment }) => assignment.seed)).size).toBe(2);
  });

  it.each<[string, object, string]>([
    ["echo", { echo: true }, "echo"],
    ["a suffix", { suffix: "x" }, "suffix"],
    ["best_of", { best_of: 2 }, "best_of"],
    ["token ids that its miners do not know", { prompt: [1, 2] }, "prompt"],
    ["a list of nothing", { prompt: [] }, "prompt"],
    ["no tokens among others", { prompt: [[1], []] }, "prompt[1]"],
    ["texts among token ids", { prompt: ["a", [1]] }, "prompt[1]"],
    ["half a token", { prompt: [1.5] }, "prompt[0]"],
    ["nothing", { prompt: "" }, "prompt"],
    ["too many answers", { prompt: ["a", "b", "c"], n: 3 }, "n"],
  ])("is refused with 400 for %s", async (_name, change, param) => {
    const miner = await edge.miner();
    const answer = await post(change);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param, type: "invalid_request_error" } });
    expect(miner.jobs).toEqual([]);
  });
});

describe("a prompt of token ids", () => {
  const models = [{ ...demoModel, vocabulary: 100 }];
  const tokens = [5, 99, 0, 7, 7];

  it("reaches the miner as it is, is committed to, and reserves its own length", async () => {
    const miner = await edge.miner({ models });
    const asking = openai.completions.create({ ...request, prompt: tokens });
    const job = await miner.job();
    const { prompt, promptSalt } = job.message;
    expect(prompt).toEqual({ tokens });
    expect(job.assignment).toMatchObject({
      maxInputTokens: tokens.length,
      promptCommitment: promptCommitment(promptSalt, { tokens }),
    });
    await miner.finish(job, pieces("!"));
    expect((await asking).usage).toMatchObject({ prompt_tokens: tokens.length });
  });

  it("is one of several", async () => {
    const miner = await edge.miner({ models });
    const asking = openai.completions.create({ ...request, prompt: [tokens, [...tokens, 1]], n: 2 });
    const jobs = [await miner.job(), await miner.job(), await miner.job(), await miner.job()];
    for (const job of jobs) {
      await miner.finish(job, [[1, `${(job.message.prompt as { tokens: number[] }).tokens.length}`]]);
    }
    expect((await asking).choices.map(({ text }) => text)).toEqual(["5", "5", "6", "6"]);
  });

  it("goes past miners of the model that take none", async () => {
    const able = await edge.miner({ models });
    const unable = await edge.miner();
    for (let round = 0; round < 2; round++) {
      const asking = openai.completions.create({ ...request, prompt: tokens });
      await able.finish(await able.job(), pieces("!"));
      await asking;
    }
    expect(unable.jobs).toEqual([]);
  });

  it("names no token that the model does not have", async () => {
    const miner = await edge.miner({ models });
    const answer = await post({ prompt: [1, 100] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { param: "prompt", message: expect.stringContaining("its last one is 99") },
    });
    expect(miner.jobs).toEqual([]);
  });
});
