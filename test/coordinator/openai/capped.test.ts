import { finishReason } from "@lode/sdk/typed-data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenAI } from "openai";
import { until } from "../../helpers/books.ts";
import { openEdge, type Edge } from "../edge/edge.ts";
import { openRealMiner, type RealMiner } from "../edge/real-miner.ts";
import { clientOf } from "./client.ts";

const model = "demo";
const messages = [{ role: "user" as const, content: "Tell me a long story." }];

let edge: Edge;
let openai: OpenAI;
let free: RealMiner;
let capped: RealMiner;
beforeAll(async () => {
  edge = await openEdge();
  edge.chain.funds = { ...edge.chain.funds, balanceWei: 10n ** 9n, signerCapWei: 10n ** 9n };
  openai = clientOf(edge);
  // One that ends every job after a few tokens, and one that goes on.
  capped = await openRealMiner(edge, { name: "capped", caps: { cpuMs: 1 } });
  await until("the capped miner is ready", async () => edge.app.hub.models().has(model));
}, 120_000);
afterAll(async () => {
  await capped.close();
  await free.close();
  await edge.stop();
});

const ask = async (): Promise<string | null> => {
  const request = { model, messages, max_tokens: 200, temperature: 0, seed: 1 };
  const { choices } = await openai.chat.completions.create(request);
  return choices[0]?.message.content ?? null;
};

describe("a miner with a cap on processor time", { timeout: 120_000 }, () => {
  it("is paid for what it wrote, and another one goes on to the same words", async () => {
    free = await openRealMiner(edge, { name: "free" });
    await until("both are ready", async () => edge.app.hub.size === 2);
    // More at a time than one of them takes, so that both get some.
    const answers = await Promise.all(Array.from({ length: 4 }, ask));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]?.length).toBeGreaterThan(100);
    const cut = capped.receipts.filter(({ finishReason: reason }) => reason === finishReason.cut);
    expect(cut.length).toBeGreaterThan(0);
    for (const { outputTokens, amountWei } of cut) {
      expect(outputTokens).toBeGreaterThan(0);
      expect(BigInt(amountWei)).toBeGreaterThan(0n);
    }
    // A job that had no token by then is given back with its reason. No receipt was rejected.
    const others = capped.problems.filter((problem) => (problem as { code?: string }).code !== "cpu_limit");
    expect([...others, ...free.problems]).toEqual([]);
  });
});
