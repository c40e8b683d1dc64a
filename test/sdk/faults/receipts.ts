import { clockToleranceMs } from "@lode/sdk/audit";
import { signBatch } from "@lode/sdk/batch";
import { signTypedData } from "@lode/sdk/keys";
import {
  cloudEngineClass,
  fromWire,
  hashStruct,
  hostedEngineClass,
  toWire,
  type Assignment,
} from "@lode/sdk/typed-data";
import { ledger, people, signHistory, startMs } from "../audit-history.ts";
import {
  other,
  lateAttempt,
  promise,
  promisedPlan,
  promisedWith,
  changedPlan,
  withContext,
  withEntry,
  secondAttempt,
} from "../audit-plans.ts";
import type { Fault } from "./fault.ts";

/** Faults of single jobs: who signed what, at which price, for whom. */
export const receiptFaults: readonly Fault[] = [
  [
    "an output changed after it was signed",
    () => withEntry(2, (entry) => ({ ...entry, receipt: { ...entry.receipt, outputCommitment: other } })),
    ["collected_unbacked", "log_forked", "log_root_wrong", "receipt_signature_invalid", "voucher_root_wrong"],
  ],
  [
    "an amount changed after it was signed",
    () => withEntry(1, (entry) => ({ ...entry, receipt: { ...entry.receipt, amountWei: "1" } })),
    [
      "amount_wrong",
      "liabilities_wrong",
      "log_forked",
      "log_root_wrong",
      "receipt_signature_invalid",
      "voucher_exceeds_receipts",
    ],
  ],
  [
    "an amount that both sides signed and the price does not give",
    () => signHistory(changedPlan(1, { change: (receipt) => ({ ...receipt, amountWei: receipt.amountWei + 1n }) })),
    ["amount_wrong"],
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
    ["job_reused"],
  ],
  [
    "work long after the quote had expired",
    () =>
      signHistory({
        ...changedPlan(5, {
          assign: (assignment) => ({ ...assignment, deadline: assignment.deadline + 100_000n }),
          change: (receipt) => ({
            ...receipt,
            startedAtMs: receipt.startedAtMs + 5_000_000n,
            finishedAtMs: receipt.finishedAtMs + 5_000_000n,
          }),
        }),
        headAfterMs: 6_000_000,
      }),
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
  [
    "a price off by one",
    () =>
      signHistory(
        changedPlan(3, {
          assign: (a) => ({ ...a, inputPriceWei: a.inputPriceWei - 1n }),
          change: (r) => ({ ...r, amountWei: r.amountWei - 10n }),
        }),
      ),
    ["price_not_quoted"],
  ],
  [
    "another model than the quote's",
    () => signHistory(changedPlan(1, { assign: (a) => ({ ...a, modelDigest: other }) })),
    ["model_mismatch"],
  ],
  ["a fee above the cap", () => withContext(() => ({ maximumFeePpm: 49_999 })), ["fee_above_cap"]],
  [
    "a miner that nobody knows",
    () =>
      withContext(({ context }) => ({
        stakeEvents: context.stakeEvents.map((event) =>
          event.kind === "registered" && event.staker === people.miners[1].address ? { ...event, role: 2 } : event,
        ),
      })),
    ["miner_unregistered"],
  ],
  [
    "a receipt after its miner had unstaked",
    () =>
      withContext(({ context }) => {
        const [staker, before] = [people.miners[0].address, startMs - clockToleranceMs - 1];
        return {
          stakeEvents: [...context.stakeEvents, { kind: "staked", staker, atMs: before, stakedWei: 0n } as const],
        };
      }),
    ["stake_missing"],
  ],
  [
    "a late first token that is paid by no step of the terms",
    () => signHistory(promisedPlan(10_546n)),
    ["amount_wrong"],
  ],
  ["a price cut that no terms name", () => signHistory({ receipts: promisedPlan(10_545n).receipts }), ["amount_wrong"]],
  [
    "a price cut of a miner that only went on where another had begun",
    () => {
      const plan = promisedPlan(10_511n - 1n);
      const assign = (a: Assignment): Assignment => ({ ...a, outputOffset: 5, inputPriceWei: 0n });
      plan.receipts[1] = { ...plan.receipts[1]!, assign };
      return signHistory(plan);
    },
    ["amount_wrong"],
  ],
  [
    "service terms that were changed after they were signed",
    () => promisedWith((entry) => ({ ...entry, service: { ...promise, steps: promise.steps.slice(0, 1) } })),
    ["amount_wrong", "service_terms_wrong"],
  ],
  [
    "service terms that are held back",
    () => promisedWith(({ service: _held, ...entry }) => entry),
    ["amount_wrong", "service_terms_wrong"],
  ],
  [
    "service terms beside a quote that promises nothing",
    () => withEntry(1, (entry) => ({ ...entry, service: promise })),
    ["service_terms_wrong"],
  ],
  [
    "a cloud's work that is credited to a miner",
    () => signHistory(changedPlan(1, { assign: (a) => ({ ...a, engineClass: cloudEngineClass }) })),
    ["cloud_credited"],
  ],
  ["a first attempt at a price that had expired", () => signHistory(lateAttempt(0)), ["quote_expired"]],
  [
    "one answer billed by two attempts",
    () => signHistory(changedPlan(4, { assign: (a) => ({ ...a, counter: 1n, attempt: 1 }) })),
    ["output_billed_twice"],
  ],
  [
    "one answer billed by two attempts, the second one logged first",
    () => signHistory(changedPlan(0, { assign: (a) => ({ ...a, counter: 5n, attempt: 1 }) })),
    ["output_billed_twice"],
  ],
  [
    "one answer billed by attempts that are not next to each other, the later one logged first",
    () => signHistory(changedPlan(0, { assign: (a) => ({ ...a, counter: 5n, attempt: 3 }) })),
    ["output_billed_twice"],
  ],
  [
    "one input billed by two attempts, the second one without output",
    () =>
      signHistory(
        changedPlan(4, {
          assign: (a) => ({ ...a, counter: 1n, attempt: 1 }),
          change: (r) => ({ ...r, outputTokens: 0, amountWei: 70n }),
        }),
      ),
    ["output_billed_twice"],
  ],
  [
    "an attempt with a number that no job has",
    () => signHistory(changedPlan(5, { assign: (a) => ({ ...a, attempt: 16 }) })),
    ["limit_exceeded"],
  ],
  [
    "an attempt that goes on at another client's cost",
    () => signHistory(secondAttempt(5, (a) => ({ ...a, outputOffset: 20, maxOutputTokens: 80 }))),
    ["job_reused"],
  ],
  [
    "more tokens over all attempts of a job than its client asked for",
    () => signHistory(secondAttempt(4, (a) => ({ ...a, outputOffset: 20 }))),
    ["job_reused"],
  ],
  [
    "a second attempt at a price of its own",
    () => {
      const plan = secondAttempt(4, (a) => ({ ...a, outputOffset: 20, maxOutputTokens: 80 }));
      plan.receipts[4] = { ...plan.receipts[4]!, quote: (q) => ({ ...q, salt: other }) };
      return signHistory(plan);
    },
    ["job_reused"],
  ],
  [
    "work that is said to have begun days before, when its miner had a stake",
    () => signHistory(changedPlan(5, { change: (r) => ({ ...r, startedAtMs: r.startedAtMs - 172_800_000n }) })),
    ["quote_too_long", "time_implausible"],
  ],
  [
    "a quote that holds for a year",
    () => signHistory(changedPlan(5, { quote: (q) => ({ ...q, expiresAt: q.expiresAt + 31_536_000n }) })),
    ["quote_too_long"],
  ],
  [
    "a quote that was made after the work",
    () => signHistory(changedPlan(5, { change: (r) => ({ ...r, startedAtMs: r.startedAtMs - 1_300_000n }) })),
    ["quote_too_long"],
  ],
  [
    "receipts signed with a key that its miner had given up",
    () =>
      withContext(({ context }) => {
        const [staker, operator] = [people.miners[1].address, people.stranger.address];
        const atMs = startMs - clockToleranceMs - 60_000;
        return { stakeEvents: [...context.stakeEvents, { kind: "operator", staker, operator, atMs } as const] };
      }),
    ["receipt_signature_invalid"],
  ],
  [
    "a receipt billed to another client",
    () =>
      withEntry(1, (entry) => ({
        ...entry,
        assignment: { ...entry.assignment, client: people.clients[0].address },
      })),
    [
      "assignment_signature_invalid",
      "collected_unbacked",
      "debit_missing",
      "receipt_orphaned",
      "voucher_exceeds_receipts",
    ],
  ],
  [
    "a price list changed afterwards",
    () => withEntry(1, (entry) => ({ ...entry, quote: { ...entry.quote, outputPriceWei: "900" } })),
    ["price_not_quoted", "quote_signature_invalid"],
  ],
];
