import { join } from "node:path";
import { keystoreAddress, unlockKeystore, readPassword, createKeystore, KeystoreError } from "@lode/sdk/keys";
import { LodeError } from "@lode/sdk/errors";
import type { FastifyInstance } from "fastify";
import { buildApp } from "./app.ts";
import { Book } from "./domain/settlement/index.ts";
import { openChain } from "./plugins/app/chain/chain.ts";
import { openLedger } from "./plugins/app/ledger/ledger.ts";
import { openFactStore } from "./plugins/app/store/fact-store.ts";
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

const sweepMs = 5_000;
const answerSweepMs = 3_600_000;
/** How long jobs whose links are closed may take to write their end. */
const closingMs = 5_000;

/** The keystores of a home: the staked operator key, and the key that signs for clients. */
export async function openWallets(config: Config, create = false) {
  const password = await readPassword({ file: config.passwordFile, env: config.password });
  const files = { operator: join(config.home, "operator.json"), session: join(config.home, "session.json") };
  for (const [name, file] of Object.entries(files)) {
    try {
      await keystoreAddress(file);
    } catch (error) {
      const isMissing = error instanceof KeystoreError && error.code === "no_keystore";
      // The session key is this process's own; the operator key holds the stake and is made on purpose only.
      if (!isMissing || (name === "operator" && !create)) throw error;
      await createKeystore(password, { file });
    }
  }
  const [operator, session] = await Promise.all([
    unlockKeystore(files.operator, password),
    unlockKeystore(files.session, password),
  ]);
  return { operator, session };
}

/** Starts a coordinator and resolves when it answers. */
export async function startCoordinator(config: Config, options: StartOptions): Promise<Coordinator> {
  const nowMs = options.nowMs ?? Date.now;
  const warnings: string[] = [];
  let warn = (message: string): void => void warnings.push(message);
  const { operator, session } = await openWallets(config);
  const coordinator = operator.address;
  const { addresses, rpcUrl, chainPollMs } = config;
  const chain = await openChain({
    rpcUrl,
    addresses,
    coordinator,
    sessionSigner: session.address,
    operator,
    pollMs: chainPollMs,
    warn: (message) => warn(message),
  });
  const book = new Book(coordinator);
  const store = await openFactStore(book, {
    home: config.home,
    databaseUrl: config.databaseUrl,
    warn: (message) => warn(message),
    onFailure: (error) => options.onFatal(error),
  });
  const prices = { inputPriceWei: config.inputPriceWei, outputPriceWei: config.outputPriceWei, feePpm: config.feePpm };
  const ledger = await openLedger({ coordinator, operator, session, chain, book, store, prices, nowMs });
  const app = await buildApp({ config, ledger, chain, nowMs });
  warn = (message) => app.log.warn(message);
  for (const message of warnings) app.log.warn(message);
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (cause) {
    await Promise.allSettled([app.close(), store.close()]);
    chain.close();
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    const message = `Port ${config.port} on ${config.host} is in use; stop what listens there or set PORT.`;
    throw new LodeError("port_in_use", message, { cause, exitCode: 8 });
  }
  const report = (error: unknown): void => app.log.warn({ err: error }, "a periodic task failed; it is tried again");
  const stopAnchoring = runPeriodically(config.anchorSecs * 1000, () => ledger.anchor(), report);
  const stopSweeping = runPeriodically(sweepMs, () => ledger.voidOverdue(), report);
  const stopForgetting = runPeriodically(answerSweepMs, () => app.answers.sweep(), report);
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
      await Promise.all([stopAnchoring(), stopSweeping(), stopForgetting()]);
      chain.close();
      await store.close();
    },
  };
}
