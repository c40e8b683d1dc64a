import type { AuditContext, AuditEntry } from "@lode/sdk/audit";
import { keccak } from "@lode/sdk/hash";
import { signTypedData } from "@lode/sdk/keys";
import type { Assignment, ServiceTerms, Voucher } from "@lode/sdk/typed-data";
import { escrow, honestPlan, people, signHistory, startMs, type History, type Plan } from "./audit-history.ts";

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
export function promisedWith(change: (entry: AuditEntry) => AuditEntry): History {
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

/** The miner of the most receipts is left with the voucher of its first one. */
export function laggingVoucher({ context }: History): Partial<AuditContext> {
  const early = signHistory({ receipts: honestPlan().receipts.slice(0, 2) }).context.vouchers[2]!;
  return { vouchers: context.vouchers.map((one, i) => (i === 2 ? early : one)) };
}

/** The last receipt's work is dated so many days before the others', when everybody had staked already. */
export function datedBack(days: number): History {
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
export function revouched(
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
