import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signSlabVoucher, type SlabVoucher } from "@lode/sdk/slab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mostUnsettled, SlabBook } from "../../../coordinator/src/plugins/app/slabs/book.ts";
import type { SlabChain } from "../../../coordinator/src/plugins/app/slabs/chain.ts";
import { SlabDesk } from "../../../coordinator/src/plugins/app/slabs/desk.ts";
import type { SlabProver } from "../../../coordinator/src/plugins/app/slabs/prover-process.ts";
import { SlabWorker, type SlabPolicy } from "../../../coordinator/src/plugins/app/slabs/worker.ts";
import { openingOf, paymentOf, slabChannelOf, slabClient, slabDomain, slabPayee } from "../../helpers/slab.ts";
import { anyProver, MemorySlabChain } from "../../helpers/slab-chain.ts";
import { writeCrowd } from "../../helpers/slab-crowd.ts";

const depositWei = 10n ** 18n;
const nowMs = 1_790_000_000_000;
const eager: SlabPolicy = { minimumWei: 1n, minimumChannels: 1, maximumWei: depositWei };

let folder: string;
let chain: MemorySlabChain;
let books: SlabBook[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lode-slabs-"));
  chain = openChannels();
  books = [];
});
afterEach(async () => {
  for (const book of books) await book.close();
  rmSync(folder, { recursive: true, force: true });
});

function openChannels(): MemorySlabChain {
  const made = new MemorySlabChain(slabDomain);
  for (const slot of [0, 1, 2, 5]) made.add(slabChannelOf(slot), depositWei);
  return made;
}

/** The process that dies: whatever it calls next, it never calls. */
class Death extends Error {}

/** Calls that change or say something, each of which a process may die before, or right behind without hearing of it. */
function mortal<T extends object>(target: T, names: readonly (keyof T & string)[], count: () => void): T {
  return new Proxy(target, {
    get: (object, name) => {
      const value = Reflect.get(object, name) as unknown;
      if (typeof value !== "function") return value;
      const call = value.bind(object) as (...args: unknown[]) => unknown;
      if (!names.includes(name as keyof T & string)) return call;
      return async (...args: unknown[]) => {
        count();
        const result = await call(...args);
        count();
        return result;
      };
    },
  });
}

interface Process {
  readonly book: SlabBook;
  readonly desk: SlabDesk;
  readonly worker: SlabWorker;
  readonly warnings: string[];
  /** How many steps there were. */
  readonly steps: () => number;
}

/** A process over what is on the disk and on the chain; it dies at its `diesAt`th step. */
async function start({
  diesAt = Infinity,
  prover = anyProver,
  policy = eager,
}: { diesAt?: number; prover?: SlabProver; policy?: SlabPolicy } = {}): Promise<Process> {
  let steps = 0;
  const step = (): void => {
    if (++steps >= diesAt) throw new Death();
  };
  // What is on the disk now: the file of a process that is dead has no lock.
  const before = join(folder, `slabs-${books.length}.log`);
  const file = join(folder, `slabs-${books.length + 1}.log`);
  if (existsSync(before)) copyFileSync(before, file);
  const book = await SlabBook.open(file, slabDomain);
  books.push(book);
  const seen = mortal<SlabBook>(book, ["observe"], step);
  const dying: SlabChain = mortal<SlabChain>(chain, ["channels", "leavesOf", "settle", "creditWei", "sweep"], step);
  const warnings: string[] = [];
  const worker = new SlabWorker({
    ...{ domain: slabDomain, payee: slabPayee, policy, chain: dying, nowMs: () => nowMs },
    book: seen,
    prover: mortal(prover, ["prove"], step),
    warn: (message) => warnings.push(message),
  });
  return {
    book,
    desk: new SlabDesk({ domain: slabDomain, payee: slabPayee }, book, chain),
    worker,
    warnings,
    steps: () => steps,
  };
}

function voucher(slot: number, nonce: number, cumulativeWei: bigint): SlabVoucher {
  return paymentOf(slot, undefined, openingOf(slot, nonce, cumulativeWei)).voucher;
}

async function accept({ desk }: Process, slot: number, nonce: number, wei: bigint): Promise<void> {
  const { client, generation } = slabChannelOf(slot);
  await desk.accept(client, slot, generation, voucher(slot, nonce, wei));
}

describe("a process that settles", () => {
  it("may die before or behind any step: the next one pays everything once", async () => {
    const whole = await start();
    await accept(whole, 0, 2, 150n);
    await accept(whole, 1, 1, 20n);
    await accept(whole, 5, 1, 7n);
    const file = readFileSync(join(folder, "slabs-1.log"));
    await whole.worker.settleDue();
    expect(chain.sweptWei).toBe(177n);
    const steps = whole.steps();
    // Two slabs, each read, compared, proved, sent and noted; then the credit.
    expect(steps).toBeGreaterThan(20);
    const late = voucher(1, 2, 23n);
    for (let diesAt = 1; diesAt <= steps; diesAt++) {
      chain = openChannels();
      writeFileSync(join(folder, `slabs-${books.length}.log`), file);
      await expect((await start({ diesAt })).worker.settleDue()).rejects.toBeInstanceOf(Death);
      // What comes after the death and before the next turn is not forgotten either.
      const second = await start();
      const isLater = diesAt % 6 === 0;
      if (isLater) await second.desk.accept(slabChannelOf(1).client, 1, slabChannelOf(1).generation, late);
      await second.worker.settleDue();
      expect(chain.sweptWei + chain.credit).toBe(isLater ? 180n : 177n);
      expect((await start()).book.due()).toEqual([]);
    }
  });

  it("settles no voucher that its disk does not hold, and the next process settles what it does", async () => {
    const one = await start();
    await accept(one, 0, 1, 100n);
    // The file is gone under it: nothing more can be written.
    await one.book.close();
    await expect(accept(one, 0, 2, 150n)).rejects.toMatchObject({ code: "log_write_failed" });
    await expect(one.worker.settleDue()).rejects.toMatchObject({ code: "log_write_failed" });
    expect(chain.settled).toEqual([]);
    await (await start()).worker.settleDue();
    expect(chain.settled).toEqual([{ slab: 0, totalWei: 100n }]);
  });

  it("takes back what it noted when a reorganisation takes back the settlement, and settles it again", async () => {
    const one = await start();
    await accept(one, 0, 1, 100n);
    await one.worker.settleDue();
    const leaves = await chain.leavesOf(0);
    await accept(one, 0, 2, 130n);
    await one.worker.settleDue();
    expect(one.book.settledOf(slabChannelOf(0))?.nonce).toBe(2);
    chain.takeBack(0, leaves);
    // A restart knows no more than the disk.
    const other = await start();
    await accept(other, 0, 3, 131n);
    await other.worker.settleDue();
    expect(chain.settled).toEqual([
      { slab: 0, totalWei: 100n },
      { slab: 0, totalWei: 31n },
    ]);
  });
});

describe("a channel that its client settled itself", () => {
  it("goes on from any voucher that was handed in", async () => {
    const one = await start();
    await accept(one, 0, 1, 100n);
    await accept(one, 0, 2, 150n);
    await accept(one, 1, 1, 5n);
    chain.settleElsewhere(0, openingOf(0, 1, 100n));
    await one.worker.settleDue();
    expect(chain.settled).toEqual([{ slab: 0, totalWei: 55n }]);
  });

  it("holds up nobody else when it shows a voucher that was not, and gets no more credit", async () => {
    const one = await start();
    await accept(one, 0, 1, 100n);
    await accept(one, 1, 1, 5n);
    chain.settleElsewhere(0, openingOf(0, 9, 1n));
    await one.worker.settleDue();
    expect(chain.settled).toEqual([{ slab: 0, totalWei: 5n }]);
    expect(one.warnings.join()).toContain("slot 0");
    const { client } = slabChannelOf(0);
    expect(await one.desk.fundsOf(client)).toEqual({ depositWei: 100n, promisedWei: 100n });
    await expect(accept(one, 0, 10, 200n)).rejects.toMatchObject({ code: "slab_settled_elsewhere" });
  });
});

describe("what is worth settling", () => {
  const policy: SlabPolicy = { minimumWei: 50n, minimumChannels: 2, maximumWei: 1_000n };

  it("waits for company and for a sum, but not with a large debt or a channel that ends", async () => {
    const one = await start({ policy });
    const turn = async (): Promise<bigint | undefined> => (await one.worker.settleDue()).at(0)?.totalWei;
    await accept(one, 0, 1, 100n);
    expect(await turn()).toBeUndefined();
    await accept(one, 1, 1, 0n);
    // A promise of nothing is no company.
    expect(await turn()).toBeUndefined();
    expect(one.worker.figures).toEqual({ channels: 2, unsettledWei: 100n });
    await accept(one, 1, 2, 1n);
    expect(await turn()).toBe(101n);
    await accept(one, 0, 2, 1_099n);
    expect(await turn()).toBeUndefined();
    await accept(one, 0, 3, 1_100n);
    expect(await turn()).toBe(1_000n);
    await accept(one, 2, 1, 3n);
    chain.change(2, { exitsAt: nowMs / 1000 + 6 * 86_400 });
    expect(await turn()).toBe(3n);
  });

  it("does not wait with a channel that soon takes no more vouchers", async () => {
    await writeCrowd(join(folder, "slabs-0.log"), slabChannelOf(0), mostUnsettled / 2 - 1, 8_192);
    const one = await start({ policy: { ...policy, maximumWei: depositWei } });
    expect(await one.worker.settleDue()).toEqual([]);
    await accept(one, 0, mostUnsettled / 2, 40_000n);
    expect(await one.worker.settleDue()).toEqual([{ slab: 0, channels: 1, totalWei: 40_000n }]);
  });

  it("closes a channel that ends soon with its voucher where nothing can be proved", async () => {
    const prover: SlabProver = { prove: () => Promise.reject(new Error("no prover")) };
    const one = await start({ policy, prover });
    await accept(one, 0, 1, 100n);
    await accept(one, 1, 1, 30n);
    chain.change(0, { exitsAt: nowMs / 1000 + 86_400 });
    chain.change(1, { exitsAt: nowMs / 1000 + 6 * 86_400 });
    await expect(one.worker.settleDue()).rejects.toThrow("no prover");
    expect([...chain.open.keys()]).toEqual([1, 2, 5]);
    expect(chain.credit + chain.sweptWei).toBe(100n);
  });
});

describe("a voucher", () => {
  it("is taken again when its answer was lost, and never below one that is here", async () => {
    const one = await start();
    await accept(one, 0, 2, 100n);
    await accept(one, 0, 2, 100n);
    const { client, generation } = slabChannelOf(0);
    expect(one.desk.promisedWei(client)).toBe(100n);
    const refused = [
      [client, 0, generation, voucher(0, 1, 200n), "slab_stale"],
      [client, 0, generation, voucher(0, 3, 99n), "slab_stale"],
      [client, 0, generation, voucher(0, 3, depositWei + 1n), "slab_above_deposit"],
      [client, 0, generation, { ...voucher(0, 3, 101n), cumulativeWei: 102n }, "slab_bad_signature"],
      [client, 0, generation + 1n, voucher(0, 3, 101n), "slab_no_channel"],
      [slabChannelOf(1).client, 0, generation, voucher(0, 3, 101n), "slab_no_channel"],
    ] as const;
    for (const [who, slot, of, what, code] of refused) {
      await expect(one.desk.accept(who, slot, of, what)).rejects.toMatchObject({ code });
    }
    chain.change(0, { exitsAt: 1 });
    await expect(accept(one, 0, 3, 101n)).rejects.toMatchObject({ code: "slab_exiting" });
    expect((await start()).desk.promisedWei(client)).toBe(100n);
  });

  it("counts on when the client's next channel takes the slot", async () => {
    const one = await start();
    await accept(one, 0, 1, 100n);
    const { client } = slabChannelOf(0);
    chain.open.delete(0);
    const next = slabChannelOf(0, 77n);
    chain.add(next, depositWei);
    const again = signSlabVoucher(slabClient(0).signer, slabDomain, next, openingOf(0, 1, 40n));
    await one.desk.accept(client, 0, 77n, again);
    expect(one.desk.promisedWei(client)).toBe(140n);
    expect(await one.desk.fundsOf(client)).toEqual({ depositWei, promisedWei: 40n });
    expect(one.desk.vouchersOf(client).map(({ channel }) => channel.generation)).toEqual([1n, 77n]);
  });
});
