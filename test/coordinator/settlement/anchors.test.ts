import { hexToBytes, keccak } from "@lode/sdk/hash";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  assignCommand,
  miner,
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

/** Closes and opens the store: what a restart keeps is what was durable. */
async function restart(hasTables = false): Promise<void> {
  const { chain } = f;
  await f.close();
  f = await openLedgerFixture(folder.home, { chain, hasTables });
}

describe("an anchor", () => {
  /** What is in an anchor beside the log. */
  const others = { liabilitiesRoot: word("liabilities"), nextNonceHash: word("nonce") };
  async function settleOne(): Promise<void> {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
  }

  it("that was mined while the process died is learned of, and not sent twice", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
    // The transaction went through, the fact that says so was never written.
    const { root, size } = (await f.ledger.head()).head;
    await f.chain.anchor({ ...others, root, size: Number(size) });
    await restart();
    expect(f.book.lastAnchor).toMatchObject({ epoch: 1, size: 1, root });
    await f.ledger.anchor();
    expect(f.chain.anchors).toHaveLength(1);
  });

  it("that was mined after nobody waited for it any more is learned of, and not sent twice", async () => {
    await settleOne();
    const { anchor } = f.chain;
    f.chain.anchor = async (epoch) => {
      await anchor(epoch);
      throw new Error("no receipt within two minutes");
    };
    await expect(f.ledger.anchor()).rejects.toThrow("no receipt");
    f.chain.anchor = anchor;
    await f.ledger.anchor();
    expect(f.chain.anchors).toHaveLength(1);
    expect(f.book.lastAnchor).toMatchObject({ epoch: 1, size: 1 });
    // The next one counts on from it, and the nonces are made of the secret that it committed to.
    await settleOne();
    await f.ledger.anchor();
    expect(f.chain.anchors).toHaveLength(2);
    expect(f.book.lastAnchor).toMatchObject({ epoch: 2, size: 2 });
  });

  it("that a reorganisation took back is made again, under its number, and once", { timeout: 120_000 }, async () => {
    await settleOne();
    await restart(true);
    await f.ledger.anchor();
    f.chain.anchors.pop();
    await settleOne();
    await f.ledger.anchor();
    expect(f.chain.anchors).toMatchObject([{ size: 2 }]);
    expect(f.book.lastAnchor).toMatchObject({ epoch: 1, size: 2 });
    f.chain.anchors.pop();
    await f.ledger.anchor();
    expect(f.chain.anchors).toMatchObject([{ size: 2 }]);
    expect(await f.ledger.books.anchors(undefined, 10)).toMatchObject([{ epoch: 1, size: 2 }]);
    await restart();
    expect(f.ledger.nextJob().coordinatorNonce).toMatch(/^0x/);
    expect(f.warnings).toEqual([]);
  });

  it("that was sent twice counts twice, and the nonces are made of what the last one committed to", async () => {
    await settleOne();
    const { anchor } = f.chain;
    // Nobody waited for the first one any more; both are mined, one behind the other.
    f.chain.anchor = async (epoch) => {
      await anchor(epoch);
      return anchor(epoch);
    };
    await f.ledger.anchor();
    f.chain.anchor = anchor;
    expect(f.book.lastAnchor).toMatchObject({ epoch: 2, size: 1 });
    expect(keccak(hexToBytes(f.book.secrets.get(2)!))).toBe(f.chain.anchors[1]!.nextNonceHash);
    const secret = f.book.secrets.get(2);
    await settleOne();
    await f.ledger.anchor();
    expect(f.book.lastAnchor).toMatchObject({ epoch: 3, size: 2 });
    expect(keccak(hexToBytes(f.book.secrets.get(3)!))).toBe(f.chain.anchors[2]!.nextNonceHash);
    await restart();
    expect(f.book.secrets.get(2)).toBe(secret);
  });

  it("of another log that was mined just before ours ends the work, also at every start from then on", async () => {
    await settleOne();
    const { anchor } = f.chain;
    f.chain.anchor = async (epoch) => {
      await anchor({ ...others, root: word("another log"), size: 1 });
      return anchor(epoch);
    };
    await expect(f.ledger.anchor()).rejects.toMatchObject({ code: "log_other" });
    f.chain.anchor = anchor;
    expect(f.chain.anchors).toHaveLength(2);
    // The last one is ours.
    await expect(f.ledger.anchor()).rejects.toMatchObject({ code: "log_other" });
    const { chain } = f;
    await f.close();
    await expect(openLedgerFixture(folder.home, { chain, hasTables: false })).rejects.toMatchObject({
      code: "log_other",
    });
    f = await openLedgerFixture(`${folder.home}/other`, { hasTables: false });
  });

  it("of another log that a reorganisation put in the place of ours is seen", async () => {
    await settleOne();
    await f.ledger.anchor();
    await f.ledger.anchor();
    f.chain.anchors[0] = { ...f.chain.anchors[0]!, root: word("another log") };
    await expect(f.ledger.anchor()).rejects.toMatchObject({ code: "log_other" });
  });

  it("above the log means that the home is an old copy: the coordinator does not start", async () => {
    await f.chain.anchor({ ...others, root: word("root"), size: 5 });
    const { chain } = f;
    await f.close();
    await expect(openLedgerFixture(folder.home, { chain, hasTables: false })).rejects.toThrow(/old copy/);
    f = await openLedgerFixture(`${folder.home}/other`, { hasTables: false });
  });

  it("of another log under this key ends the work, at a start and in the middle", async () => {
    await settleOne();
    const { root, size } = (await f.ledger.head()).head;
    const other = { ...others, size: Number(size) };
    await f.chain.anchor({ ...other, root: word("another log") });
    await expect(f.ledger.anchor()).rejects.toMatchObject({ code: "log_other" });
    expect(f.chain.anchors).toHaveLength(1);
    const { chain } = f;
    await f.close();
    await expect(openLedgerFixture(folder.home, { chain, hasTables: false })).rejects.toMatchObject({
      name: "ForeignAnchorError",
    });
    // The same with this log's own root is an anchor of ours.
    chain.anchors = [];
    await chain.anchor({ ...other, root });
    f = await openLedgerFixture(folder.home, { chain, hasTables: false });
    expect(f.book.lastAnchor).toMatchObject({ epoch: 1, root });
  });
});
