import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { gunzipSync } from "node:zlib";
import { anvilSigner, devnetChainId } from "@lode/sdk/keys";
import { createTestClient, createWalletClient, http, publicActions } from "viem";
import { foundry } from "viem/chains";
import type { Processes, Running } from "../processes/processes.ts";
import { untilReady } from "../processes/ready.ts";

export interface Devnet {
  readonly url: string;
  readonly process: Running;
  readonly client: ReturnType<typeof makeClient>;
  /** Writes the chain's state beside its final name and renames it, so that a kill leaves the old state or the new. */
  save(file: string): Promise<void>;
}

export interface AnvilOptions {
  readonly port: number;
  /** A state saved before; a new chain begins when the file is not there. */
  readonly from: string | undefined;
  readonly logFile: string;
  /** Another chain id than the devnet's, to rehearse what will be done there. */
  readonly chainId?: number;
}

/**
 * Starts a development chain. It mines a block for each transaction.
 * @throws {ProcessFailedError} when it ends at once: another program may have taken the port
 */
export async function startAnvil(
  processes: Processes,
  { port, from, logFile, chainId = devnetChainId }: AnvilOptions,
): Promise<Devnet> {
  const url = `http://127.0.0.1:${port}`;
  const load = from !== undefined && existsSync(from) ? ["--load-state", from] : [];
  const process = processes.start({
    name: "chain",
    command: anvilBinary(),
    args: ["--port", `${port}`, "--chain-id", `${chainId}`, ...load],
    logFile,
  });
  const client = makeClient(url);
  // Its own word and no answer from the port: another chain may have taken that between the choice and the start.
  await untilReady(process, async () => (process.lastLines(3).includes("Listening on") ? true : undefined));
  await client.setLoggingEnabled(false);
  return { url, process, client, save: (file) => save(client, file) };
}

/**
 * Saves the chain's state before it is stopped, and whenever a block was added, looking once a second: what a kill can
 * lose is that second.
 * @returns a function that saves at once
 */
export function keepSaved(chain: Devnet, file: string): () => Promise<void> {
  let saved: bigint | undefined;
  let running = Promise.resolve();
  const saveNow = (): Promise<void> =>
    (running = running.then(async () => {
      const block = await chain.client.getBlockNumber({ cacheTime: 0 });
      if (block === saved) return;
      await chain.save(file);
      saved = block;
    }));
  const timer = setInterval(() => {
    if (!chain.process.isAlive()) clearInterval(timer);
    else void saveNow().catch(() => (running = Promise.resolve()));
  }, 1_000);
  timer.unref();
  chain.process.beforeStop(saveNow);
  return saveNow;
}

/** The funds of the devnet's first account, which deploys the contracts and gives away its tokens. */
export function deployer(url: string): ReturnType<typeof makeDeployer> {
  return makeDeployer(url);
}

function makeDeployer(url: string) {
  const account = anvilSigner(0, devnetChainId).toViemAccount();
  return createWalletClient({ account, chain: foundry, transport: http(url) }).extend(publicActions);
}

function makeClient(url: string) {
  return createTestClient({ mode: "anvil", chain: foundry, transport: http(url), pollingInterval: 50 }).extend(
    publicActions,
  );
}

async function save(client: ReturnType<typeof makeClient>, file: string): Promise<void> {
  const dump = await client.dumpState();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.half`, gunzipSync(Buffer.from(dump.slice(2), "hex")));
  renameSync(`${file}.half`, file);
}

/** The program itself instead of npm's wrapper around it, so that there is one process to watch and to stop. */
function anvilBinary(): string {
  const machine = process.arch === "x64" ? "amd64" : process.arch;
  const suffix = process.platform === "win32" ? ".exe" : "";
  const name = `@foundry-rs/anvil-${process.platform}-${machine}/bin/anvil${suffix}`;
  return createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json")).resolve(name);
}
