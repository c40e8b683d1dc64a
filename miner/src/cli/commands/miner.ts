import type { Hex } from "@lode/sdk/hash";
import { limits } from "@lode/protocol";
import type { Command } from "commander";
import { postData } from "../../chain/post.ts";
import { actQuietly } from "../../chain/quiet-act.ts";
import { MinerStore, runDaemon, runDisclosing, Station, type MinerEvent } from "../../daemon/index.ts";
import { usableBackends } from "../../engines/index.ts";
import { detectHere, summaryOf } from "../../hardware/index.ts";
import { parseAmount } from "../amounts.ts";
import { Context } from "../context.ts";
import { checkEnvironment } from "../config-file.ts";
import type { Io } from "../io.ts";
import { describe } from "../miner/describe.ts";
import { namesOf } from "../miner/model-names.ts";
import { demandOf, OnDemand } from "../miner/on-demand.ts";
import { openStarted, type Opened } from "../miner/open-engine.ts";
import { provingOf } from "../miner/proving.ts";
import {
  capsOf,
  certificateOf,
  conditionLimitsOf,
  coordinatorsOf,
  fingerprintsOf,
  servingOf,
  whole,
  type StartOptions,
} from "../miner/start-options.ts";
import { trustClassOf } from "../miner/sandbox.ts";
import { startWatching, type Watching } from "../miner/watching.ts";

const version = "0.1.0";
/** Proxies that allow no WebSocket seldom hold an answer for long. */
const usualPollSecs = 3;
/** Jurors and verifiers wait for hours. */
const usualLetterSecs = 10;

/** `lode miner start` */
export function addMiner(program: Command, io: Io): void {
  const miner = program.command("miner").description("serve models and earn");
  miner
    .command("start")
    .description("serve models to a coordinator until stopped; running jobs end first")
    .option("--coordinator <url>", "a coordinator's URL; once for each (or COORD_URL, with commas)", listed)
    .option(
      "--model <model>",
      "embedded (the default), a GGUF file, one of lode model list, hf:owner/repo/file.gguf, or bench for words without a model; once for each (or MODEL, with commas)",
      listed,
    )
    .option("--upstream <url>", "serve a model of a server that speaks OpenAI's API instead (or UPSTREAM_URL)")
    .option("--upstream-model <name>", "the server's name for it (or UPSTREAM_MODEL)")
    .option("--upstream-kind <kind>", "text, or image for a server that makes pictures (or UPSTREAM_KIND, text)")
    .option("--name <id>", "name that clients ask for, once for each model; the model's own unless given", listed)
    .option("--on-demand", "serve models of lode model list too when clients ask for them (or ON_DEMAND=yes)")
    .option(
      "--fetch <source>",
      "fetch a model from there when clients ask for it: hf:owner/repo/file.gguf, or a URL with #sha256= and its digest; once for each (or FETCH, with commas)",
      listed,
    )
    .option("--fetch-gb <n>", "disk that fetched models may take together (or FETCH_GB, 20)")
    .option("--miner <address>", "the staker, when this wallet is only its operator (or WALLET_ADDR)")
    .option("--cert <file>", "certificate for a coordinator that asks for one, PEM (or MINER_CERT_FILE)")
    .option("--cert-key <file>", "the certificate's private key, PEM (or MINER_CERT_KEY_FILE)")
    .option("--concurrency <n>", "jobs at the same time (or MAX_CONCURRENCY, 1)")
    .option("--workers <n>", "processes that share these jobs, each on a core of its own (or WORKERS, 1)")
    .option("--context <tokens>", "context of each job; the model's own unless given")
    .option("--max-memory-mb <n>", "most memory the engine may take (or MAX_MEMORY_MB); what is free unless given")
    .option("--sandbox <mode>", "shut the engine in: auto, require or off (or SANDBOX, auto)")
    .option(
      "--max-job-memory-mb <n>",
      "most memory of a job beside the weights (or MAX_JOB_MEMORY_MB); no limit unless given",
    )
    .option("--max-job-seconds <n>", "longest that a job may have its slot (or MAX_JOB_SECS); no limit unless given")
    .option("--max-job-cpu-seconds <n>", "most processor time of a job (or MAX_JOB_CPU_SECS); no limit unless given")
    .option(
      "--fingerprints",
      "commit to the eight likeliest tokens of every position too: 64 bytes a token to whoever checks, and a miner of another kind of processor is cleared, or found, within some 50 tokens (or FINGERPRINTS=1)",
    )
    .option(
      "--metrics-port <n>",
      "serve figures for Prometheus at this port (or METRICS_PORT); not served unless given",
    )
    .option("--metrics-host <address>", "where to serve them", "127.0.0.1")
    .option(
      "--place <id>",
      "city where this machine stands, like frankfurt (or PLACE): work comes from near it, and what must stay in a region only to miners that say one",
    )
    .option("--ask-input <amount>", "least price for a token read", "0wei")
    .option("--ask-output <amount>", "least price for a token made", "0wei")
    .option("--prove <amount>", "prove classifications that pay this much or more, on the chain (or PROVE)")
    .option(
      "--prover <program>",
      "make the proofs with a program like rapidsnark's prover (or ZK_PROVER); snarkjs unless given",
    )
    .addHelpText(
      "after",
      "\nReads HOME/miner.env (NAME=value lines) where the environment has no value.\n\nExamples:\n  lode miner start --coordinator http://127.0.0.1:8402\n  lode miner start --model ~/models/llama.Q8_0.gguf --concurrency 4\n  lode miner start --model llama.Q8_0.gguf --model qwen.Q4_0.gguf   (loaded when there is work for them)\n  lode miner start --on-demand --fetch hf:owner/repo/model.Q8_0.gguf --fetch-gb 10\n  lode miner start --upstream http://127.0.0.1:11434 --upstream-model llama3.2 --concurrency 4\n  lode miner start --upstream http://127.0.0.1:8188 --upstream-model sdxl --upstream-kind image\n  lode miner start --coordinator https://coordinator.example --cert miner.crt --cert-key miner.key",
    )
    .action(async (options: StartOptions, command: Command) => {
      const context = new Context(io, command);
      const { env } = context;
      checkEnvironment(io.env);
      const coordinatorUrls = coordinatorsOf(options, env);
      const serving = servingOf(options, env);
      const caps = capsOf(options, env);
      const demand = demandOf(options, env);
      const fingerprints = fingerprintsOf(options, env);
      const certificate = await certificateOf(options, env);
      const metricsPort = whole(options.metricsPort ?? env["METRICS_PORT"], "--metrics-port", 65_535);
      const signer = await context.signer();
      const chain = await context.chain();
      const staker = (options.miner ?? env["WALLET_ADDR"] ?? signer.address).toLowerCase() as Hex;
      const classifications = await provingOf({ options, env, chain, rpcUrl: context.rpcUrl, miner: staker, signer });
      let watching: Watching | undefined;
      let disclosing: Promise<void> | undefined;
      const emit = (event: MinerEvent): void => {
        watching?.figures.count(event);
        io.out(context.json ? JSON.stringify(event) : describe(event));
      };
      for (const message of context.configWarnings) emit({ event: "warning", message });
      const store = await MinerStore.open(context.workFolder, (message) => emit({ event: "warning", message }));
      const models = context.models();
      let opened: Opened | undefined;
      let station: Station | undefined;
      let onDemand: OnDemand | undefined;
      const stop = new AbortController();
      try {
        const hardware = await detectHere();
        const ids = new Map<Hex, string>();
        opened = await openStarted({
          ...{ context, options, serving, hardware, isOpenEnded: demand !== undefined, backends: usableBackends() },
          warn: (message) => emit({ event: "warning", message }),
          onModel: (digest, isLoaded) => {
            emit({ event: "model", model: ids.get(digest) ?? digest, isLoaded });
            station?.announce();
          },
          onRoom: () => station?.announce(),
        });
        const { engines, isServer, cardVendors, stopped } = opened;
        const served = namesOf(engines, options.name);
        for (const { id, engine } of served) {
          ids.set(engine.info.modelDigest, id);
          context.note(`${id}: ${engine.info.engineId}`);
          if (fingerprints && engine.info.fingerprints !== true)
            emit({ event: "warning", message: `${id} has no fingerprints: its engine tells none` });
        }
        const died = Promise.race([stopped, store.broken]).then((error) => {
          stop.abort();
          if (error !== undefined) throw error;
        });
        died.catch(() => undefined);
        const signal = AbortSignal.any([io.signal, stop.signal]);
        // Memory may have room for less than was asked for.
        station = new Station(Math.max(...engines.map(({ info }) => info.sequences)));
        const minerId = env["MINER_ID"];
        const energyPrice = Number(env["ENERGY_RELATIVE_PRICE"] ?? 0);
        watching = await startWatching({
          ...{ station, hardware, signal, emit, engines, limits: conditionLimitsOf(env) },
          cardVendors,
          onMemory: (left) => {
            opened?.relieve?.(left).catch(() => undefined);
          },
          // A server behind the engine works the card for us.
          yieldsCard: env["YIELD_GPU"] !== "never" && !isServer,
          labels: {
            miner: staker,
            model: served.map(({ id }) => id).join(","),
            version,
            ...(minerId !== undefined && { miner_id: minerId }),
          },
          metrics: metricsPort === undefined ? undefined : { host: options.metricsHost, port: metricsPort },
        });
        const { figures, machineMetrics } = watching;
        for (const { id, engine } of served) {
          // One of several: a model alone is there as long as its engine.
          if (engine.loadMs !== undefined) emit({ event: "model", model: id, isLoaded: engine.isLoaded !== false });
        }
        const { openMore } = opened;
        if (demand !== undefined && openMore !== undefined) {
          onDemand = new OnDemand({
            ...{ demand, store: models, served, mostServed: limits.models, open: openMore, signal, nowMs: Date.now },
            onServed: ({ id, engine }) => {
              ids.set(engine.info.modelDigest, id);
              emit({ event: "model", model: id, isLoaded: true });
              station?.announce();
            },
            warn: (message) => emit({ event: "warning", message }),
          });
        }
        disclosing = runDisclosing({
          ...{ chain, coordinatorUrls, miner: staker, signer, store, signal, nowMs: Date.now },
          post: (data) => postData(chain, context.rpcUrl, signer, data),
          answerDemand: (id, opened) => {
            const args = [id, opened];
            const call = { contract: chain.contracts.demands, functionName: "answerOpening", args };
            return actQuietly(chain, context.rpcUrl, signer, [{ what: `answer demand ${id}`, ...call }]);
          },
          letterSecs: whole(env["LETTER_SECS"], "LETTER_SECS", 3600) ?? usualLetterSecs,
          warn: (message) => emit({ event: "warning", message }),
        });
        await runDaemon({
          coordinatorUrls,
          certificate,
          station,
          heartbeatSecs: whole(env["HEARTBEAT_SECS"], "HEARTBEAT_SECS", 3600),
          pollSecs: whole(env["JOB_POLL_SECS"], "JOB_POLL_SECS", 60) ?? usualPollSecs,
          machineMetrics,
          energyMark: () => figures.energy.mark(Date.now()),
          onWanted: async (market, wanted) => {
            const digests = wanted.map(({ digest }) => digest);
            await models.announce(market, digests);
            await opened?.prefer(digests);
            onDemand?.take(market, wanted);
          },
          chain,
          miner: staker,
          signer,
          models: served,
          store,
          caps,
          fingerprints,
          classifications,
          askInputWei: parseAmount(options.askInput),
          askOutputWei: parseAmount(options.askOutput),
          hardware: {
            ...summaryOf(hardware),
            ...trustClassOf(engines[0].info.sandbox),
            mode: isServer ? "upstream" : cardVendors().size > 0 ? "gpu" : "cpu",
            ...(minerId !== undefined && { miner_id: minerId }),
            ...(energyPrice > 0 && { energy_relative_price: energyPrice }),
          },
          place: options.place ?? env["PLACE"],
          version,
          signal,
          nowMs: Date.now,
          steadyMs: () => performance.now(),
          random: Math.random,
          emit,
        });
        if (!io.signal.aborted) await died;
      } finally {
        // Whatever ended the work, what goes on beside it waits for this word.
        stop.abort();
        await disclosing;
        await onDemand?.idle();
        await watching?.close();
        await opened?.close();
        await store.close();
      }
    });
}

/** For options that may be given several times. */
const listed = (value: string, values: readonly string[] | undefined): string[] => [...(values ?? []), value];
