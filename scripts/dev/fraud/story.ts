import { setTimeout as wait } from "node:timers/promises";
import { stakingAbi, lodeTokenAbi } from "@lode/sdk/abi";
import type { Hex } from "viem";
import { counted, lode, short } from "../amounts.ts";
import type { Display, StepRecord } from "../display.ts";
import { streamJob } from "../job.ts";
import type { Layout } from "../layout.ts";
import { runLode } from "../programs.ts";
import type { Processes } from "../../processes/processes.ts";
import { firstModel } from "../served.ts";
import { openStage, type Stage, type StageOptions } from "./stage.ts";

/** What one fraud cost and paid, in figures; amounts are decimal strings of wei. */
export interface FraudOutcome {
  readonly jobs: number;
  readonly verdict: string;
  readonly reason: string;
  readonly stakeBeforeWei: string;
  readonly stakeAfterWei: string;
  readonly refundWei: string;
  /** What the client had paid for all jobs. */
  readonly spentWei: string;
  readonly challengerRewardWei: string;
  readonly jurorFeesWei: readonly string[];
  readonly burnedWei: string;
  readonly auditVerdicts: readonly { readonly verdict: string; readonly accused: string }[];
  readonly auditFindings: number;
  readonly seconds: number;
  readonly steps: readonly StepRecord[];
}

interface Told {
  readonly event: string;
  readonly receipt?: Hex;
  readonly receipts?: number;
  readonly caseId?: string;
  readonly verdict?: string;
  readonly reason?: string;
  readonly fee?: boolean;
  readonly naming?: string;
}

const sum = (wei: readonly bigint[]): bigint => wei.reduce((total, one) => total + one, 0n);
const silence = { note: () => undefined, stream: () => undefined };
const PROMPT = "Tell me a short story.";
const TOKENS = 48;
/** After so many jobs one must have been drawn and found, or something is broken. */
const MOST_JOBS = 60;
const PATIENCE_MS = 90_000;

/** A miner serves Q4_0 as Q8_0, and everything that follows from it by itself. */
export async function runFraud(
  display: Display,
  processes: Processes,
  layout: Layout,
  options: StageOptions,
): Promise<FraudOutcome> {
  const started = performance.now();
  display.title("Lode", "a fraud: served, drawn, judged, paid for");
  const stage = await openStage(display, processes, layout, options);
  const stakeBeforeWei = await stakeOf(stage);
  const { jobs, filed, spentWei } = await display.step("Jobs", async (voice) => {
    const model = await firstModel(stage.coordinator.url, stage.key);
    let count = 0;
    let paidWei = 0n;
    let found: Told | undefined;
    while (found === undefined) {
      if (count === MOST_JOBS) throw new Error(`None of ${count} jobs was found wrong.`);
      voice.note(`${counted(count, "job")} served and paid, none found wrong yet`);
      const request = { model, prompt: PROMPT, maxTokens: TOKENS, seed: ++count };
      const job = await streamJob({ url: stage.coordinator.url, key: stage.key }, request, silence);
      paidWei += job.amountWei;
      found = await checkedThrough(stage, count);
    }
    return {
      fact: `${counted(count, "job")} for ${lode(paidWei)}; one was drawn, computed again and did not come out`,
      result: { jobs: count, filed: found, spentWei: paidWei },
    };
  });
  const balances = await purses(stage);
  const checked = told(stage).find(({ event, receipt }) => event === "checked" && receipt === filed.receipt);
  const committed = await display.step("Jury", async (voice) => {
    voice.note("five jurors fetch the transcript, compute it again, commit and reveal");
    const one = await untilTold(stage, "a commitment", ({ event }) => event === "committed");
    // One draw may name two receipts, each of which has a case of its own.
    await untilTold(stage, "the end of every case", () => distinct(stage, "filed") <= distinct(stage, "decided"));
    const reason = one.reason ?? "";
    return { fact: `found "${one.verdict ?? "?"}": ${reason}`, result: one };
  });
  const decided = await untilTold(stage, "the case's end", ({ event }) => event === "decided");
  const audit = await display.step("Audit", async (voice) => {
    voice.note("an outsider reads the log and the chain");
    const log = ["--rpc", stage.rpcUrl, "--log", stage.coordinator.url, "--addresses", stage.addressesFile];
    const result = (await runLode(stage, stage.client, ["audit", ...log])) as AuditAnswer;
    const [verdict] = result.verdicts;
    const said =
      verdict === undefined ? "nothing was judged" : `receipt ${short(verdict.receipt)} was judged ${verdict.verdict}`;
    return { fact: `${said}; the books ${result.findings.length === 0 ? "add up" : "do not add up"}`, result };
  });
  return display.step("Paid", async () => {
    const after = await purses(stage);
    const stakeAfterWei = await stakeOf(stage);
    const refundWei = after.client - balances.client;
    const gains = after.verifiers.map((wei, index) => wei - (balances.verifiers[index] ?? 0n));
    const challengers = new Set(audit.verdicts.map(({ challenger }) => challenger.toLowerCase()));
    // Their bonds, which were in the court when the purses were looked at, are not gained.
    const rewardWei = sum(audit.verdicts.map((one) => BigInt(one.rewardWei)));
    const burnedWei = sum(audit.verdicts.map((one) => BigInt(one.burnedWei)));
    const isJuror = (at: number): boolean => !challengers.has(stage.verifiers[at]?.address.toLowerCase() ?? "");
    const jurorFeesWei = gains.filter((_, at) => isJuror(at));
    const outcome: FraudOutcome = {
      jobs,
      verdict: decided.verdict ?? "none",
      reason: committed.reason ?? checked?.reason ?? "",
      stakeBeforeWei: stakeBeforeWei.toString(),
      stakeAfterWei: stakeAfterWei.toString(),
      refundWei: refundWei.toString(),
      spentWei: spentWei.toString(),
      challengerRewardWei: rewardWei.toString(),
      jurorFeesWei: jurorFeesWei.map(String),
      burnedWei: burnedWei.toString(),
      auditVerdicts: audit.verdicts,
      auditFindings: audit.findings.length,
      seconds: Math.round((performance.now() - started) / 10) / 100,
      steps: display.records,
    };
    const fees = sum(jurorFeesWei);
    const fact =
      `miner ${short(stage.cheat.address)} lost ${lode(stakeBeforeWei - stakeAfterWei)}: ` +
      `${lode(refundWei)} back to the client, ${lode(rewardWei)} to the challenger, ${lode(fees)} to the jury, ` +
      `${lode(BigInt(outcome.burnedWei))} burned`;
    return { fact, result: outcome };
  });
}

interface AuditAnswer {
  readonly findings: readonly unknown[];
  readonly verdicts: readonly {
    readonly receipt: string;
    readonly verdict: string;
    readonly accused: string;
    readonly challenger: string;
    readonly rewardWei: string;
    readonly burnedWei: string;
  }[];
}

/** How many receipts were accused, or cases decided, as the verifiers told. */
function distinct(stage: Stage, event: "filed" | "decided"): number {
  const all = told(stage).filter((one) => one.event === event);
  return new Set(all.map(({ receipt, caseId }) => (event === "filed" ? receipt : caseId))).size;
}

/** Everything that the verifiers have told so far. */
function told({ verifierProcesses }: Stage): Told[] {
  return verifierProcesses.flatMap((one) =>
    one
      .lastLines(10_000)
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Told),
  );
}

/** Waits until the draw behind so many receipts is over, and what it named is checked. The accusation, if there is one. */
async function checkedThrough(stage: Stage, receipts: number): Promise<Told | undefined> {
  await untilTold(
    stage,
    `a draw behind ${counted(receipts, "receipt")}`,
    ({ event, receipts: looked = 0 }) => event === "looked" && looked >= receipts,
  );
  const drawn = told(stage).filter(({ event }) => event === "drawn");
  for (const { receipt } of drawn)
    await untilTold(stage, `the check of ${receipt}`, (one) => one.event === "checked" && one.receipt === receipt);
  // A lot is taken to the court when a later draw names it too.
  const all = told(stage);
  const isNamed = (of: Hex | undefined): boolean =>
    all.some(({ event, receipt, naming }) => receipt === of && (event === "named" || naming === "rate"));
  const wrong = all.find(
    ({ event, verdict, receipt }) => event === "checked" && verdict !== "right" && isNamed(receipt),
  );
  return (
    wrong &&
    untilTold(
      stage,
      `an accusation for ${wrong.receipt}`,
      ({ event, receipt }) => event === "filed" && receipt === wrong.receipt,
    )
  );
}

/** How often the verifiers' logs are read: they are files, and tell nobody that a line came. */
const lookMs = 100;

/** Waits until a verifier has told something. Rejects with what it was, and what was told last, when it does not come in time. */
async function untilTold(stage: Stage, what: string, isIt: (event: Told) => boolean): Promise<Told> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = told(stage).find(isIt);
    if (found !== undefined) return found;
    const dead = stage.verifierProcesses.find((one) => !one.isAlive());
    if (dead !== undefined) throw new Error(`The ${dead.name} ended; its log is ${dead.logFile}.`);
    if (Date.now() > deadline) {
      const last = told(stage).at(-1)?.event ?? "nothing";
      const where = `they told of "${last}" last, and their logs are beside ${stage.addressesFile}`;
      throw new Error(`No verifier told of ${what} within ${PATIENCE_MS / 1000} s; ${where}.`);
    }
    await wait(lookMs);
  }
}

async function stakeOf({ chain, addresses, cheat }: Stage): Promise<bigint> {
  const call = { address: addresses.staking, abi: stakingAbi, functionName: "stakeOf" } as const;
  const [, stakedWei] = await chain.client.readContract({ ...call, args: [cheat.address] });
  return stakedWei;
}

async function purses({
  chain,
  addresses,
  client,
  verifiers,
}: Stage): Promise<{ client: bigint; verifiers: bigint[] }> {
  const token = { address: addresses.lodeToken, abi: lodeTokenAbi, functionName: "balanceOf" } as const;
  const [first = 0n, ...rest] = await Promise.all(
    [client, ...verifiers].map(({ address }) => chain.client.readContract({ ...token, args: [address] })),
  );
  return { client: first, verifiers: rest };
}
