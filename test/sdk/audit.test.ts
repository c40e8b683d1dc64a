import { Audit, findingKinds, type AuditContext, type AuditEntry, type FindingKind } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { signTypedData } from "@lode/sdk/keys";
import { emptyRoot, sumTree } from "@lode/sdk/merkle";
import { fromWire, voucherKind, type Voucher } from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";
import { faults } from "./audit-faults.ts";
import {
  anchoredAfter,
  changedPlan,
  coveredBy,
  lateAttempt,
  other,
  promise,
  promisedPlan,
  secondAttempt,
  withContext,
} from "./audit-plans.ts";
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
    const isLate = amountWei < 21_091n;
    expect(totals).toMatchObject({ refunds: isLate ? 1 : 0, refundedWei: 21_091n - amountWei });
  });

  it("goes on behind a price that no amount could be, of which nothing need be paid", () => {
    const price = 2n ** 128n - 1n;
    const absurd = changedPlan(1, {
      quote: (quote) => ({ ...quote, inputPriceWei: price }),
      assign: (assignment) => ({ ...assignment, inputPriceWei: price }),
      change: (receipt) => ({ ...receipt, amountWei: 0n }),
    });
    const { context, entries } = signHistory({
      ...absurd,
      service: { ...promise, steps: [{ afterMs: 500, payPpm: 0 }] },
    });
    const audit = new Audit(context);
    for (const entry of entries) audit.entry(entry);
    const { totals } = audit.finish();
    expect(totals).toMatchObject({ receipts: 6, refundedWei: 0n });
  });

  it("counts no refund for an amount that the terms do not name, and none that another miner's entry left", () => {
    const { context, entries } = signHistory(promisedPlan(10_544n));
    const audit = new Audit(context);
    for (const entry of entries) audit.entry(entry);
    const { findings, totals } = audit.finish();
    expect(findings.map(({ kind }) => kind)).toEqual(["amount_wrong"]);
    expect(totals).toMatchObject({ refunds: 0, refundedWei: 0n });
    const late = signHistory(promisedPlan(10_545n));
    const [, second] = late.entries;
    const { miner } = fromWire("Assignment", second!.assignment);
    const focused = (focus: NonNullable<AuditContext["focus"]>) => {
      const one = new Audit({ ...late.context, focus });
      for (const entry of late.entries) one.entry(entry);
      return one.finish().totals.refundedWei;
    };
    const others = people.miners.map(({ address }) => address).find((address) => address !== miner)!;
    expect([focused({ miner }), focused({ miner: others })]).toEqual([10_546n, 0n]);
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

  it("believes of a client's voucher what its account holds, and all of it where no accounts are given", () => {
    expect(kindsIn(withContext(({ context }) => coveredBy(context, 0n)))).toEqual([]);
    expect(kindsIn(withContext(({ context }) => coveredBy(context, -1n)))).toEqual(["liabilities_uncovered"]);
    const { accounts: _none, ...rest } = coveredBy(signHistory(honestPlan()).context, -1n);
    expect(kindsIn(withContext(() => rest))).toEqual([]);
  });

  it("lets a job go on with another attempt, that asks for what is left", () => {
    const goOn = (maxOutputTokens: number) =>
      kindsIn(signHistory(secondAttempt(4, (a) => ({ ...a, outputOffset: 20, maxOutputTokens }))));
    expect(goOn(80)).toEqual([]);
    expect(goOn(81)).toEqual(["job_reused"]);
  });

  it("bears with receipts that come in a day late, and with days without any", () => {
    expect(kindsIn(anchoredAfter(2))).toEqual([]);
    const { context, entries } = anchoredAfter(9);
    const early = signHistory({ receipts: honestPlan().receipts.slice(0, 5) }).context.anchors;
    const [last] = context.anchors;
    expect(kindsIn({ entries, context: { ...context, anchors: [...early, { ...last!, epoch: 2n }] } })).toEqual([]);
  });

  it("takes a pooled signer's cap for what may be due at once, not for all time", () => {
    const { context, entries } = signHistory(honestPlan());
    const { voucher } = context.vouchers[2]!;
    const signed = { voucher, signature: signTypedData(people.session, escrow, "Voucher", voucher) };
    const payee = `0x${"00".repeat(20)}` as const;
    const grant = { payer: context.coordinator, payee, signer: people.session.address, capWei: 5n };
    const kindsAfter = (dueWei: bigint) =>
      kindsIn({
        entries,
        context: {
          ...context,
          grants: [...context.grants, grant],
          vouchers: context.vouchers.map((one, i) => (i === 2 ? signed : one)),
          collections: [{ ...voucher, paidWei: voucher.cumulativeWei - dueWei, block: 21n }],
        },
      });
    expect(kindsAfter(5n)).toEqual([]);
    expect(kindsAfter(6n)).toEqual(["voucher_cap_exceeded"]);
  });

  it("follows liabilities through a crowd of collections, and says when it cannot", () => {
    const { context, entries } = signHistory(honestPlan());
    const promised = context.vouchers.slice(2).map(({ voucher }) => voucher);
    const collections = Array.from({ length: 40 }, (_, i) => ({ ...promised[i % 2]!, paidWei: 1n, block: 19n }));
    const anchoredWith = (seen: readonly bigint[]) => {
      const lines = promised
        .map(({ payer, payee, epoch, cumulativeWei }, i) => ({
          ...{ payer, payee, epoch, cumulativeWei, outstandingWei: cumulativeWei - seen[i]! },
        }))
        .sort((a, b) => (a.payee < b.payee ? -1 : 1));
      const audit = new Audit({
        ...context,
        collections,
        anchors: [{ ...context.anchors[0]!, liabilitiesRoot: sumTree(lines).root }],
      });
      for (const entry of entries) audit.entry(entry);
      const { findings, totals } = audit.finish();
      return [findings.map(({ kind }) => kind), totals.liabilitiesUnchecked];
    };
    expect(anchoredWith([13n, 12n])).toEqual([[], 0]);
    // One was seen and an earlier one was not: among 441 ways nobody looks for it, and nobody calls it clean.
    expect(anchoredWith([3n, 17n])).toEqual([[], 1]);
  });

  it("takes names in capitals for the same people", () => {
    const { context, entries } = signHistory(honestPlan());
    const loud = (text: Hex): Hex => `0x${text.slice(2).toUpperCase()}`;
    const shouted = entries.map((entry) => ({
      ...entry,
      assignment: {
        ...entry.assignment,
        client: loud(entry.assignment.client),
        miner: loud(entry.assignment.miner),
      },
    }));
    expect(kindsIn({ context, entries: shouted })).toEqual([]);
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
