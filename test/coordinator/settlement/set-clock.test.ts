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

describe.each([
  ["forward", 86_400_000],
  ["back", -86_400_000],
])("a clock that is set a day %s", (_way, byMs) => {
  /** Sweeps as often as the program does, up to a moment by the clock that nobody sets, in seconds after the beginning. */
  async function sweepUntil(seconds: number): Promise<void> {
    const endMs = nowMs + seconds * 1000;
    for (let atMs = f.clock.steadyMs!; atMs < endMs; atMs += 5_000) {
      f.clock.nowMs += atMs - f.clock.steadyMs!;
      f.clock.steadyMs = atMs;
      await f.ledger.voidOverdue();
    }
    f.clock.steadyMs = endMs;
    await f.ledger.voidOverdue();
  }

  it("leaves a miner its time, and a client's money reserved no longer", async () => {
    f.clock.steadyMs = nowMs;
    const first = await f.ledger.assign(assignCommand(f.ledger));
    f.clock.nowMs += byMs;
    const later = { deadline: BigInt(f.clock.nowMs / 1000 + 300) };
    const second = await f.ledger.assign(assignCommand(f.ledger, later));
    const stateOf = () => [first, second].map(({ digest }) => f.book.attempts.get(digest)?.state);
    await sweepUntil(360);
    expect(stateOf()).toEqual(["running", "running"]);
    await sweepUntil(361);
    expect(stateOf()).toEqual(["running", "voided"]);
    await sweepUntil(660);
    expect(stateOf()).toEqual(["running", "voided"]);
    await sweepUntil(661);
    expect(stateOf()).toEqual(["voided", "voided"]);
  });
});

describe("a start with a clock set back a day", () => {
  it("keeps a client's money reserved no longer than the whole of the job's time", async () => {
    const { digest } = await f.ledger.assign(assignCommand(f.ledger));
    const { chain } = f;
    await f.close();
    f = await openLedgerFixture(folder.home, { chain, hasTables: false, nowMs: nowMs - 86_400_000 });
    for (let seconds = 0; seconds <= 660; seconds += 5) {
      f.clock.steadyMs = nowMs - 86_400_000 + seconds * 1000;
      await f.ledger.voidOverdue();
    }
    expect(f.book.attempts.get(digest)?.state).toBe("running");
    f.clock.steadyMs! += 1000;
    await f.ledger.voidOverdue();
    expect(f.book.attempts.get(digest)?.state).toBe("voided");
  });
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
