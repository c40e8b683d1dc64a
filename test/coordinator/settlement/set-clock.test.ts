import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  assignCommand,
  miner,
  nowMs,
  openLedgerFixture,
  receiptFor,
  temporaryHome,
  word,
  type LedgerFixture,
} from "../fixture.ts";

let folder: ReturnType<typeof temporaryHome>;
let f: LedgerFixture;
beforeEach(async () => {
  folder = temporaryHome();
  f = await openLedgerFixture(folder.home, { hasTables: false });
});
afterEach(async () => {
  await f.close();
  folder.remove();
});

describe("a clock that is set back an hour", () => {
  const backMs = 3_600_000;

  it("refuses no receipt of what runs, in this process or behind a restart", async () => {
    const [first, second] = [
      await f.ledger.assign(assignCommand(f.ledger)),
      await f.ledger.assign(assignCommand(f.ledger)),
    ];
    f.clock.steadyMs = nowMs;
    f.clock.nowMs = nowMs - backMs;
    f.clock.steadyMs += 400_000;
    const late = { finishedAtMs: BigInt(nowMs + 400_000) };
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4, late) });
    const { chain } = f;
    await f.close();
    f = await openLedgerFixture(folder.home, { chain, hasTables: false, nowMs: nowMs - backMs });
    f.clock.steadyMs = nowMs - backMs;
    await f.ledger.settle({ miner: miner.address, ...receiptFor(second, 4) });
    expect(f.book.log.size).toBe(2);
    // What is to come is still no receipt.
    const third = await f.ledger.assign(assignCommand(f.ledger));
    const future = { finishedAtMs: BigInt(nowMs + 200_000) };
    await expect(f.ledger.settle({ miner: miner.address, ...receiptFor(third, 4, future) })).rejects.toMatchObject({
      code: "receipt_wrong",
    });
  });

  it("makes no quote last longer than a quote may", () => {
    const { quote } = f.ledger.quote(word("model"), 1);
    f.clock.nowMs -= backMs;
    const next = f.ledger.quote(word("model"), 1).quote;
    expect(quote.expiresAt - next.expiresAt).toBe(BigInt(backMs / 1000));
  });
});
