import { readFile } from "node:fs/promises";
import type { Hex } from "@lode/sdk/hash";
import type { Command } from "commander";
import { MinerStore, openServing, runDaemon, type JobCaps, type MinerEvent } from "../../daemon/index.ts";
import { openEngine, type Engine } from "../../engines/index.ts";
import { exitCode, MinerError } from "../../errors.ts";
import { detectHere, summaryOf } from "../../hardware/index.ts";
import { resolveModel } from "../../store/index.ts";
import { parseAmount, showAmount } from "../amounts.ts";
import { usage } from "../arguments.ts";
import { Context } from "../context.ts";
import type { Io } from "../io.ts";

const version = "0.1.0";

interface StartOptions {
  readonly coordinator?: string;
  readonly model: string;
  readonly name?: string;
  readonly miner?: string;
  readonly cert?: string;
  readonly certKey?: string;
  readonly concurrency?: string;
  readonly context?: string;
  readonly maxMemoryMb?: string;
  readonly maxJobSeconds?: string;
  readonly maxJobCpuSeconds?: string;
  readonly askInput: string;
  readonly askOutput: string;
}

function wholeNumber(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new MinerError("usage", `${name} must be a whole number from ${least} to ${most}.`, {
    exitCode: exitCode.usage,
  });
}

function describe(event: MinerEvent): string {
  switch (event.event) {
    case "connected":
      return `connected to ${event.url}`;
    case "disconnected":
      return `link lost: ${event.reason}; trying again in ${event.retryInSecs} s`;
    case "job":
      return `job ${event.assignment.slice(0, 10)}${event.offset > 0 ? `, continuing at token ${event.offset}` : ""}`;
    case "refused":
      return `refused ${event.assignment.slice(0, 10)}: ${event.message}`;
    case "receipt":
      return `receipt ${event.assignment.slice(0, 10)}: ${event.outputTokens} tokens, ${showAmount(BigInt(event.amountWei))}`;
    case "accepted":
      return `accepted ${event.assignment.slice(0, 10)}: entry ${event.logIndex} of the log`;
    case "rejected":
      return `rejected ${event.assignment.slice(0, 10)}: ${event.message}`;
    case "voucher":
      return `voucher: ${showAmount(BigInt(event.cumulativeWei))} for ${event.count} receipts`;
    case "distrust":
      return `NO MORE WORK for this coordinator: ${event.problem}`;
    case "warning":
      return `warning: ${event.message}`;
  }
}

/** `lode miner start` */
export function addMiner(program: Command, io: Io): void {
  const miner = program.command("miner").description("serve models and earn");
  miner
    .command("start")
    .description("serve a model to a coordinator until stopped; running jobs end first")
    .option("--coordinator <url>", "the coordinator's URL (or COORD_URL)")
    .option(
      "--model <model>",
      "embedded, a GGUF file, one of lode model list, or hf:owner/repo/file.gguf (or MODEL)",
      "embedded",
    )
    .option("--name <id>", "name that clients ask for; the model's own unless given")
    .option("--miner <address>", "the staker, when this wallet is only its operator (or WALLET_ADDR)")
    .option("--cert <file>", "certificate for a coordinator that asks for one, PEM (or MINER_CERT_FILE)")
    .option("--cert-key <file>", "the certificate's private key, PEM (or MINER_CERT_KEY_FILE)")
    .option("--concurrency <n>", "jobs at the same time (or MAX_CONCURRENCY, 1)")
    .option("--context <tokens>", "context of each job; the model's own unless given")
    .option("--max-memory-mb <n>", "most memory the engine may take (or MAX_MEMORY_MB); what is free unless given")
    .option("--max-job-seconds <n>", "longest that a job may have its slot (or MAX_JOB_SECS); no limit unless given")
    .option("--max-job-cpu-seconds <n>", "most processor time of a job (or MAX_JOB_CPU_SECS); no limit unless given")
    .option("--ask-input <amount>", "least price for a token read", "0wei")
    .option("--ask-output <amount>", "least price for a token made", "0wei")
    .addHelpText(
      "after",
      "\nReads HOME/miner.env (NAME=value lines) where the environment has no value.\n\nExamples:\n  lode miner start --coordinator http://127.0.0.1:8402\n  lode miner start --model ~/models/llama.Q8_0.gguf --concurrency 4\n  lode miner start --coordinator https://coordinator.example --cert miner.crt --cert-key miner.key",
    )
    .action(async (options: StartOptions, command: Command) => {
      const context = new Context(io, command);
      const { env } = context;
      const url = options.coordinator ?? env["COORD_URL"];
      if (url === undefined || !URL.canParse(url)) {
        throw new MinerError("usage", "Name the coordinator: --coordinator http://127.0.0.1:8402", {
          exitCode: exitCode.usage,
        });
      }
      const concurrency = wholeNumber(options.concurrency ?? env["MAX_CONCURRENCY"] ?? "1", "--concurrency", 1, 48);
      const contextTokens =
        options.context === undefined ? undefined : wholeNumber(options.context, "--context", 64, 1_000_000);
      const maxMemoryMb = whole(options.maxMemoryMb ?? env["MAX_MEMORY_MB"], "--max-memory-mb", 1e9);
      const caps = capsOf(options, env);
      const certificate = await certificateOf(options, env);
      const signer = await context.signer();
      const chain = await context.chain();
      const staker = (options.miner ?? env["WALLET_ADDR"] ?? signer.address).toLowerCase() as Hex;
      const emit = (event: MinerEvent): void => io.out(context.json ? JSON.stringify(event) : describe(event));
      const modelName = options.model === "embedded" ? (env["MODEL"] ?? "embedded") : options.model;
      const model = await resolveModel(modelName, context.models(), {
        signal: io.signal,
        onRemoved: (names) => emit({ event: "warning", message: `removed to make room: ${names.join(", ")}` }),
      });
      const store = await MinerStore.open(context.home, (message) => emit({ event: "warning", message }));
      let engine: Engine | undefined;
      try {
        const hardware = await detectHere();
        const started = await openServing({
          ...{ modelPath: model.path, contextTokens, sequences: concurrency, maxMemoryMb, hardware, open: openEngine },
          warn: (message) => emit({ event: "warning", message }),
        });
        engine = started;
        // What the engine has read is what the store verified: nobody changed the file in between.
        if (model.sha256 !== undefined && started.info.modelDigest !== `0x${model.sha256}`) {
          throw new MinerError("model-corrupt", `The file of ${modelName} changed.`, { exitCode: exitCode.model });
        }
        context.note(`${started.info.modelName}: ${started.info.engineId}`);
        const stop = new AbortController();
        const died = started.stopped.then((error) => {
          stop.abort();
          if (error !== undefined) throw error;
        });
        died.catch(() => undefined);
        await runDaemon({
          coordinatorUrl: url,
          certificate,
          chain,
          miner: staker,
          signer,
          engine: started,
          modelId: options.name ?? slug(started.info.modelName),
          store,
          // Memory may have room for less than was asked for.
          concurrency: started.info.sequences,
          caps,
          askInputWei: parseAmount(options.askInput),
          askOutputWei: parseAmount(options.askOutput),
          hardware: summaryOf(hardware),
          version,
          signal: AbortSignal.any([io.signal, stop.signal]),
          nowMs: Date.now,
          random: Math.random,
          emit,
        });
        if (!io.signal.aborted) await died;
      } finally {
        await engine?.close();
        await store.close();
        await model.release();
      }
    });
}

/** The certificate that a coordinator may ask for. Throws MinerError. */
async function certificateOf({ cert, certKey }: StartOptions, env: Io["env"]) {
  const files = [cert ?? env["MINER_CERT_FILE"] ?? "", certKey ?? env["MINER_CERT_KEY_FILE"] ?? ""] as const;
  if (files.every((file) => file === "")) return undefined;
  if (files.includes("")) throw usage("A certificate needs its key: give --cert and --cert-key.");
  const [certPem, keyPem] = await Promise.all(
    files.map(async (file) => {
      try {
        return await readFile(file);
      } catch (cause) {
        throw usage(`${file} cannot be read.`, cause);
      }
    }),
  );
  return certPem === undefined || keyPem === undefined ? undefined : { cert: certPem, key: keyPem };
}

/** A limit that may be left out. */
function whole(text: string | undefined, name: string, most: number): number | undefined {
  return text === undefined ? undefined : wholeNumber(text, name, 1, most);
}

function capsOf(options: StartOptions, env: Io["env"]): JobCaps {
  const seconds = whole(options.maxJobSeconds ?? env["MAX_JOB_SECS"], "--max-job-seconds", 1e6);
  const cpuSeconds = whole(options.maxJobCpuSeconds ?? env["MAX_JOB_CPU_SECS"], "--max-job-cpu-seconds", 1e6);
  return {
    wallMs: seconds === undefined ? undefined : seconds * 1000,
    cpuMs: cpuSeconds === undefined ? undefined : cpuSeconds * 1000,
  };
}

/** A model's name as an id: what a URL or a JSON field can hold. */
function slug(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9._:/-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "");
  return id === "" ? "model" : id.slice(0, 128);
}
