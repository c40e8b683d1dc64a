import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { ledgerDomain } from "@lode/sdk/typed-data";
import type { Command } from "commander";
import { openEngine } from "../../engines/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import {
  readCalibration,
  readTranscript,
  verifyTranscript,
  type SequentialState,
  type StatisticalOptions,
  type Transcript,
  type VerdictReport,
} from "../../verify/index.ts";
import { kinds, usage } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";
import { withModel } from "../verify-model.ts";
import { addCalibrate } from "./verify-calibrate.ts";

interface JobOptions {
  readonly model: string;
  readonly cpu?: string;
  readonly calibration?: string;
  readonly history?: string;
}

/** `lode verify job|calibrate` */
export function addVerify(program: Command, io: Io): void {
  const verify = program.command("verify").description("compute a miner's job again; measure what engines differ by");
  addJob(verify, io);
  addCalibrate(verify, io);
}

function addJob(verify: Command, io: Io): void {
  verify
    .command("job <transcript>")
    .description("check one job: commitments, bill, and the answer, computed again")
    .option("--model <model>", "the job's model: embedded, a GGUF file, one of lode model list (or MODEL)", "embedded")
    .option("--cpu <name>", "compute with this one of the engine's libraries for processors")
    .option("--calibration <file>", "for jobs of other engine classes: what `lode verify calibrate` wrote")
    .option("--history <file>", "where the test over this miner's jobs stands; read, and written after each job")
    .addHelpText(
      "after",
      `
The transcript is a JSON object: assignment and receipt as they were signed, jobSalt, inputIds, prefixIds, outputIds,
sampler, stop, and if disclosed prompt {salt, value} and fingerprints. Amounts are decimal strings.

An engine of the miner's own class computes the answer bit for bit, and one token decides. Any other needs a calibration for
the pair, and tests statistically: one short job then stays undecided, and --history joins a miner's jobs.
"wrong": the miner signed what it did not do. "undecided": the data is not what was signed, or cannot be checked here.
Signatures are checked by \`lode audit\`.
Exit codes: 0 right, 6 wrong, 7 undecided, 2 wrong usage, 9 bad model file, 1 anything else.

Examples:
  lode verify job job.json
  lode verify job job.json --model ~/models/llama.Q8_0.gguf --json
  lode verify job job.json --calibration llama.json --history 0xminer.json`,
    )
    .action(async (file: string, options: JobOptions, command: Command) => {
      const context = new Context(io, command);
      const transcript = readTranscript(kinds.json.parse(file));
      const { chainId, receiptLedger } = context.addresses();
      const domain = ledgerDomain({ chainId, receiptLedger });
      const { miner } = transcript.assignment;
      const statistical = statisticalOf(options, miner);
      const report = await withModel(context, options, async (opened) => {
        const engine = await openEngine({ ...opened, contextTokens: contextFor(transcript) });
        try {
          return await verifyTranscript(transcript, { domain, engine, statistical, signal: io.signal });
        } finally {
          await engine.close();
        }
      });
      const { sequential } = report.evidence;
      if (options.history !== undefined && sequential !== undefined) keepHistory(options.history, miner, sequential);
      context.result({ ...report }, show(report));
      if (report.verdict === "wrong")
        throw new MinerError("wrong", "The miner did not do what it signed.", { exitCode: exitCode.findings });
      if (report.verdict === "undecided")
        throw new MinerError("undecided", "Nothing was decided.", { exitCode: exitCode.unchecked });
    });
}

/** The least context that an engine opens. */
const leastContext = 64;

/** Room for the whole job, and for all that it might have become. */
function contextFor({ inputIds, prefixIds, assignment }: Transcript): number {
  return Math.max(leastContext, inputIds.length + prefixIds.length + assignment.maxOutputTokens + 1);
}

function statisticalOf({ calibration, history }: JobOptions, miner: string): StatisticalOptions | undefined {
  if (calibration === undefined) {
    if (history !== undefined) throw usage("--history needs --calibration.");
    return undefined;
  }
  return {
    calibration: readCalibration(kinds.json.parse(calibration)),
    history: history === undefined || !existsSync(history) ? undefined : readHistory(history, miner),
  };
}

function readHistory(file: string, miner: string): SequentialState {
  const it = JSON.parse(readFileSync(file, "utf8")) as { miner?: string; state?: SequentialState };
  const isState = Number.isInteger(it.state?.jobs) && it.state?.logR.every(Number.isFinite) === true;
  if (it.miner !== miner || it.state === undefined || !isState) throw usage(`${file} is no history of ${miner}.`);
  return it.state;
}

function keepHistory(file: string, miner: string, state: SequentialState): void {
  writeFileSync(file, `${JSON.stringify({ miner, state }, null, 2)}\n`);
}

function show({ verdict, class: checkClass, reasons, evidence }: VerdictReport): string {
  const ways = {
    "A-prefill": "computed again in one pass, bit for bit",
    "A-decode": "computed again token by token, bit for bit",
    B: "computed again on another engine, by the statistical test",
    hash: "by hashes and counts",
  } as const;
  const { tokens, mismatches, sequential } = evidence;
  return [
    `${verdict}: ${ways[checkClass]}`,
    `${tokens} tokens, ${mismatches.length} come out differently`,
    ...(sequential === undefined
      ? []
      : [`${sequential.nats.toFixed(1)} nats of evidence after ${sequential.jobs} jobs`]),
    ...reasons.map(({ code, message }) => `  ${code}: ${message}`),
  ].join("\n");
}
