import type { GasFigures } from "./result.ts";

/** A row of the printed table: a figure of ours, its aim or the published figure that it stands beside. */
interface Row {
  readonly figure: string;
  readonly state: "cold" | "warm" | "both";
  readonly what: string;
  readonly atMost?: number;
  readonly beside?: string;
}

const rows: readonly Row[] = [
  { figure: "zkJobsOpen", state: "warm", what: "a classification opened" },
  { figure: "zkJobsAnswer", state: "warm", what: "a classification proved, checked and paid" },
  {
    figure: "collectManyMarginal",
    state: "warm",
    what: "one more repeat voucher, signed by the payer",
    atMost: 17_000,
  },
  { figure: "collectManyMarginalSession", state: "warm", what: "the same, signed by a session key" },
  {
    figure: "collectManyMarginalPooled",
    state: "warm",
    what: "one more repeat voucher from a pool, to another payee each",
  },
  {
    figure: "collectManyMarginalFirst",
    state: "cold",
    what: "one more first voucher (its slot exists since the deposit)",
  },
  { figure: "collectRepeat", state: "warm", what: "one voucher alone, whole transaction" },
  {
    figure: "collectOneCallFrame",
    state: "warm",
    what: "one voucher alone, call frame",
    beside: "x402 claim of 1 voucher 40,252 (call frame)",
  },
  {
    figure: "collectTenCallFramePerVoucher",
    state: "warm",
    what: "ten vouchers in one call, call frame, each",
    beside: "x402 claim of 10 channels 192,043: 19,204 each (call frame)",
  },
  {
    figure: "stakeRegister",
    state: "cold",
    what: "register and stake, standing approval",
    atMost: 78_000,
    beside: "a prototype's stake alone in one packed slot 70.9k",
  },
  { figure: "stakeRegisterExactApproval", state: "cold", what: "the same, using up an exact approval" },
  { figure: "approve", state: "cold", what: "the approval before it, its own transaction" },
  { figure: "stakeTopUp", state: "warm", what: "more stake" },
  { figure: "registerFirstEver", state: "cold", what: "the deployment's first stake of all" },
  { figure: "deposit", state: "cold", what: "first deposit into an account", atMost: 80_000 },
  {
    figure: "depositCallFrame",
    state: "cold",
    what: "the same, call frame",
    beside: "x402 deposit 84,770 (call frame)",
  },
  { figure: "depositRepeat", state: "warm", what: "another deposit into it" },
  { figure: "depositPool", state: "warm", what: "another deposit into a pool" },
  { figure: "depositFirstEver", state: "cold", what: "the deployment's first deposit of all" },
  { figure: "authorizeSigner", state: "cold", what: "a session signer" },
  {
    figure: "sweep",
    state: "warm",
    what: "sweep to a holder of tokens, the pool becomes empty",
    atMost: 43_000,
    beside: "x402 settle 31,204 (call frame); a prototype's 42.9k with Votes",
  },
  { figure: "sweepCallFrame", state: "warm", what: "the same, call frame" },
  { figure: "sweepFirst", state: "cold", what: "sweep to somebody without tokens" },
  { figure: "sweepToVoter", state: "cold", what: "sweep to somebody who delegated votes (one checkpoint)" },
  {
    figure: "anchor",
    state: "warm",
    what: "anchor of an epoch, two slots overwritten",
    atMost: 36_000,
    beside: "one overwritten root 29,869, two slots 35.2k",
  },
  { figure: "anchorFirst", state: "cold", what: "a coordinator's first anchor" },
  { figure: "backlogSecondVoucher", state: "warm", what: "a channel's 2nd voucher, without base and calldata" },
  { figure: "backlogTenThousandth", state: "warm", what: "its 10,000th, 9,997 uncollected in between" },
  {
    figure: "backlogTenThousandthAllCollected",
    state: "warm",
    what: "another's 10,000th, each one before it collected",
  },
  { figure: "standardWorkloadPerJob", state: "warm", what: "collects a job; the pools hold money", atMost: 220 },
  { figure: "standardWorkloadAfterSweepsPerJob", state: "both", what: "collects a job; the miners' pools start empty" },
  {
    figure: "standardWorkloadWithSweepsPerJob",
    state: "both",
    what: "the same with sweeps and anchor: an epoch that follows one like it",
    atMost: 320,
    beside: "Mist batch 641 a job at N = 1,000, R = 5",
  },
  {
    figure: "standardWorkloadSessionPerJob",
    state: "both",
    what: "collects after sweeps, clients sign by session key",
  },
  { figure: "standardWorkloadSessionWithSweepsPerJob", state: "both", what: "the same with sweeps and anchor" },
  { figure: "workloadApprovals", state: "cold", what: "121 token approvals" },
  { figure: "workloadDeposits", state: "cold", what: "100 first deposits" },
  { figure: "workloadStakes", state: "cold", what: "21 registrations" },
  { figure: "workloadSessions", state: "cold", what: "100 session signers (not in the sum: optional)" },
  { figure: "workloadFirstUses", state: "cold", what: "the first epoch: first vouchers, sweeps, anchor" },
  { figure: "workloadCollects", state: "both", what: "a later epoch's collects, after sweeps" },
  { figure: "workloadSweeps", state: "warm", what: "its 20 sweeps, in one transaction" },
  { figure: "workloadAnchors", state: "warm", what: "its anchor" },
  { figure: "workloadTotal", state: "both", what: "approvals, deposits, stakes, first and one later epoch" },
  { figure: "workloadTotalPerJob", state: "both", what: "the same for each of their 20,000 jobs" },
];

const basis = `Basis: gasUsed of receipts on a fresh chain: 21,000 + calldata + execution - refunds. "Call frame" leaves 21,000 and
calldata out, as x402 publishes. Cold: a slot is created; warm: slots that hold something change; both: some of each.
Approvals are standing ones unless said, payers sign with their own key unless said, and amounts have digits in all places.
Workload: 10,000 jobs an epoch, 100 clients pay one coordinator, which pays 20 miners; each channel collects once an epoch,
in two transactions (100 and 20 vouchers); then 20 sweeps in one transaction, which anybody may send, and one anchor.`;

/** The figures for people, each with its aim and the published figure on the same basis. */
export function gasTable(figures: GasFigures): string {
  const lines = rows.map(({ figure, state, what, atMost, beside }) => {
    const value = figures[figure];
    if (value === undefined) throw new Error(`the bench measured no ${figure}`);
    const aim = atMost === undefined ? "" : `${value <= atMost ? "within" : "MISSES"} ${number(atMost)}`;
    const columns = [figure.padEnd(40), number(value).padStart(12), state, aim.padEnd(14), what];
    return `${columns.join("  ")}${beside === undefined ? "" : ` | ${beside}`}`;
  });
  return `${basis}\n\n${lines.join("\n")}`;
}

function number(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
