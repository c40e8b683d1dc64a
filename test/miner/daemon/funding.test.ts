import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import { signTypedData } from "@lode/sdk/keys";
import { CompactRange } from "@lode/sdk/merkle";
import { RecordLog } from "@lode/sdk/record-log";
import { escrowDomain, hashStruct, toWire, voucherKind, type Receipt, type Voucher } from "@lode/sdk/typed-data";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MinerStore, Station, type StoredVoucher } from "../../../miner/src/daemon/index.ts";
import { Work } from "../../../miner/src/daemon/work.ts";
import { addresses, miner, operator, person, word } from "../../coordinator/fixture.ts";
import { anyJob } from "../verifier/any-job.ts";

const coordinator = operator.address;
const [first, second] = [person("first client").address, person("second client").address];

let folder: string;
let store: MinerStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lode-funding-"));
  store = await MinerStore.open(folder, () => undefined);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const openWork = (): Work =>
  new Work(
    {
      ...{ addresses, coordinator, coordinatorOperator: coordinator, miner: miner.address, signer: miner },
      ...{ engines: [], store, askInputWei: 0n, askOutputWei: 0n, station: new Station(1) },
      ...{ nowMs: () => 0, steadyMs: () => 0, emit: () => undefined },
    },
    { send: () => undefined, sendFrame: () => undefined },
  );

/** Receipts that wait for their confirmation. */
async function receipted(count: number): Promise<Receipt[]> {
  const { assignment, receipt } = anyJob();
  const receipts = Array.from({ length: count }, (_, i) => ({ ...receipt, assignment: word(`job ${i}`) }));
  for (const one of receipts) {
    const digest = one.assignment;
    const batch = { root: digest, count: 1, index: 0, path: [], signature: `0x${"00".repeat(65)}` } as const;
    const salts = { jobSalt: digest, promptSalt: digest };
    const promised = toWire("Assignment", { ...assignment, coordinator, miner: miner.address });
    await store.append({ kind: "assigned", digest, assignment: promised, batch, ...salts, atMs: 0 });
    await store.append({ kind: "receipted", digest, receipt: toWire("Receipt", one) });
  }
  return receipts;
}

function signed(value: Voucher): StoredVoucher {
  const domain = escrowDomain(addresses);
  return { voucher: toWire("Voucher", value), signature: signTypedData(operator, domain, "Voucher", value) };
}

/** What pays these receipts, whose price is 2 wei each. */
function paying(receipts: readonly Receipt[]): StoredVoucher {
  const tree = new CompactRange();
  for (const one of receipts) tree.append(hashStruct("Receipt", one));
  const cumulativeWei = 2n * BigInt(receipts.length);
  const to = { payer: coordinator, payee: miner.address, kind: voucherKind.pooled, epoch: 0n };
  return signed({ ...to, cumulativeWei, count: BigInt(receipts.length), receiptsRoot: tree.root() });
}

const from = (payer: Hex, wei: bigint): StoredVoucher =>
  signed({
    ...{ payer, payee: coordinator, kind: voucherKind.dedicated, epoch: 0n },
    ...{ cumulativeWei: wei, count: 1n, receiptsRoot: word("receipts") },
  });

const kept = (): readonly StoredVoucher[] => store.voucherOf(coordinator)?.funding ?? [];

it("a client's voucher is kept also when the one that it came with waits, and a later one takes its place", async () => {
  const receipts = await receipted(2);
  const work = openWork();
  const funding = [from(first, 1n), from(second, 1n), from(first, 2n)];
  await work.onMessage({ type: "voucher", ...paying(receipts.slice(0, 1)), funding: [funding[0]!, funding[1]!] });
  await work.onMessage({ type: "voucher", ...paying(receipts), funding: [funding[2]!] });
  expect(kept()).toEqual([]);
  for (const [index, { assignment }] of receipts.entries()) {
    await work.onMessage({ type: "accepted", assignment, logIndex: index, creditIndex: index });
  }
  expect(store.voucherOf(coordinator)?.paid).toEqual(paying(receipts));
  expect(kept()).toEqual([funding[2], funding[1]]);
});

it("a client's voucher is kept when the one that it comes with is known: it was lost with a link", async () => {
  const receipts = await receipted(1);
  const work = openWork();
  await work.onMessage({ type: "accepted", assignment: receipts[0]!.assignment, logIndex: 0, creditIndex: 0 });
  const paid = paying(receipts);
  await work.onMessage({ type: "voucher", ...paid, funding: [from(first, 1n)] });
  const again = openWork();
  await again.onMessage({ type: "voucher", ...paid, funding: [from(first, 1n), from(second, 1n)] });
  expect(kept()).toEqual([from(first, 1n), from(second, 1n)]);
  // On the disk too, and each once.
  const records: unknown[] = [];
  await store.close();
  await RecordLog.read(join(folder, "jobs", "records"), (record) => records.push(record));
  store = await MinerStore.open(folder, () => undefined);
  expect(records.slice(-2)).toEqual([
    { kind: "voucher", paid, funding: [from(first, 1n)] },
    { kind: "voucher", paid, funding: [from(second, 1n)] },
  ]);
});
