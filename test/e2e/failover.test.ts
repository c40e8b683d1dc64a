import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, lockedWei, until } from "../helpers/books.ts";
import { startMarket, startMiner, type TestMiner } from "../helpers/market.ts";

type Market = Awaited<ReturnType<typeof startMarket>>;

const request = { messages: [{ role: "user" as const, content: "Tell me a story." }], seed: 11, max_tokens: 100 };

/** Streams the request; `onText` hears at every text who began the answer. */
async function stream(
  market: Market,
  onText: (miner: string) => void = () => undefined,
): Promise<{ text: string; miners: readonly string[] }> {
  let text = "";
  let miners: readonly string[] = [];
  const { data: chunks, response } = await market.client.openai.chat.completions
    .create({ ...request, model: market.model, stream: true })
    .withResponse();
  const first = response.headers.get("x-lode-miner") ?? "";
  for await (const chunk of chunks) {
    const piece = chunk.choices[0]?.delta.content ?? "";
    text += piece;
    if (piece !== "") onText(first);
    miners = (chunk as { lode?: { miners: string[] } }).lode?.miners ?? miners;
  }
  return { text, miners };
}

describe("a miner killed in the middle of a stream", () => {
  let market: Market;
  beforeAll(async () => {
    market = await startMarket({ miners: 2 });
  }, 300_000);
  afterAll(() => market.stop());

  it("is replaced without the client noticing, and is paid for what it delivered", { timeout: 900_000 }, async () => {
    const undisturbed = await stream(market);
    expect(undisturbed.text.length).toBeGreaterThan(80);
    expect(undisturbed.miners).toHaveLength(1);
    // Whoever serves is killed at the first text. The demo model writes its story in a few hundredths of a second: on a busy machine
    // the kill may come too late, and is repeated.
    const running = new Map(market.miners.map((miner) => [miner.person.address.toLowerCase(), miner]));
    let served = 1;
    for (let tries = 0; served === 1 && tries < 40; tries++) {
      let victim: TestMiner | undefined;
      const disturbed = await stream(market, (miner) => {
        if (victim !== undefined) return;
        victim = running.get(miner)!;
        victim.process.kill("SIGKILL");
      });
      expect(disturbed.text).toBe(undisturbed.text);
      served = disturbed.miners.length;
      // What the dead miner delivered stays reserved for it, until it comes back and settles.
      await victim!.process.ended;
      const again = await startMiner(market.devnet, market.coordinator, { name: victim!.name, connected: 2 });
      running.set(again.person.address.toLowerCase(), again);
    }
    expect(served).toBe(2);
    await until(
      "every reservation is settled or released",
      async () => (await lockedWei(market.coordinator, market.client)) === 0n,
    );
    const books = await audit(market.devnet, market.coordinator);
    expect(books.findings).toEqual([]);
    expect(books.receipts).toBeGreaterThanOrEqual(2);
  });
});
