import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RecordLog } from "@lode/sdk/record-log";
import { slabChannelId, slabLeaf, type SlabOpening } from "@lode/sdk/slab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mostUnsettled, SlabBook } from "../../../coordinator/src/plugins/app/slabs/book.ts";
import { openingOf, slabChannelOf, slabDomain, voucherOn } from "../../helpers/slab.ts";
import { crowdOpening, openingsIn, writeCrowd } from "../../helpers/slab-crowd.ts";

const depositWei = 10n ** 18n;
const folder = mkdtempSync(join(tmpdir(), "lode-rewritten-"));
const file = join(folder, "slabs.log");
/** Slot 0 was left and opened again by the same client; slot 1 is settled and has gone on; of slot 2 nothing is settled. */
const [left, again, settled, fresh] = [
  slabChannelOf(0),
  slabChannelOf(0, 9n),
  slabChannelOf(1),
  slabChannelOf(2),
] as const;
const leafOf = (opening: SlabOpening): bigint => slabLeaf(slabChannelId(slabDomain, settled), settled.key, opening);

let written: Buffer;
let told: object;
beforeAll(async () => {
  const book = await SlabBook.open(file, slabDomain);
  const accept = (channel: typeof left, nonce: number, wei: bigint): Promise<void> =>
    book.accept(channel, depositWei, voucherOn(channel, openingOf(channel.slot, nonce, wei)));
  for (let nonce = 1; nonce <= 4; nonce++) await accept(left, nonce, 10n * BigInt(nonce));
  for (let nonce = 1; nonce <= 3; nonce++) await accept(fresh, nonce, BigInt(nonce));
  for (let nonce = 1; nonce <= 6; nonce++) await accept(settled, nonce, 100n * BigInt(nonce));
  await book.observe(settled, leafOf(openingOf(1, 2, 200n)), true);
  await book.observe(settled, leafOf(openingOf(1, 4, 400n)), true);
  await accept(again, 1, 5n);
  told = tell(book);
  await book.close();
  written = readFileSync(file);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that a book answers. */
function tell(book: SlabBook): object {
  const clients = [left, settled, fresh].map(({ client }) => client);
  const sorted = book.entries().toSorted((a, b) => a.channel.slot - b.channel.slot);
  return {
    entries: sorted,
    due: book
      .due()
      .map(({ channel }) => channel.slot)
      .toSorted(),
    settled: book.settledOf(settled),
    clients: clients.map((client) => ({
      promisedWei: book.promisedWei(client),
      current: book.currentOf(client),
      vouchers: book.vouchersOf(client).map(({ channel, voucher }) => ({ channel, voucher })),
    })),
  };
}

async function countFacts(): Promise<number> {
  let facts = 0;
  await RecordLog.read(file, () => facts++);
  return facts;
}

describe("a log of slab vouchers that is written anew", () => {
  it("tells the same in fewer facts, and goes on", async () => {
    writeFileSync(file, written);
    expect(await countFacts()).toBe(16);
    const book = await SlabBook.open(file, slabDomain, undefined, 0);
    expect(tell(book)).toEqual(told);
    // Four channels, and the last one of each of three clients.
    expect(await countFacts()).toBe(7);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // A reorganisation brings the settlement before back: its opening is still there, and so are those that came since.
    expect(await book.observe(settled, leafOf(openingOf(1, 2, 200n)), true)).toBe(true);
    expect(book.settledOf(settled)?.nonce).toBe(2);
    expect(await book.observe(settled, leafOf(openingOf(1, 5, 500n)), true)).toBe(true);
    await book.accept(settled, depositWei, voucherOn(settled, openingOf(1, 7, 700n)));
    await expect(book.accept(fresh, depositWei, voucherOn(fresh, openingOf(2, 3, 4n)))).rejects.toMatchObject({
      code: "slab_stale",
    });
    const after = tell(book);
    await book.close();
    const next = await SlabBook.open(file, slabDomain);
    expect(tell(next)).toEqual(after);
    await next.close();
  });

  it("is split where a channel has more unsettled vouchers than fit into one record", async () => {
    const count = 25_000;
    await writeCrowd(file, fresh, count, 1);
    const warnings: string[] = [];
    // Something is in the way of the new one: the old one is as good.
    mkdirSync(`${file}.new`);
    await (await SlabBook.open(file, slabDomain, (warning) => warnings.push(warning))).close();
    expect(warnings).toHaveLength(1);
    expect(await countFacts()).toBe(count + 1);
    rmdirSync(`${file}.new`);
    const book = await SlabBook.open(file, slabDomain);
    expect(await countFacts()).toBe(4);
    await book.close();
    const nonces: number[] = [];
    await RecordLog.read(file, (record) => {
      expect(JSON.stringify(record).length).toBeLessThan(4 * 1024 * 1024);
      nonces.push(...openingsIn(record).map(({ nonce }) => nonce));
    });
    expect(nonces).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    const next = await SlabBook.open(file, slabDomain);
    const near = crowdOpening(count - 10);
    const leaf = slabLeaf(slabChannelId(slabDomain, fresh), fresh.key, near);
    expect(await next.observe(fresh, leaf, true)).toBe(true);
    expect(next.settledOf(fresh)).toEqual(near);
    await next.close();
  });

  it("takes no more of a channel with too many, until something is settled of it", async () => {
    await writeCrowd(file, fresh, mostUnsettled, 8_192);
    const book = await SlabBook.open(file, slabDomain);
    expect(book.isCrowded(fresh)).toBe(true);
    const next = voucherOn(fresh, openingOf(2, mostUnsettled + 1, 1_000_000n));
    await expect(book.accept(fresh, depositWei, next)).rejects.toMatchObject({ code: "slab_crowded" });
    const last = crowdOpening(mostUnsettled - 1);
    await book.observe(fresh, slabLeaf(slabChannelId(slabDomain, fresh), fresh.key, last), true);
    expect(book.isCrowded(fresh)).toBe(false);
    await book.accept(fresh, depositWei, next);
    expect(book.lastOf(fresh)).toEqual(next);
    await book.close();
  });

  it("stays as it is while little of it is overtaken", async () => {
    writeFileSync(file, written);
    await (await SlabBook.open(file, slabDomain, undefined, 2)).close();
    expect(readFileSync(file)).toEqual(written);
  });

  it(
    "holds all or nothing of the new one when its process is killed, also half way before",
    { timeout: 120_000 },
    async () => {
      writeFileSync(file, written);
      writeFileSync(`${file}.new`, written.subarray(0, 100));
      const reopener = fileURLToPath(new URL("../../helpers/slab-reopener.ts", import.meta.url));
      for (const afterMs of [0, 3, 7]) {
        const child = fork(reopener, [file], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
        await once(child, "message");
        await pause(afterMs);
        child.kill("SIGKILL");
        await once(child, "exit");
        const book = await SlabBook.open(file, slabDomain);
        expect(tell(book)).toEqual(told);
        await book.close();
      }
      expect(await countFacts()).toBe(7);
      expect(existsSync(`${file}.lock`)).toBe(false);
    },
  );
});

describe("a record log", () => {
  it("is not written anew over what still waits", async () => {
    const log = await RecordLog.open<number>(join(folder, "numbers"), () => undefined);
    const appended = log.append(1);
    await expect(log.replace([2])).rejects.toMatchObject({ code: "log_busy" });
    await appended;
    await log.replace([3]);
    await log.append(4);
    await log.close();
    const found: unknown[] = [];
    await RecordLog.read(join(folder, "numbers"), (record) => found.push(record));
    expect(found).toEqual([3, 4]);
  });
});
