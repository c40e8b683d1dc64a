import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SignedAssignment } from "../../../coordinator/src/plugins/app/ledger/types.ts";
import {
  assignCommand,
  miner,
  nowMs,
  openLedgerFixture,
  receiptFor,
  temporaryHome,
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

describe("a start after days", () => {
  const awayMs = 3 * 86_400_000;

  async function returnAfter(ms: number): Promise<void> {
    const { chain } = f;
    await f.close();
    f = await openLedgerFixture(folder.home, { chain, hasTables: false, nowMs: nowMs + ms });
  }
  /** A quote and a deadline of now. */
  const assign = (): Promise<SignedAssignment> =>
    f.ledger.assign(assignCommand(f.ledger, { deadline: BigInt(f.clock.nowMs / 1000 + 600) }));

  it("anchors what was done before by itself, and only then begins anything", async () => {
    const [first, second, third] = [await assign(), await assign(), await assign()];
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4) });
    await returnAfter(awayMs);
    await f.ledger.finishReturn();
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    await f.ledger.settle({ miner: miner.address, ...receiptFor(second, 4) });
    await f.ledger.voidAttempt(third.digest, "no receipt came in time");
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    expect(f.chain.anchors).toEqual([]);
    await f.ledger.finishReturn();
    expect(f.chain.anchors).toMatchObject([{ size: 2 }]);
    await assign();
  });

  it("waits until the chain took the anchor", async () => {
    await f.ledger.settle({ miner: miner.address, ...receiptFor(await assign(), 4) });
    await returnAfter(awayMs);
    const { anchor } = f.chain;
    f.chain.anchor = () => Promise.reject(new Error("no chain"));
    await expect(f.ledger.finishReturn()).rejects.toThrow("no chain");
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    f.chain.anchor = anchor;
    await f.ledger.finishReturn();
    await assign();
  });

  it("goes on behind a start that was broken off in the middle", async () => {
    const [first, second] = [await assign(), await assign()];
    await returnAfter(awayMs);
    await f.ledger.voidAttempt(first.digest, "no receipt came in time");
    await returnAfter(awayMs + 60_000);
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    await f.ledger.voidAttempt(second.digest, "no receipt came in time");
    await f.ledger.finishReturn();
    await assign();
  });

  it("goes on behind one that died between the last late receipt and its anchor", async () => {
    const [first, second] = [await assign(), await assign()];
    await returnAfter(awayMs);
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4) });
    await f.ledger.voidAttempt(second.digest, "no receipt came in time");
    for (const laterMs of [60_000, 120_000]) {
      await returnAfter(awayMs + laterMs);
      await expect(assign()).rejects.toMatchObject({ code: "returning" });
    }
    await f.ledger.finishReturn();
    expect(f.chain.anchors).toMatchObject([{ size: 1 }]);
    const times = { startedAtMs: BigInt(f.clock.nowMs), finishedAtMs: BigInt(f.clock.nowMs) };
    await f.ledger.settle({ miner: miner.address, ...receiptFor(await assign(), 4, times) });
    // What is new and not anchored holds up no start.
    await returnAfter(awayMs + 180_000);
    await assign();
  });

  it("is over where the one before died when its anchor was mined and not written down", async () => {
    await f.ledger.settle({ miner: miner.address, ...receiptFor(await assign(), 4) });
    await returnAfter(awayMs);
    const { anchor } = f.chain;
    f.chain.anchor = async (head) => {
      await anchor(head);
      throw new Error("the process died");
    };
    await expect(f.ledger.finishReturn()).rejects.toThrow("died");
    f.chain.anchor = anchor;
    await returnAfter(awayMs + 60_000);
    await f.ledger.finishReturn();
    await assign();
    expect(f.chain.anchors).toMatchObject([{ size: 1 }]);
  });

  it("is over with an anchor that holds all of it, and not with one that was on its way before", async () => {
    const [first, second] = [await assign(), await assign()];
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4) });
    await returnAfter(awayMs);
    const { anchor } = f.chain;
    const mined = Promise.withResolvers<undefined>();
    const sent = Promise.withResolvers<undefined>();
    f.chain.anchor = async (...given) => {
      sent.resolve(undefined);
      await mined.promise;
      return anchor.apply(f.chain, given);
    };
    const early = f.ledger.anchor();
    // Its size is taken by then.
    await sent.promise;
    await f.ledger.settle({ miner: miner.address, ...receiptFor(second, 4) });
    const step = f.ledger.finishReturn();
    mined.resolve(undefined);
    await Promise.all([early, step]);
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    expect(f.ledger.isReturning).toBe(true);
    f.chain.anchor = anchor;
    await f.ledger.finishReturn();
    expect(f.chain.anchors).toMatchObject([{ size: 1 }, { size: 2 }]);
    await assign();
  });

  it.each([
    ["was short", 11 * 3_600_000, false],
    ["left nothing to do", awayMs, true],
  ])("holds up nobody where the absence %s", async (_, ms, isDone) => {
    await f.ledger.settle({ miner: miner.address, ...receiptFor(await assign(), 4) });
    if (isDone) await f.ledger.anchor();
    await returnAfter(ms);
    await assign();
  });

  it("knows that attempts are of before, although starts since then were broken off", async () => {
    const hour = 3_600_000;
    const first = await assign();
    for (const startMs of [11 * hour, 22 * hour]) {
      await returnAfter(startMs);
      f.ledger.recordMinerEvent(miner.address, "registered");
    }
    await returnAfter(30 * hour);
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4) });
    await f.ledger.finishReturn();
    expect(f.chain.anchors).toMatchObject([{ size: 1 }]);
    await assign();
  });

  it("is noticed behind a clock that was ahead for one fact", async () => {
    await f.ledger.anchor();
    f.clock.nowMs += 365 * 86_400_000;
    f.ledger.recordMinerEvent(miner.address, "registered");
    f.clock.nowMs = nowMs;
    const first = await assign();
    await f.ledger.settle({ miner: miner.address, ...receiptFor(first, 4) });
    await f.ledger.anchor();
    await f.ledger.settle({ miner: miner.address, ...receiptFor(await assign(), 4) });
    await returnAfter(awayMs);
    await expect(assign()).rejects.toMatchObject({ code: "returning" });
    await f.ledger.finishReturn();
    expect(f.chain.anchors).toMatchObject([{ size: 1 }, { size: 2 }]);
    await assign();
  });
});
