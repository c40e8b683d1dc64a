import { afterAll, beforeAll, describe, expect, it } from "vitest";
import OpenAI, { APIError } from "openai";
import { startMarket } from "../helpers/market.ts";

const messages = [{ role: "user" as const, content: "Tell me a short story." }];

describe("the public OpenAI client", () => {
  let market: Awaited<ReturnType<typeof startMarket>>;
  beforeAll(async () => {
    market = await startMarket({ miners: 1 });
  }, 300_000);
  afterAll(() => market.stop());

  /** What running jobs hold back; amounts owed for delivered work stay locked until they are collected. */
  const reserved = async (): Promise<unknown[]> => {
    const answer = await fetch(`${market.coordinator.url}/v1/wallet/balance`, {
      headers: { authorization: `Bearer ${market.client.key}` },
    });
    expect(answer.status).toBe(200);
    const { locked } = (await answer.json()) as { locked: { job?: string }[] };
    return locked.filter((amount) => amount.job !== undefined);
  };

  it("lists the model that the miner serves", async () => {
    const { data } = await market.client.openai.models.list();
    expect(data.map(({ id }) => id)).toContain(market.model);
  });

  it("gets one answer, with usage and its receipt", async () => {
    const answer = await market.client.openai.chat.completions.create({
      model: market.model,
      messages,
      max_tokens: 40,
    });
    expect(answer.object).toBe("chat.completion");
    expect(answer.choices[0]!.message.content).not.toBe("");
    expect(["stop", "length"]).toContain(answer.choices[0]!.finish_reason);
    expect(answer.usage!.completion_tokens).toBeGreaterThan(0);
    expect(answer.usage!.total_tokens).toBe(answer.usage!.prompt_tokens + answer.usage!.completion_tokens);
    expect(answer).toHaveProperty("lode.receipts.0");
  });

  it("streams the same text as it answers at once, for the same seed", async () => {
    const request = { model: market.model, messages, max_tokens: 40, seed: 7 };
    const whole = await market.client.openai.chat.completions.create(request);
    const stream = await market.client.openai.chat.completions.create({ ...request, stream: true });
    const pieces: string[] = [];
    let finish: string | null | undefined;
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      if (typeof choice?.delta.content === "string") pieces.push(choice.delta.content);
      finish = choice?.finish_reason ?? finish;
    }
    expect(pieces.join("")).toBe(whole.choices[0]!.message.content);
    expect(pieces.filter((piece) => piece !== "").length).toBeGreaterThan(1);
    expect(finish).toBe(whole.choices[0]!.finish_reason);
  });

  it("refuses a wrong key with 401 and does not send the job", async () => {
    const stranger = new OpenAI({
      baseURL: `${market.coordinator.url}/v1`,
      apiKey: `${market.client.key.slice(0, -1)}${market.client.key.endsWith("A") ? "B" : "A"}`,
      maxRetries: 0,
    });
    const error: unknown = await stranger.chat.completions
      .create({ model: market.model, messages })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: 401 });
  });

  it("refuses an unknown model with 404", async () => {
    await expect(
      market.client.openai.chat.completions.create({ model: "no-such-model", messages }),
    ).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  });

  it(
    "pays for what was delivered when it hangs up mid-stream, and nothing stays reserved",
    { timeout: 300_000 },
    async () => {
      /** Hangs up at the first text; answers why the receipt says that the output ended. */
      const hangUp = async (seed: number): Promise<number> => {
        const stream = await market.client.openai.chat.completions.create({
          model: market.model,
          messages,
          stream: true,
          seed,
        });
        let job = "";
        for await (const chunk of stream) {
          job = chunk.id;
          if ((chunk.choices[0]?.delta.content ?? "") !== "") break;
        }
        stream.controller.abort();
        let receipts: { receipt: { finishReason: number } }[] = [];
        const settled = async (): Promise<number> => {
          const answer = await fetch(`${market.coordinator.url}/v1/receipts/${job}`);
          if (answer.ok) ({ receipts } = (await answer.json()) as { receipts: typeof receipts });
          return receipts.length;
        };
        await expect.poll(settled).toBe(1);
        return receipts[0]!.receipt.finishReason;
      };
      // The demo model's stories take a few hundredths of a second: on a busy machine one may be over before the hang-up.
      const reasons: number[] = [];
      while (!reasons.includes(2) && reasons.length < 60) reasons.push(await hangUp(reasons.length));
      expect(reasons.at(-1)).toBe(2);
      await expect.poll(reserved).toEqual([]);
    },
  );
});
