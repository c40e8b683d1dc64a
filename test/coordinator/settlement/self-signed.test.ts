import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { escrowDomain, voucherKind, type Voucher } from "@lode/sdk/typed-data";
import {
  addresses,
  assignCommand,
  client,
  miner,
  openLedgerFixture,
  operator,
  person,
  receiptFor,
  temporaryHome,
  type LedgerFixture,
} from "../fixture.ts";

const hot = person("hot key");
const domain = escrowDomain(addresses);
const folder = temporaryHome();

let f: LedgerFixture;
beforeAll(async () => {
  f = await openLedgerFixture(folder.home, { selfSignedCreditWei: 12_000n });
}, 120_000);
afterAll(async () => {
  await f.close();
  folder.remove();
});

const job = async (): Promise<void> => {
  const assigned = await f.ledger.assign(assignCommand(f.ledger));
  await f.ledger.settle({ miner: miner.address, ...receiptFor(assigned, 4) });
};

/** A voucher over the debits as they stand, with changes made before it is signed. */
function voucher(changes: Partial<Voucher> = {}, signer: Signer = hot) {
  const { count, cumulativeWei } = f.book.debitOf(client.address);
  const made: Voucher = {
    payer: client.address,
    payee: operator.address,
    kind: voucherKind.dedicated,
    epoch: 0n,
    cumulativeWei,
    count: BigInt(count),
    receiptsRoot: f.book.debitOf(client.address).root(),
    ...changes,
  };
  return { voucher: made, signature: signTypedData(signer, domain, "Voucher", made) };
}

const accept = (signed: ReturnType<typeof voucher>): Promise<void> =>
  f.ledger.selfSigned.accept(client.address, signed);

// One story: each test goes on from what the one before left.
describe("a client that signs for itself", () => {
  it("names a key that the chain knows, and for long enough", async () => {
    const { funds } = f.chain;
    f.chain.funds = { ...funds, signerCapWei: 0n };
    await expect(f.ledger.selfSigned.setSigner(client.address, hot.address)).rejects.toMatchObject({
      code: "signer_unknown",
    });
    f.chain.funds = { ...funds, signerExpiresAt: BigInt(Math.floor(f.clock.nowMs / 1000)) + 3n * 86_400n - 1n };
    await expect(f.ledger.selfSigned.setSigner(client.address, hot.address)).rejects.toMatchObject({
      code: "signer_unknown",
    });
    f.chain.funds = funds;
    await expect(accept(voucher())).rejects.toMatchObject({ code: "signer_unknown" });
  });

  it("takes over no job that began on the coordinator's key, whose bill it could leave unsigned", async () => {
    const { digest } = await f.ledger.assign(assignCommand(f.ledger));
    await expect(f.ledger.selfSigned.setSigner(client.address, hot.address)).rejects.toMatchObject({
      code: "signer_unsettled",
    });
    await f.ledger.voidAttempt(digest, "the test needs no answer");
    await f.ledger.selfSigned.setSigner(client.address, hot.address);
    expect(await f.ledger.selfSigned.debits(client.address)).toMatchObject({ signer: hot.address, count: 0 });
  });

  it("shows that it can sign before it is served: its first voucher promises nothing", async () => {
    await expect(f.ledger.assign(assignCommand(f.ledger))).rejects.toMatchObject({ code: "voucher_due" });
    await accept(voucher());
    expect(f.book.clientVoucher(client.address)?.voucher).toMatchObject({ count: 0n, cumulativeWei: 0n });
  });

  it("is debited without a voucher of the coordinator's, while its miner is paid", async () => {
    await job();
    expect(f.book.clientVoucher(client.address)?.voucher.count).toBe(0n);
    expect(f.book.fundingOf(miner.address)).toEqual([]);
    expect(f.book.minerVoucher(miner.address)?.voucher.count).toBe(1n);
    expect(f.book.unsignedWei(client.address)).toBe(4_015n);
  });

  it("is served no further than its credit", async () => {
    await expect(f.ledger.assign(assignCommand(f.ledger))).rejects.toMatchObject({ code: "voucher_due" });
    await expect(f.ledger.selfSigned.setSigner(client.address, person("other").address)).rejects.toMatchObject({
      code: "signer_unsettled",
    });
  });

  it.each<[string, () => ReturnType<typeof voucher>, string]>([
    ["signed by another key", () => voucher({}, operator), "voucher_wrong"],
    ["of another payer", () => voucher({ payer: person("x").address }), "voucher_wrong"],
    ["to another payee", () => voucher({ payee: miner.address }), "voucher_wrong"],
    ["from the pool", () => voucher({ kind: voucherKind.pooled }), "voucher_wrong"],
    ["of another epoch", () => voucher({ epoch: 1n }), "voucher_wrong"],
    ["of less", () => voucher({ cumulativeWei: 4_014n }), "voucher_stale"],
    ["above its cap", () => voucher({ cumulativeWei: 1_000_001n }), "voucher_wrong"],
    ["over another tree", () => voucher({ receiptsRoot: `0x${"11".repeat(32)}` }), "voucher_stale"],
    ["over more receipts", () => voucher({ count: 2n }), "voucher_stale"],
  ])("hands in no voucher %s", async (_name, made, code) => {
    await expect(accept(made())).rejects.toMatchObject({ code });
    expect(f.book.clientVoucher(client.address)?.voucher.count).toBe(0n);
  });

  it("signs, is served again, and may sign late for what it saw before", async () => {
    const first = voucher();
    await accept(first);
    await accept(first);
    expect(f.book.unsignedWei(client.address)).toBe(0n);
    await job();
    const second = voucher();
    // Another receipt settles while the voucher is on its way.
    const assigned = f.ledger.assign(assignCommand(f.ledger));
    await expect(assigned).rejects.toMatchObject({ code: "voucher_due" });
    await accept(second);
    const third = await f.ledger.assign(assignCommand(f.ledger));
    const late = voucher();
    await f.ledger.settle({ miner: miner.address, ...receiptFor(third, 4) });
    await accept(late);
    await expect(accept(first)).rejects.toMatchObject({ code: "voucher_stale" });
    expect(f.book.clientVoucher(client.address)?.voucher.count).toBe(2n);
  });

  it("may sign for each of the last 4,096 states of its debits, and for none before", async () => {
    const [busy, own] = [person("busy client"), person("busy client's key")];
    const { selfSigned } = f.ledger;
    await selfSigned.setSigner(busy.address, own.address);
    const rootAt = (count: number): Hex => `0x${count.toString(16).padStart(64, "0")}`;
    for (let count = 1; count <= 4_097; count++) {
      selfSigned.note(busy.address, { count, cumulativeWei: BigInt(count), root: () => rootAt(count) });
    }
    const at = (count: number) =>
      voucher(
        { payer: busy.address, count: BigInt(count), cumulativeWei: BigInt(count), receiptsRoot: rootAt(count) },
        own,
      );
    await expect(selfSigned.accept(busy.address, at(1))).rejects.toMatchObject({ code: "voucher_stale" });
    await selfSigned.accept(busy.address, at(2));
    expect(f.book.clientVoucher(busy.address)?.voucher.count).toBe(2n);
  });

  it("is all of this after a restart", async () => {
    const { chain } = f;
    await f.close();
    f = await openLedgerFixture(folder.home, { chain, selfSignedCreditWei: 12_000n });
    expect(await f.ledger.selfSigned.debits(client.address)).toMatchObject({
      signer: hot.address,
      count: 3,
      signed: { voucher: { count: 2n } },
    });
    const entries = await f.ledger.selfSigned.entries(client.address, 1, 10);
    expect(entries.map(({ entry }) => entry.debitIndex)).toEqual([1, 2]);
    await accept(voucher());
    expect(f.book.unsignedWei(client.address)).toBe(0n);
  }, 120_000);
});
