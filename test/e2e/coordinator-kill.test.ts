import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, lockedWei, until } from "../helpers/books.ts";
import { startCoordinator, startMarket, type TestCoordinator } from "../helpers/market.ts";
import { untilMinersServe } from "../../scripts/dev/served.ts";

const kills = 20;
/** A whole job takes well below this on two cores; points beyond its end hit the settlement and the anchor. */
const spanMs = 160;

/**
 * A fixed sequence of points, so that a failure can be run again. Behind them are later ones for a machine so busy that none of the others found
 * anything delivered.
 */
function points(): number[] {
  let state = 20261121;
  const usual = Array.from({ length: kills }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * spanMs;
  });
  return [...usual, 4 * spanMs, 16 * spanMs, 64 * spanMs];
}

describe(`a coordinator killed by SIGKILL at ${kills} points of a job`, () => {
  let market: Awaited<ReturnType<typeof startMarket>>;
  beforeAll(async () => {
    market = await startMarket({ miners: 1, coordinatorEnv: { HEARTBEAT_SECS: "1", ANCHOR_SECS: "0.3" } });
  }, 300_000);
  afterAll(() => market.stop());

  it(
    "starts again with balanced books, each reservation settled or released once",
    { timeout: 1_800_000 },
    async () => {
      let coordinator: TestCoordinator = market.coordinator;
      const { home } = coordinator.person;
      const { port, env } = coordinator;
      let receipts = 0;
      for (const [index, delayMs] of points().entries()) {
        if (index >= kills && receipts > 0) break;
        const job = fetch(`${coordinator.url}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${market.client.key}`, "content-type": "application/json" },
          body: JSON.stringify({
            model: market.model,
            messages: [{ role: "user", content: "Tell me a story." }],
            max_tokens: 100,
            seed: index,
            stream: true,
          }),
        }).then(async (answer) => answer.text());
        // The cut connection is the point of this test.
        job.catch(() => undefined);
        await pause(delayMs);
        coordinator.process.kill("SIGKILL");
        await coordinator.process.ended;
        const sawEnd = await job.then(
          (text) => text.includes("data: [DONE]"),
          () => false,
        );
        coordinator = await startCoordinator(market.devnet, { home, port, env });
        await untilMinersServe(coordinator.url, [market.miners[0]!.process], 1);
        await until(
          `nothing is locked after kill ${index + 1}`,
          async () => (await lockedWei(coordinator, market.client)) === 0n,
        );
        const books = await audit(market.devnet, coordinator);
        expect(books.findings, `after kill ${index + 1} at ${delayMs.toFixed(1)} ms`).toEqual([]);
        expect(BigInt(books.debitedWei)).toBe(BigInt(books.creditedWei) + BigInt(books.feesWei));
        // Nothing acknowledged is forgotten, and one job leaves one receipt at most.
        const made = books.receipts - receipts;
        expect(made).toBeLessThanOrEqual(1);
        if (sawEnd) expect(made).toBe(1);
        receipts = books.receipts;
      }
      expect(receipts).toBeGreaterThan(0);
    },
  );
});
