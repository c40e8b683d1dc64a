import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BookError } from "../../../coordinator/src/domain/settlement/book.ts";
import type { FactStore } from "../../../coordinator/src/plugins/app/store/fact-store.ts";
import {
  assignCommand,
  miner,
  openLedgerFixture,
  receiptFor,
  temporaryHome,
  word,
  type LedgerFixture,
} from "../fixture.ts";

/** A store whose disk answers only when it is released; the book has everything at once, as always. */
class SlowDisk {
  #gates: PromiseWithResolvers<undefined>[] | undefined;

  readonly wrap = (store: FactStore): FactStore => ({
    ...store,
    append: async (facts, more) => {
      const stored = store.append(facts, more);
      await this.#gate();
      await stored;
    },
    durable: async () => {
      await this.#gates?.at(-1)?.promise;
      await store.durable();
    },
  });

  hold(): void {
    this.#gates = [];
  }

  /** Lets the oldest append that is held through. */
  releaseOne(): void {
    this.#gates?.shift()?.resolve(undefined);
  }

  #gate(): Promise<undefined> | undefined {
    const gate = Promise.withResolvers<undefined>();
    return this.#gates === undefined ? undefined : (this.#gates.push(gate), gate.promise);
  }
}

let folder: ReturnType<typeof temporaryHome>;
let disk: SlowDisk;
let f: LedgerFixture;
beforeEach(async () => {
  folder = temporaryHome();
  disk = new SlowDisk();
  f = await openLedgerFixture(folder.home, { wrap: disk.wrap, hasTables: false });
});
afterEach(async () => {
  await f.close();
  folder.remove();
});

/** Whether a promise is settled by now, all microtasks done. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe("until the disk has a receipt", () => {
  it("nobody is told of it: not its copies, not the log's head, not the vouchers", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const command = { miner: miner.address, ...receiptFor(assigned, 4) };
    disk.hold();
    const settled = [f.ledger.settle(command), f.ledger.settle(command)];
    // Its signer is asked for first, which may take a while; then the book has it, and the disk not yet.
    while (f.ledger.logSize === 0) await new Promise((resolve) => setImmediate(resolve));
    const told: Promise<unknown>[] = [...settled, f.ledger.head(), f.ledger.vouchers()];
    for (const one of told) expect(await isSettled(one)).toBe(false);
    expect(f.ledger.logSize).toBe(1);
    disk.releaseOne();
    const [first, copy] = await Promise.all(told);
    expect(copy).toEqual(first);
  });

  it("an earlier one is not answered with its vouchers", async () => {
    const [one, two] = [await f.ledger.assign(assignCommand(f.ledger)), await f.ledger.assign(assignCommand(f.ledger))];
    disk.hold();
    const first = f.ledger.settle({ miner: miner.address, ...receiptFor(one, 4) });
    while (f.ledger.logSize === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = f.ledger.settle({ miner: miner.address, ...receiptFor(two, 4) });
    expect(await isSettled(second)).toBe(false);
    disk.releaseOne();
    expect((await first).minerVoucher.voucher).toMatchObject({ count: 1n });
    expect((await first).funding[0]?.voucher).toMatchObject({ count: 1n });
    disk.releaseOne();
    expect((await second).minerVoucher.voucher).toMatchObject({ count: 2n });
  });

  it("several that come together share one append, one signature and one voucher over all of them", async () => {
    const assigned = await Promise.all([1, 2, 3].map(async () => f.ledger.assign(assignCommand(f.ledger))));
    expect(new Set(assigned.map(({ batch }) => batch.signature)).size).toBe(1);
    expect(assigned.map(({ batch }) => batch.index)).toEqual([0, 1, 2]);
    disk.hold();
    const settling = assigned.map(async (one) => f.ledger.settle({ miner: miner.address, ...receiptFor(one, 4) }));
    while (f.ledger.logSize < 3) await new Promise((resolve) => setImmediate(resolve));
    disk.releaseOne();
    const settled = await Promise.all(settling);
    expect(settled.map(({ logIndex }) => logIndex)).toEqual([0, 1, 2]);
    for (const { minerVoucher, funding } of settled) {
      expect(minerVoucher).toBe(settled[0]!.minerVoucher);
      expect(funding[0]?.voucher).toMatchObject({ count: 3n });
    }
  });

  it("two copies that come together settle once, and a second receipt beside the first is refused", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const command = { miner: miner.address, ...receiptFor(assigned, 4) };
    const other = { miner: miner.address, ...receiptFor(assigned, 3) };
    const [first, copy, wrong] = await Promise.allSettled(
      [command, command, other].map(async (c) => f.ledger.settle(c)),
    );
    expect(first).toMatchObject({ status: "fulfilled", value: { logIndex: 0 } });
    expect(copy).toEqual(first);
    expect(wrong).toMatchObject({ status: "rejected", reason: { code: "receipt_conflict" } });
    expect(f.ledger.logSize).toBe(1);
  });
});

describe("when the book does not take a fact", () => {
  it("nothing is acknowledged any more: what the book says then is on no disk", async () => {
    const unknown = { kind: "attempt.voided", digest: word("unknown"), reason: "", atMs: 0 } as const;
    await expect(f.store.append([unknown])).rejects.toBeInstanceOf(BookError);
    expect(f.warnings).toEqual([expect.stringMatching(/^failure: BookError/)]);
    await expect(f.ledger.assign(assignCommand(f.ledger))).rejects.toBeInstanceOf(BookError);
    await expect(f.ledger.head()).rejects.toBeInstanceOf(BookError);
    await expect(f.ledger.vouchers()).rejects.toBeInstanceOf(BookError);
    expect(f.warnings).toHaveLength(1);
  });

  it("a receipt is not settled without its vouchers", async () => {
    const assigned = await f.ledger.assign(assignCommand(f.ledger));
    const { receipt, batch } = receiptFor(assigned, 4);
    const { append } = f.store;
    f.store.append = (facts) =>
      append(facts, () => {
        throw new Error("no voucher");
      });
    const command = { miner: miner.address, receipt, batch, seen: receiptFor(assigned, 4).seen };
    await expect(f.ledger.settle(command)).rejects.toThrow("no voucher");
    f.store.append = append;
    await expect(f.ledger.settle(command)).rejects.toThrow("no voucher");
    await f.close();
    f = await openLedgerFixture(folder.home, { hasTables: false });
    expect(f.ledger.logSize).toBe(0);
    expect(await f.ledger.settle(command)).toMatchObject({ logIndex: 0 });
  });
});
