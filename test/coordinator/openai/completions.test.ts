import { inputTokenBound, promptCommitment } from "@lode/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OpenAI } from "openai";
import { openEdge, type Edge } from "../edge/edge.ts";
import { clientOf, pieces } from "./client.ts";

const request = { model: "demo", prompt: "Once upon a time" };

let edge: Edge;
let openai: OpenAI;
beforeAll(async () => {
  edge = await openEdge();
  openai = clientOf(edge);
});
afterEach(() => edge.disconnect());
afterAll(() => edge.stop());

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
    expect(usage).toEqual({ prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 });
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
    ["token ids", { prompt: [1, 2] }, "prompt[0]"],
    ["nothing", { prompt: "" }, "prompt"],
    ["too many answers", { prompt: ["a", "b", "c"], n: 3 }, "n"],
  ])("is refused with 400 for %s", async (_name, change, param) => {
    const answer = await fetch(`${edge.url}/v1/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${edge.key}`, "content-type": "application/json" },
      body: JSON.stringify({ ...request, ...change }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param, type: "invalid_request_error" } });
  });
});
