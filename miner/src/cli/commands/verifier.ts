import { verdicts } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import { CourtWatch } from "../../chain/court-watch.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { runVerifier, VerifierStore, type VerifierEvent } from "../../verifier/index.ts";
import { parseAmount, showAmount } from "../amounts.ts";
import { kinds } from "../arguments.ts";
import { checkEnvironment } from "../config-file.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";
import { chosenSandbox } from "../miner/sandbox.ts";
import { coordinatorsOf } from "../miner/start-options.ts";
import { describeVerifier } from "../verifier/describe.ts";
import { ReferenceModels } from "../verifier/reference-models.ts";

interface StartOptions {
  readonly coordinator?: readonly string[];
  readonly model?: readonly string[];
  readonly miner?: string;
  readonly challenge?: string;
  readonly pollSecs: string;
  readonly disclosureSecs: string;
  readonly sandbox?: string;
}

/** Half of the time that a jury has to commit: what comes later leaves none to compute. */
const usualDisclosureSecs = 43_200;

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** `lode verifier` */
export function addVerifier(program: Command, io: Io): void {
  const verifier = program.command("verifier").description("check what miners served, and judge as a juror");
  verifier
    .command("start")
    .description("watch draws and cases until stopped: fetch, re-execute, commit, reveal, settle")
    .option("--coordinator <url>", "whose log is checked; once for each (or COORD_URL, with commas)", collect)
    .option("--model <model>", "a model to judge, as in lode miner start; once for each (embedded)", collect)
    .option("--miner <address>", "the staked juror, when this wallet is only its operator (or WALLET_ADDR)")
    .option("--challenge <lode>", "accuse for wrong receipts, with at most so much in bonds at once; not unless given")
    .option("--poll-secs <n>", "seconds between two looks at the chain", "5")
    .option(
      "--disclosure-secs <n>",
      "how long to wait for a transcript before its silence counts",
      String(usualDisclosureSecs),
    )
    .option("--sandbox <mode>", "shut the engine in: auto, require or off (or SANDBOX, auto)")
    .addHelpText(
      "after",
      `
The wallet must have an active miner's stake; it joins the jurors by itself. A juror that is drawn and is not running, or has not
the model, loses stake: leave with lode jury leave before you stop for long. Every step is written down before it is sent, so that
a verifier that was killed goes on where it was.

Examples:
  lode verifier start --coordinator http://127.0.0.1:8402
  lode verifier start --model ~/models/llama.Q8_0.gguf --model embedded --challenge 60`,
    )
    .action(async (options: StartOptions, command: Command) => start(new Context(io, command), io, options));
  verifier
    .command("status")
    .description("this juror's seat, checks and cases, from its files and the chain")
    .option("--miner <address>", "the staked juror, when this wallet is only its operator (or WALLET_ADDR)")
    .addHelpText("after", "\nExamples:\n  lode verifier status\n  lode verifier status --json")
    .action(async (options: { miner?: string }, command: Command) => showStatus(new Context(io, command), options));
}

async function start(context: Context, io: Io, options: StartOptions): Promise<void> {
  checkEnvironment(io.env);
  const coordinatorUrls = coordinatorsOf(options, context.env);
  const pollMs = 1000 * secondsOf(options.pollSecs, "--poll-secs", 0.05, 3600);
  const disclosureSecs = Math.floor(secondsOf(options.disclosureSecs, "--disclosure-secs", 1, 86_400));
  const maxBondsWei = options.challenge === undefined ? undefined : parseAmount(options.challenge);
  const signer = await context.signer();
  const chain = await context.chain();
  const self = namedSelf(context, options.miner) ?? signer.address;
  const emit = (event: VerifierEvent): void => io.out(context.json ? JSON.stringify(event) : describeVerifier(event));
  const warn = (message: string): void => emit({ event: "warning", message });
  const sandbox = await chosenSandbox(options.sandbox ?? context.env["SANDBOX"] ?? "auto", warn);
  const names = options.model ?? ["embedded"];
  const models = new ReferenceModels({ names, context, sandbox, signal: io.signal, warn });
  const store = await VerifierStore.open(context.workFolder, warn);
  try {
    await models.read();
    await runVerifier({
      ...{ chain, rpcUrl: context.rpcUrl, self, signer, store, coordinatorUrls, maxBondsWei, pollMs, disclosureSecs },
      engineOf: (digest, engineClass, contextTokens) => models.engine(digest, engineClass, contextTokens),
      signal: io.signal,
      nowMs: Date.now,
      emit,
    });
  } finally {
    await models.close();
    await store.close();
  }
}

async function showStatus(context: Context, options: { miner?: string }): Promise<void> {
  const self = namedSelf(context, options.miner) ?? (await context.address());
  const chain = await context.chain();
  const watch = new CourtWatch(chain);
  await watch.sync();
  const store = await VerifierStore.read(context.workFolder);
  const seat = watch.seats().find(({ juror }) => juror === self);
  const cases = [...watch.cases.values()].filter(({ jury, challenger }) => jury.includes(self) || challenger === self);
  const told = cases.map(({ id, accused, challenger, jury, committed, revealed, end }) => ({
    caseId: id.toString(),
    accused,
    role: challenger === self ? "challenger" : "juror",
    committed: committed.has(self),
    revealed: revealed.has(self),
    own: verdicts[store.ballots.get(id.toString())?.ballot.verdict ?? 0],
    state: end === undefined ? (jury.length === 0 ? "filed" : "open") : end.isVoid ? "void" : verdicts[end.verdict],
  }));
  const checks = [...store.checks.values()].map(({ receipt, found, filing, entry }) => ({
    receipt,
    miner: entry.assignment.miner,
    verdict: found?.verdict ?? "waiting",
    ...(filing !== undefined && { bondWei: filing.bondWei }),
  }));
  const bondWei = checks.reduce((sum, { bondWei: one }) => sum + BigInt(one ?? 0), 0n);
  const lines = [
    seat === undefined ? `${self} is no juror.` : `Juror ${self}, weight ${seat.weight} of ${totalOf(watch)}.`,
    `${checks.length} drawn receipts checked or waiting, ${checks.filter(({ verdict }) => verdict === "wrong").length} wrong; ${showAmount(bondWei)} put up in bonds so far.`,
    ...told.map(
      ({ caseId, role, accused, own, state }) =>
        `case ${caseId} against ${accused}: ${state}; ${role}${role === "juror" ? `, own verdict ${own ?? "none"}` : ""}`,
    ),
  ];
  context.result({ juror: self, weight: seat?.weight ?? 0, checks, cases: told }, lines.join("\n"));
}

function totalOf(watch: CourtWatch): number {
  return watch.seats().reduce((sum, { weight }) => sum + weight, 0);
}

/** The juror that is named; else it is the wallet's own address. */
function namedSelf({ env }: Context, miner: string | undefined): Hex | undefined {
  const named = miner ?? env["WALLET_ADDR"];
  return named === undefined ? undefined : kinds.address.parse(named);
}

function secondsOf(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  throw new MinerError("usage", `${option} is a number of seconds from ${least} to ${most}.`, {
    exitCode: exitCode.usage,
  });
}
