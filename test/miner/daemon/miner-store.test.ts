import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Hex } from "@lode/sdk/hash";
import { MinerStore, type StoredVoucher } from "../../../miner/src/daemon/index.ts";
import { client, miner, operator, person } from "../../coordinator/fixture.ts";

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
