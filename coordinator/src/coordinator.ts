import { join } from "node:path";
import {
  keystoreAddress,
  unlockKeystore,
  readPassword,
  createKeystore,
  KeystoreError,
  type Signer,
} from "@lode/sdk/keys";
import { explainSystemError, LodeError } from "@lode/sdk/errors";
import type { FastifyInstance } from "fastify";
import { buildApp } from "./app.ts";
import { Book } from "./domain/settlement/index.ts";
import { openChain } from "./plugins/app/chain/chain.ts";
import { Turns } from "./plugins/app/chain/turns.ts";
import { ForeignAnchorError } from "./plugins/app/ledger/errors.ts";
import { openLedger } from "./plugins/app/ledger/ledger.ts";
import type { SlabOptions, Slabs } from "./plugins/app/slabs/open.ts";
import { openFactStore } from "./plugins/app/store/fact-store.ts";
import type { Metrics } from "./plugins/external/metrics.ts";
import type { Config } from "./plugins/external/config.ts";
import { runPeriodically } from "./workers/periodic.ts";

/** A running coordinator. */
export interface Coordinator {
  readonly app: FastifyInstance;
  readonly url: string;
  /** Takes no new jobs, lets running streams end for a bounded time, and closes everything in order. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Called when facts can no longer be made durable; the process must end. */
  onFatal(error: unknown): void;
  nowMs?: () => number;
}

/** Loaded where slabs are taken: their curve and their hash take memory that nobody else needs. */
const openSlabs = async (options: SlabOptions): Promise<Slabs> =>
  (await import("./plugins/app/slabs/open.ts")).openSlabs(options);

const sweepMs = 5_000;
/** How often the federation's other coordinators are asked what they serve. */
const peersMs = 30_000;
const answerSweepMs = 3_600_000;
/** How often it is written down how long the home lived. */
const livedMs = 60_000;
/** How long jobs whose links are closed may take to write their end. */
const closingMs = 5_000;

/**
 * The keystores of a home: the staked operator key, the key that signs for clients, and where there is one the host's,
 * staked as a miner, which signs for miners that poll.
 * @param create those that hold a stake, which are made on purpose only
 */
export async function openWallets(config: Config, create: readonly ("operator" | "host")[] = []) {
  if (config.passwordFile === undefined && (config.password ?? "") === "") {
    throw new KeystoreError("no_password", "No password: set KEYSTORE_PASSWORD_FILE or KEYSTORE_PASSWORD.");
  }
  const password = await readPassword({ file: config.passwordFile, env: config.password });
  const fileOf = (name: string): string => join(config.home, `${name}.json`);
  const open = async (name: "operator" | "session" | "host"): Promise<Signer> => {
    const file = fileOf(name);
    if (!(await hasKeystore(file)) && (name === "session" || create.includes(name))) {
      await createKeystore(password, { file });
    }
    try {
      return await unlockKeystore(file, password);
    } catch (error) {
      throw inItsWords(error, file);
    }
  };
  const [operator, session] = [await open("operator"), await open("session")];
  const isHost = create.includes("host") || (await hasKeystore(fileOf("host")));
  return { operator, session, host: isHost ? await open("host") : undefined };
}

/** The keystores' own advice names commands and options of `lode`, which a coordinator does not have. */
function inItsWords(error: unknown, file: string): unknown {
  const code = error instanceof KeystoreError ? error.code : undefined;
  if (code === "wrong_password") {
    const message = `The password does not open ${file}; check KEYSTORE_PASSWORD_FILE or KEYSTORE_PASSWORD.`;
    return new KeystoreError(code, message, error);
  }
  if (code === "no_keystore") {
    const host = file.endsWith("host.json") ? " --host" : "";
    const message = `There is no keystore at ${file}; make it with \`lode-coordinator init${host}\`, or set LODE_HOME.`;
    return new KeystoreError(code, message, error);
  }
  return error;
}

async function hasKeystore(file: string): Promise<boolean> {
  try {
    await keystoreAddress(file);
    return true;
  } catch (error) {
    if (error instanceof KeystoreError && error.code === "no_keystore") return false;
    throw error;
  }
}

/** Starts a coordinator and resolves when it answers. */
export async function startCoordinator(config: Config, options: StartOptions): Promise<Coordinator> {
  const nowMs = options.nowMs ?? Date.now;
  const warnings: string[] = [];
  let warn = (message: string): void => void warnings.push(message);
  const { operator, session, host } = await openWallets(config);
  const coordinator = operator.address;
  const { addresses, rpcUrl, chainPollMs } = config;
  const turns = new Turns();
  const chain = await openChain({
    turns,
    rpcUrl,
    addresses,
    coordinator,
    sessionSigner: session.address,
    operator,
    pollMs: chainPollMs,
    warn: (message) => warn(message),
  });
  if (!(await chain.hasStake())) {
    const stake = `lode stake 5000 --role coordinator --wallet ${join(config.home, "operator.json")}`;
    warn(`${coordinator} has no stake as a coordinator: no miner works for it, and nothing is anchored; run ${stake}`);
  }
  const book = new Book(coordinator);
  const store = await openFactStore(book, {
    home: config.home,
    databaseUrl: config.databaseUrl,
    warn: (message) => warn(message),
    onFailure: (error) => options.onFatal(error),
  });
  const figures: { metrics?: Metrics } = {};
  const slabs =
    config.slabs &&
    (await openSlabs({
      ...{ home: config.home, rpcUrl, addresses, operator, turns, nowMs, policy: config.slabs },
      prover: config.slabs.prover,
      onAccepted: () => figures.metrics?.slabVoucher(),
      onSettled: ({ totalWei }) => figures.metrics?.slabSettled(totalWei),
      warn: (message) => warn(message),
    }));
  const prices = { inputPriceWei: config.inputPriceWei, outputPriceWei: config.outputPriceWei, feePpm: config.feePpm };
  const ledger = await openLedger({
    coordinator,
    operator,
    session,
    host,
    chain,
    book,
    store,
    prices,
    slabs: slabs?.desk,
    nowMs,
    selfSignedCreditWei: config.selfSignedCreditWei,
  });
  const app = await buildApp({ config, ledger, chain, host, nowMs });
  figures.metrics = app.metrics;
  if (slabs !== undefined) app.metrics.watchSlabs(() => slabs.worker.figures);
  warn = (message) => app.log.warn(message);
  for (const message of warnings) app.log.warn(message);
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (cause) {
    await Promise.allSettled([app.close(), store.close(), slabs?.close()]);
    chain.close();
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE") throw explainSystemError(cause) ?? cause;
    const message = `Port ${config.port} on ${config.host} is in use; stop what listens there or set PORT.`;
    throw new LodeError("port_in_use", message, { cause, exitCode: 8 });
  }
  const report = (error: unknown): void => app.log.warn({ err: error }, "a periodic task failed; it is tried again");
  // Trying again mends nothing here, and each further signature could be one too many.
  const reportAnchor = (error: unknown): void =>
    error instanceof ForeignAnchorError ? options.onFatal(error) : report(error);
  const stopAnchoring = runPeriodically(config.anchorSecs * 1000, () => ledger.anchor(), reportAnchor);
  const sweep = async (): Promise<void> => {
    await ledger.voidOverdue(new Set(app.hub.unsettled));
    await ledger.finishReturn();
  };
  const stopSweeping = runPeriodically(sweepMs, sweep, reportAnchor);
  const stopAsking = runPeriodically(peersMs, () => app.federation.refresh(), report);
  void app.federation.refresh().catch(report);
  const stopForgetting = runPeriodically(answerSweepMs, () => app.answers.sweep(), report);
  // What an earlier process kept counts from now on.
  void app.answers.sweep().catch(report);
  void app.lived.save().catch(report);
  const stopLiving = runPeriodically(livedMs, () => app.lived.save(), report);
  const settle = async (): Promise<void> => {
    try {
      await slabs?.worker.settleDue();
    } catch (error) {
      app.metrics.slabFailed();
      throw error;
    }
  };
  const stopSettling =
    config.slabs === undefined ? undefined : runPeriodically(config.slabs.everySecs * 1000, settle, report);
  const address = app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : config.port;
  return {
    app,
    url: `${config.tls === undefined ? "http" : "https"}://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`,
    async stop() {
      app.hub.refuseNew();
      await app.relay.drain(config.stopSecs * 1000);
      await app.close();
      // Jobs that lost their miners with the links still write how they ended.
      await app.relay.drain(closingMs);
      await Promise.all([stopAnchoring(), stopSweeping(), stopAsking(), stopForgetting(), stopLiving()]);
      // A settlement that is being proved is not waited for: the next start goes on with it.
      void stopSettling?.();
      chain.close();
      await Promise.all([store.close(), slabs?.close()]);
    },
  };
}
