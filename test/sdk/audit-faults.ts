import {
  clockToleranceMs,
  commitmentTo,
  shownAnchor,
  type AuditContext,
  type AuditEntry,
  type FindingKind,
} from "@lode/sdk/audit";
import { signBatch } from "@lode/sdk/batch";
import { keccak } from "@lode/sdk/hash";
import { signTypedData } from "@lode/sdk/keys";
import { sumTree } from "@lode/sdk/merkle";
import {
  cloudEngineClass,
  escrowDomain,
  fromWire,
  hashStruct,
  hostedEngineClass,
  toWire,
  type Assignment,
  type ServiceTerms,
  type Voucher,
} from "@lode/sdk/typed-data";
import {
  addresses,
  escrow,
  honestPlan,
  ledger,
  liabilitiesOf,
  people,
  signHistory,
  startMs,
  type History,
  type Plan,
} from "./audit-history.ts";

export const other = keccak(Buffer.from("something else"));

/** Six receipts, of which the host's two are of one polling miner each. */
export function hostedPlan(): Plan {
  const [first, second] = people.wallets.map(({ address }) => address);
  const plan = honestPlan();
  plan.receipts = plan.receipts.map((one, i) =>
    one.miner === 1 ? { ...one, wallet: i === 0 ? first! : second! } : one,
  );
  return plan;
}

/** The last receipt's work begins an hour after its quote ended, and in time for its deadline. */
export function lateAttempt(attempt: number): Plan {
  const hourMs = 3_600_000n;
  const late = changedPlan(5, {
    assign: (a) => ({ ...a, attempt, deadline: a.deadline + 7_200n }),
    change: (r) => ({ ...r, startedAtMs: r.startedAtMs + hourMs, finishedAtMs: r.finishedAtMs + hourMs }),
  });
  return { ...late, headAfterMs: 3_700_000 };
}

/** Half the price for a first token after half a second, and a third after two. */
export const promise: ServiceTerms = {
  steps: [
    { afterMs: 500, payPpm: 500_000 },
    { afterMs: 2000, payPpm: 333_333 },
  ],
  nonce: other,
};

/** Six receipts under a quote that promises; the second one is late and asks for `amountWei` of its 21,091 wei. */
export function promisedPlan(amountWei: bigint): Plan {
  return { ...changedPlan(1, { change: (receipt) => ({ ...receipt, amountWei }) }), service: promise };
}

/** A history with a late receipt, one published entry of which is changed afterwards. */
function promisedWith(change: (entry: AuditEntry) => AuditEntry): History {
  const history = signHistory(promisedPlan(10_545n));
  return { ...history, entries: history.entries.map((entry, i) => (i === 1 ? change(entry) : entry)) };
}

/** An honest plan with one receipt changed before it is signed. */
export function changedPlan(index: number, change: Partial<Plan["receipts"][number]>): Plan {
  const plan = honestPlan();
  plan.receipts[index] = { ...plan.receipts[index]!, ...change };
  return plan;
}

/** An honest history with its context changed afterwards. */
export function withContext(change: (history: History) => Partial<AuditContext>): History {
  const history = signHistory(honestPlan());
  return { ...history, context: { ...history.context, ...change(history) } };
}

/** An honest history with one published entry changed afterwards. */
export function withEntry(index: number, change: (entry: AuditEntry) => AuditEntry): History {
  const history = signHistory(honestPlan());
  history.entries[index] = change(history.entries[index]!);
  return history;
}

/** One thing changed each time; beside it the findings that must name it, and no others. */
export const faults: readonly [name: string, history: () => History, kinds: readonly FindingKind[]][] = [
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
    ["entry_malformed", "liabilities_wrong", "log_forked", "log_root_wrong", "voucher_exceeds_receipts"],
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
    "a leaf that stands in the log twice",
    () => signHistory({ receipts: [...honestPlan().receipts, { ...honestPlan().receipts[0]!, repeats: 0 }] }),
    ["receipt_repeated"],
  ],
  [
    "two receipts for one assignment",
    () =>
      signHistory({
        receipts: [
          ...honestPlan().receipts,
          { ...honestPlan().receipts[0]!, repeats: 0, change: (r) => ({ ...r, outputCommitment: other }) },
        ],
      }),
    ["receipt_repeated"],
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
    "a receipt dated after the anchor that holds it",
    () =>
      withContext(({ context }) => ({
        anchors: context.anchors.map((anchor) => ({ ...anchor, atMs: startMs - clockToleranceMs - 10_000 })),
      })),
    ["clock_skew"],
  ],
  [
    "a head from the future",
    () => withContext(({ context }) => ({ nowMs: Number(context.head.head.timestampMs) - clockToleranceMs - 1 })),
    ["clock_skew"],
  ],
  [
    "liabilities that leave out one wei",
    () =>
      withContext(({ context }) => {
        const vouchers = context.vouchers.map(({ voucher }, i) =>
          i === 3 ? { ...voucher, cumulativeWei: voucher.cumulativeWei - 1n } : voucher,
        );
        return { anchors: [{ ...context.anchors[0]!, liabilitiesRoot: liabilitiesOf(vouchers) }] };
      }),
    ["liabilities_wrong"],
  ],
  [
    "liabilities that hide a miner",
    () =>
      withContext(({ context }) => {
        const vouchers = context.vouchers.slice(0, 3).map(({ voucher }) => voucher);
        return { anchors: [{ ...context.anchors[0]!, liabilitiesRoot: liabilitiesOf(vouchers) }] };
      }),
    ["liabilities_wrong"],
  ],
  [
    "promises that nothing covers",
    () => withContext(() => ({ collateral: { poolWei: 0n, stakeWei: 0n } })),
    ["liabilities_uncovered"],
  ],
  [
    "a log that is shorter than a head signed before",
    () => {
      const short = signHistory({ receipts: honestPlan().receipts.slice(0, 5), headAfterMs: 70_000 });
      return { ...short, context: { ...short.context, seenHeads: [signHistory(honestPlan()).context.head] } };
    },
    ["log_shrank"],
  ],
  [
    "another log shown to somebody else",
    () =>
      withContext(() => {
        const elsewhere = changedPlan(5, { change: (r) => ({ ...r, outputCommitment: other }) });
        return { seenHeads: [signHistory(elsewhere).context.head] };
      }),
    ["split_view"],
  ],
  [
    "an anchor that a reorganisation took away",
    () => withContext(({ context }) => ({ seenAnchors: context.anchors, anchors: [] })),
    ["anchor_reorged"],
  ],
  [
    "an anchor that a reorganisation replaced",
    () => withContext(({ context }) => ({ seenAnchors: [{ ...context.anchors[0]!, root: other }] })),
    ["anchor_reorged"],
  ],
  [
    "a host that a polling miner collected more from than it promised",
    () => {
      const history = signHistory(hostedPlan());
      const { voucher } = history.context.vouchers.find(({ voucher }) => voucher.payer === people.miners[1].address)!;
      const collections = [{ ...voucher, paidWei: voucher.cumulativeWei + 1n, block: 11n }];
      return { ...history, context: { ...history.context, collections } };
    },
    ["collected_exceeds_voucher"],
  ],
  [
    "a miner that was paid on the chain and is not in the log",
    () =>
      withContext(({ context }) => ({
        collections: [{ ...context.vouchers[3]!.voucher, payee: people.stranger.address, paidWei: 1n, block: 1n }],
      })),
    ["collected_unbacked"],
  ],
  [
    "a voucher that jumps",
    () =>
      withContext(({ context }) => {
        const [a, b, third, fourth] = context.vouchers;
        const voucher = { ...third!.voucher, cumulativeWei: third!.voucher.cumulativeWei * 10n };
        const signature = signTypedData(people.coordinator, escrow, "Voucher", voucher);
        return { vouchers: [a!, b!, { voucher, signature }, fourth!] };
      }),
    ["voucher_exceeds_receipts"],
  ],
  [
    "a voucher that counts receipts the log does not have",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const voucher = { ...first!.voucher, count: first!.voucher.count + 1n };
        return {
          vouchers: [{ voucher, signature: signTypedData(people.session, escrow, "Voucher", voucher) }, ...rest],
        };
      }),
    ["voucher_exceeds_receipts"],
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
  ["a miner's voucher that stopped growing", () => withContext(laggingVoucher), ["voucher_missing"]],
  [
    "a client's voucher shown twice, so that promises look covered",
    () =>
      withContext(({ context }) => {
        const [, second, ...rest] = context.vouchers;
        const owedWei = rest.reduce((sum, { voucher }) => sum + voucher.cumulativeWei, 0n);
        const poolWei = owedWei - second!.voucher.cumulativeWei - 1n;
        return { vouchers: [...context.vouchers, second!], collateral: { poolWei, stakeWei: 0n } };
      }),
    ["liabilities_uncovered"],
  ],
  [
    "vouchers of an epoch that the pool is not in",
    () => withContext(() => ({ poolEpoch: 1n })),
    ["voucher_uncollectable"],
  ],
  ["work that is dated back by days", () => datedBack(2), ["clock_skew"]],
  [
    "an anchor between others that the node hides",
    () => withContext(({ context }) => ({ anchors: [{ ...context.anchors[0]!, epoch: 2n }] })),
    ["anchor_missing"],
  ],
  [
    "the last anchor hidden, which the ledger's commitment counts",
    () =>
      withContext(({ context }) => {
        const [anchor] = context.anchors.map(shownAnchor);
        return { commitment: commitmentTo([anchor!, { ...anchor!, epoch: 2n }]) };
      }),
    ["anchor_missing"],
  ],
  [
    "receipts that stayed out of the chain for days",
    () => {
      const headAfterMs = 3 * 86_400_000;
      const { context, entries } = signHistory({ ...honestPlan(), headAfterMs });
      return { entries, context: { ...context, anchors: [], nowMs: startMs + headAfterMs } };
    },
    ["anchor_overdue"],
  ],
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
  ["receipts that were anchored days late", () => anchoredAfter(3), ["anchor_overdue"]],
  [
    "a voucher of a kind that there is not",
    () => withContext(({ context }) => revouched(context, 2, { kind: 2 })),
    ["voucher_uncollectable"],
  ],
  [
    "a client's voucher of an epoch that no account has",
    () => withContext(({ context }) => revouched(context, 1, { epoch: 1n })),
    ["voucher_uncollectable"],
  ],
  [
    "fees that are rounded up",
    () =>
      withContext(({ context }) =>
        revouched(context, 3, { cumulativeWei: context.vouchers[3]!.voucher.cumulativeWei - 1n }),
      ),
    ["voucher_root_wrong"],
  ],
  [
    "promises that are covered by an account with too little in it",
    () => withContext(({ context }) => coveredBy(context, -1n)),
    ["liabilities_uncovered"],
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
    "one receipt in two epochs",
    () => signHistory({ receipts: [...honestPlan().receipts, { ...honestPlan().receipts[3]!, repeats: 3 }] }),
    ["receipt_repeated"],
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
  [
    "a refund that no receipt explains",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const voucher = { ...first!.voucher, cumulativeWei: first!.voucher.cumulativeWei - 1n };
        const signature = signTypedData(people.session, escrow, "Voucher", voucher);
        return { vouchers: [{ voucher, signature }, ...rest], collections: [] };
      }),
    ["voucher_root_wrong"],
  ],
  [
    "a host that promises a wallet which did no work for it",
    () => {
      const history = signHistory(hostedPlan());
      const { vouchers } = history.context;
      const found = vouchers.find(({ voucher }) => voucher.payer === people.miners[1].address)!;
      const voucher = { ...found.voucher, payee: people.stranger.address };
      const signature = signTypedData(people.miners[1], escrow, "Voucher", voucher);
      const swapped = vouchers.map((one) => (one === found ? { voucher, signature } : one));
      return { ...history, context: { ...history.context, vouchers: swapped } };
    },
    ["voucher_exceeds_receipts", "voucher_missing"],
  ],
  [
    "one signature for another chain",
    () =>
      withContext(({ context }) => {
        const [first, ...rest] = context.vouchers;
        const elsewhere = escrowDomain({ ...addresses, chainId: addresses.chainId + 1 });
        const signature = signTypedData(people.session, elsewhere, "Voucher", first!.voucher);
        return { vouchers: [{ voucher: first!.voucher, signature }, ...rest] };
      }),
    ["voucher_signature_invalid"],
  ],
  [
    "liabilities in another order",
    () =>
      withContext(({ context }) => {
        const lines = context.vouchers
          .filter(({ voucher }) => voucher.payer === context.coordinator)
          .sort((a, b) => (a.voucher.payee < b.voucher.payee ? 1 : -1))
          .map(({ voucher: { payer, payee, epoch, cumulativeWei } }) => ({
            ...{ payer, payee, epoch, cumulativeWei, outstandingWei: cumulativeWei },
          }));
        return { anchors: [{ ...context.anchors[0]!, liabilitiesRoot: sumTree(lines).root }] };
      }),
    ["liabilities_wrong"],
  ],
];

/** The miner of the most receipts is left with the voucher of its first one. */
function laggingVoucher({ context }: History): Partial<AuditContext> {
  const early = signHistory({ receipts: honestPlan().receipts.slice(0, 2) }).context.vouchers[2]!;
  return { vouchers: context.vouchers.map((one, i) => (i === 2 ? early : one)) };
}

/** The last receipt's work is dated so many days before the others', when everybody had staked already. */
function datedBack(days: number): History {
  const ms = BigInt(days * 86_400_000);
  const { context, entries } = signHistory(
    changedPlan(5, {
      quote: (q) => ({ ...q, expiresAt: q.expiresAt - ms / 1_000n }),
      change: (r) => ({ ...r, startedAtMs: r.startedAtMs - ms, finishedAtMs: r.finishedAtMs - ms }),
    }),
  );
  const stakeEvents = context.stakeEvents.map((event) => ({ ...event, atMs: event.atMs - 2 * Number(ms) }));
  return { entries, context: { ...context, stakeEvents } };
}

/** The first receipt's job goes on with the receipt at `index`, which bills no input. */
export function secondAttempt(index: number, assign: (a: Assignment) => Assignment): Plan {
  return changedPlan(index, {
    assign: (a) => assign({ ...a, counter: 1n, attempt: 1, inputPriceWei: 0n }),
    change: (r) => ({ ...r, amountWei: r.amountWei - 70n }),
  });
}

/** The last receipt's work is of so many days after the others', and one anchor holds them all. */
export function anchoredAfter(days: number): History {
  const seconds = BigInt(days * 86_400);
  const headAfterMs = days * 86_400_000 + 60_000;
  const plan = changedPlan(5, {
    quote: (q) => ({ ...q, expiresAt: q.expiresAt + seconds }),
    assign: (a) => ({ ...a, deadline: a.deadline + seconds }),
    change: (r) => ({
      ...r,
      startedAtMs: r.startedAtMs + seconds * 1_000n,
      finishedAtMs: r.finishedAtMs + seconds * 1_000n,
    }),
  });
  const { context, entries } = signHistory({ ...plan, headAfterMs });
  return { entries, context: { ...context, nowMs: startMs + headAfterMs } };
}

/** One of the vouchers changed and signed anew by whoever signs for its payer. */
function revouched(
  { vouchers, coordinator }: AuditContext,
  at: number,
  change: Partial<Voucher>,
): Partial<AuditContext> {
  const voucher = { ...vouchers[at]!.voucher, ...change };
  const signer = voucher.payer === coordinator ? people.coordinator : people.session;
  const signed = { voucher, signature: signTypedData(signer, escrow, "Voucher", voucher) };
  return { vouchers: vouchers.map((one, i) => (i === at ? signed : one)) };
}

/** Promises that need all that the second client signed for; its account has that, and so much more. */
export function coveredBy({ vouchers }: AuditContext, moreWei: bigint): Partial<AuditContext> {
  const [, second, ...rest] = vouchers.map(({ voucher }) => voucher);
  const owedWei = rest.reduce((sum, { cumulativeWei }) => sum + cumulativeWei, 0n);
  const poolWei = owedWei - second!.cumulativeWei;
  const accounts = [{ client: second!.payer, balanceWei: second!.cumulativeWei + moreWei }];
  return { collateral: { poolWei, stakeWei: 0n }, accounts };
}
