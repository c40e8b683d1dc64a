import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RecordLog } from "@lode/sdk/record-log";
import { slabChannelToWire, slabVoucherToWire } from "@lode/sdk/slab";
import { toWire, voucherKind, type WireStruct } from "@lode/sdk/typed-data";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GatewayRecords, maximumSent, type GatewayRecordsOptions } from "../../../miner/src/client/gateway-records.ts";
import type { SlabRecord } from "../../../miner/src/client/slab-purse.ts";
import { openingOf, slabChannelOf, voucherOn } from "../../helpers/slab.ts";
import { client, operator, word } from "../../coordinator/fixture.ts";

let home: string;
let slabs: SlabRecord[];
const open: GatewayRecords[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lode-gateway-records-"));
});
afterEach(async () => {
  for (const records of open.splice(0)) await records.close();
  rmSync(home, { recursive: true, force: true });
});

const file = (): string => GatewayRecords.file(home);

async function start(options: Partial<GatewayRecordsOptions> = {}): Promise<GatewayRecords> {
  for (const records of open.splice(0)) await records.close();
  slabs = [];
  const onSlab = (record: SlabRecord): void => void slabs.push(record);
  const records = new GatewayRecords({ home, onSlab, warn: () => undefined, spare: Infinity, ...options });
  open.push(records);
  await records.open();
  return records;
}

const promise = (count: number): WireStruct<"Voucher"> =>
  toWire("Voucher", {
    ...{ payer: client.address, payee: operator.address, kind: voucherKind.dedicated, epoch: 0n },
    ...{ cumulativeWei: 10n * BigInt(count), count: BigInt(count), receiptsRoot: word(`root ${count}`) },
  });

/** Some requests, each with a promise behind it; some are told of in the middle only, and two are paid on a channel. */
async function write(count = 6): Promise<void> {
  const records = await start();
  const written: Promise<void>[] = [];
  for (let at = 0; at < count; at++) {
    const request = { bodyBytes: 100 + at, maxOutputTokens: at % 2 === 0 ? 40 : undefined };
    written.push(records.append({ kind: "begun", id: `job ${at}`, request }));
    if (at % 3 > 0)
      written.push(records.append({ kind: "sent", id: `job ${at}`, request: { ...request, answerBytes: at } }));
    written.push(records.append({ kind: "signed", voucher: promise(at) }));
  }
  const channel = slabChannelOf(0);
  for (const nonce of [1, 2]) {
    const voucher = slabVoucherToWire(voucherOn(channel, openingOf(0, nonce, 10n * BigInt(nonce))));
    written.push(records.append({ kind: "slab", channel: slabChannelToWire(channel), voucher }));
  }
  await Promise.all(written);
}

const tell = (records: GatewayRecords): object => ({
  sent: [...records.sent],
  promised: records.promised,
  paidBySlab: records.paidBySlab,
  slabs,
});

async function count(): Promise<number> {
  let records = 0;
  await RecordLog.read(file(), () => (records += 1));
  return records;
}

describe("a gateway's records", () => {
  it("are written anew with all that they told, and go on", async () => {
    await write();
    const before = tell(await start());
    expect(await count()).toBe(18);
    expect(tell(await start({ spare: -Infinity }))).toEqual(before);
    // Six requests, the last promise, and both on the channel: either may be the one that it is settled with.
    expect(await count()).toBe(9);
    const records = await start();
    expect(tell(records)).toEqual(before);
    await records.append({ kind: "signed", voucher: promise(99) });
    expect((await start()).promised).toMatchObject({ count: 99n });
  });

  it("stay where most of them are needed", async () => {
    await write();
    await start({ spare: 1 });
    expect(await count()).toBe(18);
    await start({ spare: -1 });
    expect(await count()).toBe(9);
  });

  it("hold as many requests as are waited for, however many there were", { timeout: 60_000 }, async () => {
    await write(maximumSent + 50);
    const records = await start({ spare: 0 });
    expect(await count()).toBe(maximumSent + 3);
    expect([records.sent.has("job 49"), records.sent.has("job 50")]).toEqual([false, true]);
  });

  it("stay as they are, with a word, where they cannot be written anew", async () => {
    await write();
    const before = tell(await start());
    const warnings: string[] = [];
    mkdirSync(`${file()}.new`);
    const records = await start({ spare: -Infinity, warn: (message) => warnings.push(message) });
    expect(warnings).toHaveLength(1);
    expect(tell(records)).toEqual(before);
    await records.append({ kind: "signed", voucher: promise(99) });
    expect(await count()).toBe(19);
    rmdirSync(`${file()}.new`);
  });

  it("hold all or nothing when the process is killed meanwhile", { timeout: 120_000 }, async () => {
    await write(500);
    const before = tell(await start());
    await open.pop()!.close();
    writeFileSync(`${file()}.new`, Buffer.alloc(100, 7));
    const reopener = fileURLToPath(new URL("../../helpers/gateway-reopener.ts", import.meta.url));
    for (const rewritings of [1, 2, 5]) {
      const child = fork(reopener, [home], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      for (let seen = 0; seen < rewritings; seen++) await once(child, "message");
      child.kill("SIGKILL");
      await once(child, "exit");
      expect(tell(await start())).toEqual(before);
      await open.pop()!.close();
    }
  });
});
