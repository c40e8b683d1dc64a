import { Audit, findingKinds, type AuditContext, type AuditEntry, type FindingKind } from "@lode/sdk/audit";
import { signTypedData } from "@lode/sdk/keys";
import { emptyRoot } from "@lode/sdk/merkle";
import { fromWire, voucherKind, type Voucher } from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";
import { faults, lateAttempt, other, promisedPlan, withContext } from "./audit-faults.ts";
import { escrow, honestPlan, ledger, people, signHistory } from "./audit-history.ts";

function kindsIn({ context, entries }: { context: AuditContext; entries: readonly AuditEntry[] }): FindingKind[] {
  const audit = new Audit(context);
  for (const entry of entries) audit.entry(entry);
  return [...new Set(audit.finish().findings.map(({ kind }) => kind))].sort();
}

describe("an honest history", () => {
  it("gives no finding, and adds up", () => {
    const { context, entries } = signHistory(honestPlan());
    const audit = new Audit(context);
    for (const entry of entries) audit.entry(entry);
    const { findings, totals } = audit.finish();
    expect(findings).toEqual([]);
    expect(totals).toMatchObject({ receipts: 6, clients: 2, miners: 2, vouchers: 4, anchors: 1 });
    expect(totals.debitedWei).toBe(totals.creditedWei + totals.feesWei);
    expect(totals.debitedWei).toBe(6n * 70n + (20n + 21n + 22n + 23n + 24n + 25n) * 1_001n);
  });

  it("stays clean while the coordinator works on: vouchers and anchors may be behind the log", () => {
    const before = signHistory({ receipts: honestPlan().receipts.slice(0, 4) });
    const { vouchers, anchors, collections } = before.context;
    expect(kindsIn(withContext(() => ({ vouchers, anchors, collections })))).toEqual([]);
  });

  it("takes another miner's attempt at the price of a quote that ended while the job went on", () => {
    expect(kindsIn(signHistory(lateAttempt(1)))).toEqual([]);
    expect(kindsIn(signHistory(lateAttempt(0)))).toEqual(["quote_expired"]);
  });

  it.each([21_091n, 10_545n, 7_030n])("takes %s wei of 21,091 for a first token that was promised", (amountWei) => {
    const { context, entries } = signHistory(promisedPlan(amountWei));
    const audit = new Audit(context);
    for (const entry of entries) audit.entry(entry);
    const { findings, totals } = audit.finish();
    expect(findings).toEqual([]);
    // What the client need not pay, its miner does not get: nothing is left over.
    expect(totals.debitedWei).toBe(6n * 70n + (20n + 21n + 22n + 23n + 24n + 25n) * 1_001n - (21_091n - amountWei));
    expect(totals.debitedWei).toBe(totals.creditedWei + totals.feesWei);
  });

  it("accepts heads and anchors that others saw earlier, and passes over heads that somebody else signed", () => {
    const before = signHistory({ receipts: honestPlan().receipts.slice(0, 4) }).context;
    const forged = { ...before.head.head, root: other };
    const signature = signTypedData(people.stranger, ledger, "TreeHead", forged);
    const seenHeads = [before.head, { head: forged, signature }];
    expect(kindsIn(withContext(({ context }) => ({ seenHeads, seenAnchors: context.anchors })))).toEqual([]);
  });

  it("accepts liabilities of before or after a collection that came just then, and of no other amount", () => {
    const paid = (paidWei: bigint, block: bigint) =>
      withContext(({ context }) => ({ collections: [{ ...context.vouchers[2]!.voucher, paidWei, block }] }));
    expect(kindsIn(paid(1n, 19n))).toEqual([]);
    expect(kindsIn(paid(1n, 21n))).toEqual([]);
    const long = paid(1n, 20n);
    const late = long.context.anchors.map((anchor) => ({ ...anchor, block: 1_000n }));
    expect(kindsIn({ ...long, context: { ...long.context, anchors: late } })).toEqual(["liabilities_wrong"]);
  });

  it("accepts promises that pool, stake and clients' vouchers cover to the wei", () => {
    const { vouchers } = signHistory(honestPlan()).context;
    const owedWei = vouchers.slice(2).reduce((sum, { voucher }) => sum + voucher.cumulativeWei, 0n);
    const funded = vouchers[1]!.voucher.cumulativeWei;
    const withPool = (poolWei: bigint) => withContext(() => ({ collateral: { poolWei, stakeWei: 0n } }));
    expect(kindsIn(withPool(owedWei - funded))).toEqual([]);
    expect(kindsIn(withPool(owedWei - funded - 1n))).toEqual(["liabilities_uncovered"]);
  });

  it("accepts a miner that changed its operator key, before and after", () => {
    const history = signHistory(honestPlan());
    const miner = people.miners[0].address;
    const at = Number(fromWire("Receipt", history.entries[5]!.receipt).finishedAtMs) + 3_600_000;
    const change = { kind: "operator", staker: miner, atMs: at, operator: people.stranger.address } as const;
    history.context = { ...history.context, stakeEvents: [...history.context.stakeEvents, change] };
    expect(kindsIn(history)).toEqual([]);
  });
});

describe("the first voucher of a client that signs for itself", () => {
  const { stranger, coordinator } = people;
  const kindsWith = (changes: Partial<Voucher>): FindingKind[] => {
    const voucher: Voucher = {
      ...{ payer: stranger.address, payee: coordinator.address, kind: voucherKind.dedicated, epoch: 0n },
      ...{ cumulativeWei: 0n, count: 0n, receiptsRoot: emptyRoot },
      ...changes,
    };
    const signed = { voucher, signature: signTypedData(stranger, escrow, "Voucher", voucher) };
    return kindsIn(withContext(({ context }) => ({ vouchers: [...context.vouchers, signed] })));
  };

  it("promises nothing over no receipts, and is no finding; anything more is one", () => {
    expect(kindsWith({})).toEqual([]);
    expect(kindsWith({ cumulativeWei: 1n })).toEqual(["voucher_exceeds_receipts"]);
    expect(kindsWith({ count: 1n })).toEqual(["voucher_exceeds_receipts"]);
    expect(kindsWith({ receiptsRoot: other })).toEqual(["voucher_exceeds_receipts"]);
  });
});

describe("a planted fault is found and named", () => {
  it.each(faults)("%s", (_name, history, kinds) => {
    expect(kindsIn(history())).toEqual([...kinds].sort());
  });

  it("covers every kind of finding", () => {
    const planted = new Set(faults.flatMap(([, , kinds]) => kinds));
    expect(Object.keys(findingKinds).filter((kind) => !planted.has(kind as FindingKind))).toEqual([]);
  });
});
