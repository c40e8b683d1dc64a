import { Audit, type AuditContext, type AuditEntry, type FindingKind } from "@lode/sdk/audit";
import { signBatch } from "@lode/sdk/batch";
import { keccak } from "@lode/sdk/hash";
import { CompactRange } from "@lode/sdk/merkle";
import { fromWire, hashStruct, hostedEngineClass } from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";
import { hostedPlan } from "./audit-plans.ts";
import { honestPlan, ledger, people, signHistory, signVoucher, type History } from "./audit-history.ts";

const [first, second] = people.wallets.map(({ address }) => address);
const host = people.miners[1];

function reportOf({ context, entries }: { context: AuditContext; entries: readonly AuditEntry[] }) {
  const audit = new Audit(context);
  for (const entry of entries) audit.entry(entry);
  return audit.finish();
}

const kindsIn = (history: History): FindingKind[] =>
  [...new Set(reportOf(history).findings.map(({ kind }) => kind))].sort();

describe("hosted receipts", () => {
  it("add up: the host is credited, and owes each polling miner its share by a voucher", () => {
    const { findings, totals } = reportOf(signHistory(hostedPlan()));
    expect(findings).toEqual([]);
    expect(totals).toMatchObject({ receipts: 6, miners: 2, hostedReceipts: 2, vouchers: 6 });
    // 20 and 23 tokens at 1,001 wei, 10 read at 7, less 5 % each.
    expect(totals.hostedWei).toBe(70n + 20_020n - 1_004n + (70n + 23_023n - 1_154n));
  });

  it("that hide it are named", () => {
    const plan = hostedPlan();
    plan.receipts[0] = { ...plan.receipts[0]!, change: (receipt) => ({ ...receipt, hosted: false }) };
    expect(kindsIn(signHistory(plan))).toContain("hosted_mislabelled");
  });

  it("are named where a miner's own engine worked", () => {
    const plan = honestPlan();
    plan.receipts[1] = { ...plan.receipts[1]!, change: (receipt) => ({ ...receipt, hosted: true }) };
    expect(kindsIn(signHistory(plan))).toEqual(["hosted_mislabelled"]);
  });

  it("of an engine class that is not the hosted one are named", () => {
    const plan = hostedPlan();
    plan.receipts[0] = { ...plan.receipts[0]!, assign: (a) => ({ ...a, engineClass: keccak(Buffer.from("own")) }) };
    expect(kindsIn(signHistory(plan))).toContain("hosted_mislabelled");
  });

  it("whose share is given to another wallet afterwards are named", () => {
    const history = signHistory(hostedPlan());
    history.entries[0] = { ...history.entries[0]!, hosted: { ...history.entries[0]!.hosted!, wallet: second! } };
    expect(kindsIn(history)).toContain("hosted_unnamed");
  });

  it("without a polling miner are named", () => {
    const history = signHistory(hostedPlan());
    const { hosted: _dropped, ...bare } = history.entries[0]!;
    history.entries[0] = bare;
    expect(kindsIn(history)).toContain("hosted_unnamed");
  });

  it("that name their polling miner unreadably are malformed", () => {
    const history = signHistory(hostedPlan());
    const hosted = { ...history.entries[0]!.hosted!, wallet: "0x12" as const };
    history.entries[0] = { ...history.entries[0]!, hosted };
    expect(kindsIn(history)).toContain("entry_malformed");
  });

  it("that somebody other than the host signed are named", () => {
    const history = signHistory(hostedPlan());
    const receipt = fromWire("Receipt", history.entries[0]!.receipt);
    const [receiptBatch] = signBatch(people.wallets[0], ledger, "ReceiptBatch", [hashStruct("Receipt", receipt)]);
    history.entries[0] = { ...history.entries[0]!, receiptBatch: receiptBatch! };
    expect(kindsIn(history)).toEqual(["receipt_signature_invalid"]);
  });

  it("of a host without stake are named", () => {
    const history = signHistory(hostedPlan());
    const { stakeEvents } = history.context;
    history.context = {
      ...history.context,
      stakeEvents: stakeEvents.filter((event) => event.staker !== host.address || event.kind !== "staked"),
    };
    expect(kindsIn(history)).toEqual(["stake_missing"]);
  });

  it("that no voucher of the host covers are named", () => {
    const history = signHistory(hostedPlan());
    const vouchers = history.context.vouchers.filter(({ voucher }) => voucher.payee !== first);
    history.context = { ...history.context, vouchers };
    expect(kindsIn(history)).toEqual(["voucher_missing"]);
  });

  it("are named when the host promises less, or somebody else promises for it", () => {
    const history = signHistory(hostedPlan());
    const { vouchers } = history.context;
    const at = vouchers.findIndex(({ voucher }) => voucher.payee === first);
    const tree = new CompactRange();
    tree.append(hashStruct("Receipt", fromWire("Receipt", history.entries[0]!.receipt)));
    const wei = vouchers[at]!.voucher.cumulativeWei;
    const withVoucher = (signed: (typeof vouchers)[number]): History => ({
      ...history,
      context: { ...history.context, vouchers: vouchers.with(at, signed) },
    });
    expect(kindsIn(withVoucher(signVoucher(host, host.address, first!, 1, { tree, wei })))).toEqual([]);
    expect(kindsIn(withVoucher(signVoucher(host, host.address, first!, 1, { tree, wei: wei - 1n })))).toEqual([
      "voucher_root_wrong",
    ]);
    expect(kindsIn(withVoucher(signVoucher(people.stranger, host.address, first!, 1, { tree, wei })))).toEqual([
      "voucher_signature_invalid",
    ]);
  });

  it("belong to one class whose name nobody else can have", () => {
    expect(hostedEngineClass).toBe(keccak(Buffer.from("lode hosted v1")));
  });
});
