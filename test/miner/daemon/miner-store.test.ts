import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Hex } from "@lode/sdk/hash";
import { RecordLog } from "@lode/sdk/record-log";
import { MinerStore, type StoredVoucher } from "../../../miner/src/daemon/index.ts";
import { client, miner, operator, person } from "../../coordinator/fixture.ts";
import { coordinatorOf, recordedJob, type RecordedJob } from "../../helpers/miner-records.ts";

let home: string;
let store: MinerStore;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "lode-miner-store-"));
  store = await MinerStore.open(home, () => undefined);
});
afterEach(async () => {
  await store.close().catch(() => undefined);
  rmSync(home, { recursive: true });
});

const voucher = (payer: Hex, payee: Hex, cumulativeWei: string): StoredVoucher => ({
  voucher: { payer, payee, kind: 1, epoch: "0", cumulativeWei, count: "1", receiptsRoot: `0x${"00".repeat(32)}` },
  signature: `0x${"11".repeat(65)}`,
});
const funds = (payer: Hex, cumulativeWei: string): StoredVoucher => voucher(payer, operator.address, cumulativeWei);

describe("the miner's store", () => {
  it("keeps the latest voucher of every client that ever funded a coordinator, also of those named no more", async () => {
    const [first, second] = [client.address, person("second client").address];
    const paid = (wei: string): StoredVoucher => voucher(operator.address, miner.address, wei);
    await store.append({ kind: "voucher", paid: paid("1"), funding: [funds(first, "1")] });
    await store.append({ kind: "voucher", paid: paid("3"), funding: [funds(first, "2"), funds(second, "1")] });
    await store.append({ kind: "voucher", paid: paid("5"), funding: [funds(second, "3")] });
    const kept = [{ paid: paid("5"), funding: [funds(first, "2"), funds(second, "3")] }];
    expect(store.vouchers()).toEqual(kept);
    expect(store.voucherOf(operator.address)).toEqual(kept[0]);
    expect((await MinerStore.read(home)).vouchers()).toEqual(kept);
  });

  it("says when it can keep nothing any more, so that nobody goes on working", async () => {
    await store.close();
    const record = { kind: "voucher", paid: voucher(operator.address, miner.address, "1"), funding: [] } as const;
    await expect(store.append(record)).rejects.toMatchObject({ code: "log_write_failed" });
    expect(await store.broken).toMatchObject({ code: "log_write_failed", message: expect.stringMatching("restart") });
  });
});

describe("a miner's records of long ago", () => {
  const dayS = 86_400;
  const lastS = 1_790_000_000;
  const payer = coordinatorOf("coordinator");
  const oldS = lastS - 20 * dayS;
  const paidFor = (count: number): StoredVoucher => {
    const { voucher: body, signature } = voucher(payer, miner.address, `${count}000`);
    return { voucher: { ...body, count: `${count}` }, signature };
  };
  /** Three of long ago that are paid, one that is not, one without a receipt's confirmation, one of nothing; one of today. */
  const [paid, unpaid, waiting, nothing, today] = [
    [0, 1, 2].map((index) => recordedJob(index, oldS)),
    recordedJob(3, oldS),
    recordedJob(4, oldS, "receipted"),
    recordedJob(5, oldS, "closed"),
    recordedJob(6, lastS + 60),
  ] as const;
  const kept = [unpaid, waiting, today];
  const file = (): string => join(home, "jobs", "records");

  async function write(): Promise<void> {
    for (const { records } of [...paid, unpaid, waiting, nothing, today]) {
      for (const record of records) await store.append(record);
      await store.append({ kind: "voucher", paid: paidFor(3), funding: [funds(client.address, "1")] });
    }
    await store.append({ kind: "voucher", paid: paidFor(3), funding: [funds(person("second").address, "2")] });
    await store.close();
  }

  async function open(nowMs: number, spare = 0, warn: (message: string) => void = () => undefined): Promise<void> {
    store = await MinerStore.open(home, warn, { nowMs: () => nowMs, spare });
  }

  /** Everything that the store says of what it should know. */
  function tell(): object {
    const all = [...paid, unpaid, waiting, nothing, today];
    return {
      vouchers: store.vouchers(),
      credits: store.credits(payer).map((credit) => ({ ...credit })),
      pending: store.pending(payer).map(({ digest }) => digest),
      unfinished: store.unfinished(payer),
      known: all.filter(({ digest }) => store.isKnown(digest)).length,
      kept: kept.map(({ digest }) => store.jobs.get(digest)),
    };
  }

  const count = async (): Promise<number> => {
    let records = 0;
    await RecordLog.read(file(), () => records++);
    return records;
  };

  it("are written anew with what the next voucher needs, and none is taken a second time", async () => {
    const before = await writeAndTell();
    await open(lastS * 1000);
    expect(tell()).toEqual(before);
    expect([...store.jobs.keys()]).toEqual(kept.map(({ digest }) => digest));
    expect(store.credits(payer)[1]).toEqual({ hash: paid[1]!.receiptHash, creditWei: paid[1]!.creditWei });
    // What was paid, what came to nothing, four, three and four records of jobs, one voucher.
    expect(await count()).toBe(2 + 4 + 3 + 4 + 1);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    await store.append({ kind: "accepted", digest: waiting.digest, logIndex: 4, creditIndex: 4 });
    const after = tell();
    await store.close();
    // Nothing is over now that was not; what is kept of the others stays.
    await open(lastS * 1000, -Infinity);
    expect(tell()).toEqual(after);
  });

  it("stay where little is of long ago, and where the clock is ahead of everything that came", async () => {
    await write();
    const all = await count();
    await open(lastS * 1000, 2);
    await store.close();
    expect(await count()).toBe(all);
    const early: RecordedJob[] = [0, 1, 2].map((index) => recordedJob(index, lastS));
    rmSync(file());
    await open(lastS * 1000);
    for (const { records } of early) for (const record of records) await store.append(record);
    await store.append({ kind: "voucher", paid: paidFor(3), funding: [] });
    await store.close();
    await open((lastS + 400 * dayS) * 1000);
    expect(store.jobs.size).toBe(3);
  });

  it("stay as they are, with a word, where they cannot be written anew", async () => {
    const before = await writeAndTell();
    const all = await count();
    const warnings: string[] = [];
    mkdirSync(`${file()}.new`);
    await open(lastS * 1000, 0, (message) => warnings.push(message));
    expect(warnings).toHaveLength(1);
    expect(tell()).toEqual(before);
    expect(await count()).toBe(all);
    rmdirSync(`${file()}.new`);
  });

  it("hold all or nothing when the process is killed meanwhile", { timeout: 120_000 }, async () => {
    const before = await writeAndTell();
    writeFileSync(`${file()}.new`, Buffer.alloc(100, 7));
    const reopener = fileURLToPath(new URL("../../helpers/miner-reopener.ts", import.meta.url));
    for (const afterMs of [0, 3]) {
      const child = fork(reopener, [home, `${lastS * 1000}`], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      await once(child, "message");
      await pause(afterMs);
      child.kill("SIGKILL");
      await once(child, "exit");
      await open(lastS * 1000, Infinity);
      expect(tell()).toEqual(before);
      await store.close();
    }
  });

  async function writeAndTell(): Promise<object> {
    await write();
    await open(lastS * 1000, Infinity);
    const told = tell();
    await store.close();
    return told;
  }
});
