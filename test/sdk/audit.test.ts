import { Audit, findingKinds, type AuditContext, type AuditEntry, type FindingKind } from "@lode/sdk/audit";
import { signBatch } from "@lode/sdk/batch";
import { keccak } from "@lode/sdk/hash";
import { signTypedData } from "@lode/sdk/keys";
import { emptyRoot } from "@lode/sdk/merkle";
import {
  fromWire,
  hashStruct,
  hostedEngineClass,
  toWire,
  voucherKind,
  type Assignment,
  type Voucher,
} from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";
import { escrow, honestPlan, ledger, people, signHistory, type History, type Plan } from "./audit-history.ts";

const other = keccak(Buffer.from("something else"));

function kindsIn({ context, entries }: { context: AuditContext; entries: readonly AuditEntry[] }): FindingKind[] {
  const audit = new Audit(context);
  for (const entry of entries) audit.entry(entry);
  return [...new Set(audit.finish().findings.map(({ kind }) => kind))].sort();
}

/** An honest plan with one receipt changed before it is signed. */
function changedPlan(index: number, change: Partial<Plan["receipts"][number]>): Plan {
  const plan = honestPlan();
  plan.receipts[index] = { ...plan.receipts[index]!, ...change };
  return plan;
}

/** An honest history with its context changed afterwards. */
function withContext(change: (history: History) => Partial<AuditContext>): History {
  const history = signHistory(honestPlan());
  return { ...history, context: { ...history.context, ...change(history) } };
}

/** An honest history with one published entry changed afterwards. */
function withEntry(index: number, change: (entry: AuditEntry) => AuditEntry): History {
  const history = signHistory(honestPlan());
  history.entries[index] = change(history.entries[index]!);
  return history;
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

  it("accepts a miner that changed its operator key, before and after", () => {
    const history = signHistory(honestPlan());
    const miner = people.miners[0].address;
    const at = Number(fromWire("Receipt", history.entries[5]!.receipt).finishedAtMs) + 3_600_000;
    const change = { kind: "operator", staker: miner, atMs: at, operator: people.stranger.address } as const;
    history.context = { ...history.context, stakeEvents: [...history.context.stakeEvents, change] };
    expect(kindsIn(history)).toEqual([]);
  });
});

/** One thing changed each time; beside it the findings that must name it, and no others. */
const faults: readonly [name: string, history: () => History, kinds: readonly FindingKind[]][] = [
  [
    "an output changed after it was signed",
    () => withEntry(2, (entry) => ({ ...entry, receipt: { ...entry.receipt, outputCommitment: other } })),
    ["collected_unbacked", "log_forked", "log_root_wrong", "receipt_signature_invalid", "voucher_root_wrong"],
  ],
  [
    "an amount changed after it was signed",
    () => withEntry(1, (entry) => ({ ...entry, receipt: { ...entry.receipt, amountWei: "1" } })),
    ["amount_wrong", "log_forked", "log_root_wrong", "receipt_signature_invalid", "voucher_exceeds_receipts"],
  ],
  [
    "an amount that both sides signed and the price does not give",
    () => signHistory(changedPlan(1, { change: (receipt) => ({ ...receipt, amountWei: receipt.amountWei + 1n }) })),
    ["amount_wrong"],
  ],
  [
    "a receipt missing from the client's side",
    () =>
      withContext(({ context }) => {
        const short = signHistory({ receipts: honestPlan().receipts.filter((_, i) => i !== 1) });
        // The client's second voucher leaves out one receipt and says that it is complete.
        const [, forged] = short.context.vouchers;
        const [a, honest, ...rest] = context.vouchers;
        const voucher = { ...forged!.voucher, count: honest!.voucher.count };
        const signature = signTypedData(people.session, escrow, "Voucher", voucher);
        return { vouchers: [a!, { voucher, signature }, ...rest] };
      }),
    ["voucher_root_wrong"],
  ],
  [
    "a receipt missing from the miner's side",
    () => withEntry(3, (entry) => ({ ...entry, creditIndex: entry.creditIndex + 1 })),
    ["credit_missing"],
  ],
  [
    "a receipt out of place on the client's side",
    () => withEntry(3, (entry) => ({ ...entry, debitIndex: 0 })),
    ["debit_missing"],
  ],
  [
    "a log that shrank below its anchor",
    () => {
      const short = signHistory({ receipts: honestPlan().receipts.slice(0, 5) });
      const { anchors } = signHistory(honestPlan()).context;
      return { ...short, context: { ...short.context, anchors } };
    },
    ["log_shrank"],
  ],
  [
    "a log forked from its anchor",
    () => withContext(({ context }) => ({ anchors: [{ ...context.anchors[0]!, root: other }] })),
    ["log_forked"],
  ],
  [
    "a log that hides its last entry",
    () => {
      const history = signHistory(honestPlan());
      return { ...history, entries: history.entries.slice(0, 5) };
    },
    ["log_incomplete", "voucher_exceeds_receipts"],
  ],
  [
    "a head signed by a stranger",
    () =>
      withContext(({ context }) => {
        const { head } = context.head;
        return { head: { head, signature: signTypedData(people.stranger, ledger, "TreeHead", head) } };
      }),
    ["head_signature_invalid"],
  ],
  [
    "a receipt signed by another miner",
    () =>
      withEntry(0, (entry) => {
        const leaf = hashStruct("Receipt", fromWire("Receipt", entry.receipt));
        return { ...entry, receiptBatch: signBatch(people.miners[0], ledger, "ReceiptBatch", [leaf])[0]! };
      }),
    ["receipt_signature_invalid"],
  ],
  [
    "an assignment signed by a stranger",
    () =>
      withEntry(0, (entry) => {
        const leaf = hashStruct("Assignment", fromWire("Assignment", entry.assignment));
        return { ...entry, assignmentBatch: signBatch(people.stranger, ledger, "AssignmentBatch", [leaf])[0]! };
      }),
    ["assignment_signature_invalid"],
  ],
  [
    "a quote signed by a stranger",
    () =>
      withEntry(0, (entry) => {
        const quote = fromWire("Quote", entry.quote);
        return { ...entry, quoteSignature: signTypedData(people.stranger, ledger, "Quote", quote) };
      }),
    ["quote_signature_invalid"],
  ],
  [
    "a price above the quote",
    () =>
      signHistory(
        changedPlan(2, {
          assign: (assignment) => ({ ...assignment, outputPriceWei: assignment.outputPriceWei + 1n }),
          change: (receipt) => ({ ...receipt, amountWei: receipt.amountWei + BigInt(receipt.outputTokens) }),
        }),
      ),
    ["price_not_quoted"],
  ],
  [
    "more tokens than the assignment allows",
    () => signHistory(changedPlan(2, { assign: (assignment) => ({ ...assignment, maxOutputTokens: 5 }) })),
    ["limit_exceeded"],
  ],
  [
    "a job counter used twice",
    () => signHistory(changedPlan(4, { assign: (assignment) => ({ ...assignment, counter: 1n }) })),
    ["receipt_repeated"],
  ],
  [
    "work long after the quote had expired",
    () =>
      signHistory(
        changedPlan(5, {
          assign: (assignment) => ({ ...assignment, deadline: assignment.deadline + 100_000n }),
          change: (receipt) => ({
            ...receipt,
            startedAtMs: receipt.startedAtMs + 5_000_000n,
            finishedAtMs: receipt.finishedAtMs + 5_000_000n,
          }),
        }),
      ),
    ["quote_expired"],
  ],
  [
    "a receipt that ends before it starts",
    () =>
      signHistory(changedPlan(5, { change: (receipt) => ({ ...receipt, finishedAtMs: receipt.startedAtMs - 1n }) })),
    ["time_implausible"],
  ],
  [
    "a miner that had unstaked",
    () =>
      withContext(({ context }) => ({
        stakeEvents: context.stakeEvents.map((event) =>
          event.kind === "staked" && event.staker === people.miners[1].address ? { ...event, stakedWei: 99n } : event,
        ),
      })),
    ["stake_missing"],
  ],
  [
    "a voucher above its receipts",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const voucher = { ...first!.voucher, cumulativeWei: first!.voucher.cumulativeWei + 1n };
        return {
          vouchers: [{ voucher, signature: signTypedData(people.session, escrow, "Voucher", voucher) }, ...rest],
        };
      }),
    ["voucher_exceeds_receipts"],
  ],
  [
    "a voucher signed by nobody who may",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const signature = signTypedData(people.stranger, escrow, "Voucher", first!.voucher);
        return { vouchers: [{ voucher: first!.voucher, signature }, ...rest] };
      }),
    ["voucher_signature_invalid"],
  ],
  [
    "a voucher above its signer's cap",
    () => withContext(({ context }) => ({ grants: context.grants.map((grant) => ({ ...grant, capWei: 1n })) })),
    ["voucher_cap_exceeded"],
  ],
  [
    "receipts without a voucher",
    () => withContext(({ context }) => ({ vouchers: context.vouchers.slice(0, 3) })),
    ["voucher_missing"],
  ],
  [
    "more collected than promised",
    () =>
      withContext(({ context }) => {
        const [collection] = context.collections;
        return { collections: [collection!, { ...collection!, paidWei: 1n }] };
      }),
    ["collected_exceeds_voucher"],
  ],
  [
    "a collected voucher that the log does not back",
    () => withContext(({ context }) => ({ collections: [{ ...context.collections[0]!, receiptsRoot: other }] })),
    ["collected_unbacked"],
  ],
  [
    "an entry that cannot be read",
    () => withEntry(5, (entry) => ({ ...entry, receipt: { ...entry.receipt, amountWei: "-1" } })),
    ["entry_malformed", "log_forked", "log_root_wrong", "voucher_exceeds_receipts"],
  ],
  ["an entry with another's index", () => withEntry(2, (entry) => ({ ...entry, index: 1 })), ["entry_misplaced"]],
  [
    "a receipt beside another assignment",
    () =>
      withEntry(2, (entry) => {
        const assignment = { ...fromWire("Assignment", entry.assignment), seed: other };
        const leaf = hashStruct("Assignment", assignment);
        const assignmentBatch = signBatch(people.coordinator, ledger, "AssignmentBatch", [leaf])[0]!;
        return { ...entry, assignment: toWire("Assignment", assignment), assignmentBatch };
      }),
    ["receipt_orphaned"],
  ],
  [
    "a receipt that says it is hosted",
    () => signHistory(changedPlan(1, { change: (r) => ({ ...r, hosted: true }) })),
    ["hosted_mislabelled"],
  ],
  [
    "a hosted receipt that names nobody",
    () => {
      const assign = (a: Assignment): Assignment => ({ ...a, engineClass: hostedEngineClass });
      return signHistory(changedPlan(1, { assign, change: (r) => ({ ...r, hosted: true }) }));
    },
    ["hosted_unnamed"],
  ],
];

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
