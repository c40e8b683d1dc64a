import { randomBytes } from "node:crypto";
import { zkJobsAbi } from "@lode/sdk/abi";
import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import { parseEventLogs } from "viem";
import { readingsOf } from "../../chain/readings.ts";
import type { ChainReader } from "../../chain/chain.ts";
import type { Act } from "../../chain/act.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { addActOptions } from "../acts.ts";
import { showAmount } from "../amounts.ts";
import { apiKeyOf, textIn } from "../api-key.ts";
import { kinds, usage } from "../arguments.ts";
import { Context } from "../context.ts";
import { coordinatorUrl } from "../coordinator.ts";
import { requestJson } from "../http.ts";
import type { Io } from "../io.ts";
import { payFor } from "../payment.ts";

interface ClassifyOptions {
  readonly coordinator?: string;
  readonly key?: string;
  readonly file?: string;
  readonly price: string;
  readonly minutes: string;
  readonly job?: string;
  readonly salt?: string;
}

interface JobView {
  readonly id: string;
  readonly status: string;
  readonly result?: Readonly<Record<string, unknown>> & { readonly class: string; readonly miner: string };
  readonly error?: { readonly code: string; readonly message: string };
}

const pollMs = 500;

/** `lode client classify`, and `lode client refund` for what nobody classified. */
export function addClassify(client: Command, io: Io): void {
  const command = client
    .command("classify")
    .argument("[text]", "what is to be classified")
    .description(
      "have a text classified by a proved network: the contract ZkJobs pays for the proof, and for nothing else",
    )
    .option("--file <path>", "the text is in this file")
    .option("--coordinator <url>", "the coordinator's URL (or COORD_URL)")
    .option("--key <file>", "file with an API key of this wallet (or API_KEY)")
    .option("--price <lode>", "what the proof is worth; escrowed in ZkJobs until it is there", "1")
    .option("--minutes <n>", "how long a proof is taken; without one the price can be had back then", "60")
    .option("--job <n>", "an open job of an earlier try, with --salt: nothing is escrowed again")
    .option("--salt <hex>", "the salt that the earlier try printed");
  addActOptions(command, {
    notes:
      "The chain shows the class and a commitment to the text; coordinator and miner read the text. Salt and job are printed\n" +
      "before anything is asked, with --json to stderr: with them the same job can be asked for again.",
    examples: [
      'API_KEY=lode_… lode client classify "translate this to Greek: good morning" --coordinator http://127.0.0.1:8402',
      "lode client classify --file mail.txt --key ~/key --price 0.5 --json",
      'lode client classify "good morning" --job 7 --salt 0x1f… --key ~/key',
    ],
  });
  command.action(async (argument: string | undefined, options: ClassifyOptions) => {
    await classify(new Context(io, command), argument, options);
  });
  addRefund(client, io);
}

async function classify(context: Context, argument: string | undefined, options: ClassifyOptions): Promise<void> {
  const text = options.file === undefined ? argument : await textIn(options.file);
  if (text === undefined || text === "") throw usage("Give a text, or --file PATH.");
  const url = coordinatorUrl(context, options);
  if ((options.job === undefined) !== (options.salt === undefined)) throw usage("--job and --salt go together.");
  if (context.dryRun && options.job !== undefined) {
    throw usage("With --job nothing is escrowed, so that there is nothing to try; leave out --dry-run.");
  }
  const key = context.dryRun ? "" : await apiKeyOf(context, options.key);
  const opened = options.job === undefined ? await openJob(context, text, options) : given(options);
  if (opened === undefined) return;
  const result = await proved(context, { url, key, text }, opened).catch((cause: unknown) => {
    // The price is in the contract by now: whatever went wrong, these two bring the same job again.
    const { code, message } = cause instanceof LodeError ? cause : { code: "not_classified", message: String(cause) };
    const again = `${message} Ask again with --job ${opened.job} --salt ${opened.salt}.`;
    throw new MinerError(code, again, { cause, retryable: true });
  });
  context.result({ ...result, salt: opened.salt }, `${result.class}  (proved by ${result.miner})`);
}

/** Has the coordinator find a miner that proves the job, and waits for it. Throws LodeError. */
async function proved(
  context: Context,
  { url, key, text }: { url: string; key: string; text: string },
  { job, salt }: { job: string; salt: Hex },
): Promise<NonNullable<JobView["result"]>> {
  const body = { workload: "classify", input: { text, tier: "zk", salt, zk_job: job } };
  const made = (await requestJson(new URL("/v1/jobs", url), { body, key })) as JobView;
  const ended = await ending(context, new URL(`/v1/jobs/${made.id}`, url), key);
  if (ended.result !== undefined) return ended.result;
  const why = ended.error?.message ?? `The job ended as ${ended.status}.`;
  throw new MinerError(ended.error?.code ?? "not_classified", why);
}

function given({ job, salt }: ClassifyOptions): { job: string; salt: Hex } {
  if (job === undefined || !/^[1-9]\d{0,18}$/.test(job)) throw usage("--job is a number from 1.");
  if (salt === undefined || !/^0x[0-9a-fA-F]{64}$/.test(salt)) throw usage("--salt is 0x and 64 hexadecimal digits.");
  return { job, salt: salt as Hex };
}

/** Escrows the price under a commitment to the text; undefined after a dry run. */
async function openJob(
  context: Context,
  text: string,
  { price, minutes }: ClassifyOptions,
): Promise<{ job: string; salt: Hex } | undefined> {
  const [self, chain] = [await context.address(), await context.chain()];
  const zkJobs = zkJobsOf(chain);
  const forMinutes = Number(minutes);
  if (!(forMinutes >= 1 && forMinutes <= 525_600)) throw usage("--minutes must be from 1 to 525600.");
  const priceWei = kinds.amount.parse(price);
  // The network's weights take a while to load, and the other commands do without.
  const { commitmentOf, featuresOf } = await import("@lode/zk-circuits/classifier");
  // 248 random bits: always below the circuit's field.
  const salt: Hex = `0x00${randomBytes(31).toString("hex")}`;
  const { timestamp } = await chain.client.getBlock();
  const contract = { address: zkJobs, abi: zkJobsAbi };
  const deadline = timestamp + BigInt(Math.round(forMinutes * 60));
  const args = [commitmentOf(featuresOf(text), BigInt(salt)), priceWei, deadline];
  const act: Act = { what: `escrow ${showAmount(priceWei)} for a proof`, contract, functionName: "open", args };
  const acts = await payFor({ self, context, chain }, act, priceWei, undefined);
  tell(context, `salt ${salt}`);
  const report = await context.act(chain, { acts, readings: [readingsOf(chain.contracts).wallet(self)] });
  if (report.dryRun) {
    context.report(report, { client: self, salt }, "");
    return undefined;
  }
  const transaction = report.acts.at(-1)?.transaction;
  const event = await openedIn(chain, zkJobs, transaction);
  tell(context, `job ${event}`);
  return { job: `${event}`, salt };
}

/** What has to be known if this process ends before its result: with --json beside the result, which is to come alone. */
function tell(context: Context, text: string): void {
  if (context.json) context.io.err(text);
  else context.note(text);
}

/** The number that the contract gave the job. */
async function openedIn({ client }: ChainReader, zkJobs: Hex, hash: Hex | undefined): Promise<bigint> {
  const { logs } = await client.getTransactionReceipt({ hash: hash ?? "0x" });
  const own = logs.filter(({ address }) => address.toLowerCase() === zkJobs);
  const [opened] = parseEventLogs({ abi: zkJobsAbi, eventName: "JobOpened", logs: own });
  if (opened === undefined) throw new MinerError("chain_failed", `The transaction ${String(hash)} opened no job.`);
  return opened.args.jobId;
}

/** The job's view once it has ended; the coordinator gives it up by itself when no miner proves it. */
async function ending(context: Context, url: URL, key: string): Promise<JobView> {
  for (;;) {
    const view = (await requestJson(url, { key })) as JobView;
    if (view.status !== "queued" && view.status !== "running") return view;
    if (context.io.signal.aborted) throw new MinerError("stopped", "The job goes on without this command.");
    await pause(pollMs);
  }
}

/** `lode client refund` */
function addRefund(client: Command, io: Io): void {
  const command = client
    .command("refund")
    .argument("<job>", "the number in ZkJobs of a job whose deadline is over")
    .description("take back the price of a classification that nobody proved");
  addActOptions(command, { examples: ["lode client refund 7", "lode client refund 7 --dry-run"] });
  command.action(async (job: string) => {
    const context = new Context(io, command);
    if (!/^[1-9]\d{0,18}$/.test(job)) throw usage("A job is a number from 1.");
    const [self, chain] = [await context.address(), await context.chain()];
    const contract = { address: zkJobsOf(chain), abi: zkJobsAbi };
    const what = `refund job ${job}`;
    const plan = {
      acts: [{ what, contract, functionName: "refund", args: [BigInt(job)] }],
      readings: [readingsOf(chain.contracts).wallet(self)],
    };
    context.report(await context.act(chain, plan), { client: self, job }, `Done: ${what}.`);
  });
}

function zkJobsOf({ addresses: { zkJobs } }: ChainReader): Hex {
  if (zkJobs !== undefined) return zkJobs;
  throw new MinerError("no_contract", "No contract on this chain takes proofs.", { exitCode: exitCode.usage });
}
