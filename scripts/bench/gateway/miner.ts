/**
 * A miner as it is shipped, with an engine that asks the benchmark's stub upstream instead of a model: a token is a chunk.
 * Reads the miner's usual environment and UPSTREAM.
 */
import { loadAddresses } from "@lode/sdk/addresses";
import { keystoreAddress, readPassword, unlockKeystore } from "@lode/sdk/keys";
import { keccak } from "@lode/sdk/hash";
import { MinerStore, runDaemon, Station } from "@lode/miner/daemon";
import type { Engine, GenerateEvent, GenerateRequest } from "@lode/miner/engines";
import { Pool } from "undici";
import { openChain } from "../../../miner/src/chain/chain.ts";

const CONCURRENCY = 48;

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

// The client that the bare proxy uses, too.
const pool = new Pool(setting("UPSTREAM"), { connections: 256, pipelining: 1 });
const inputIds = [1, 2, 3, 4, 5, 6, 7, 8];
const marker = '"content":" word"';

async function ask(maxTokens: number, signal: AbortSignal): Promise<AsyncIterable<string>> {
  const { body } = await pool.request({
    path: "/v1/chat/completions",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ stream: true, max_tokens: maxTokens, messages: [{ role: "user", content: "Hello" }] }),
    signal,
  });
  return body.setEncoding("utf8") as AsyncIterable<string>;
}

async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
  yield { type: "prompt", tokenIds: inputIds };
  let count = request.prefixTokens.length;
  let rest = "";
  for await (const data of await ask(request.maxTokens, signal)) {
    rest += data;
    for (let at = rest.indexOf(marker); at >= 0; at = rest.indexOf(marker)) {
      rest = rest.slice(at + marker.length);
      yield { type: "token", id: 100 + (count++ % 1000), text: " word" };
    }
  }
  yield { type: "end", reason: "length" };
}

const stopped = Promise.withResolvers<undefined>();
const engine: Engine = {
  info: {
    modelDigest: keccak(Buffer.from("stub weights")),
    engineId: "stub",
    engineClass: keccak(Buffer.from("stub engine")),
    verification: "none",
    contextTokens: 4096,
    modelName: "stub",
    sequences: CONCURRENCY,
    sizeBytes: 1,
  },
  start: generate,
  embed: () => Promise.reject(new Error("the stub has no vectors")),
  stopped: stopped.promise,
  close: async () => stopped.resolve(undefined),
};

const home = setting("LODE_HOME");
const file = `${home}/wallet.json`;
const password = await readPassword({ file: setting("KEYSTORE_PASSWORD_FILE"), env: undefined });
const signer = await unlockKeystore(file, password);
const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
const store = await MinerStore.open(home, (message) => console.error(message));
await runDaemon({
  coordinatorUrls: [setting("COORD_URL")],
  chain: await openChain(setting("RPC_URL"), loadAddresses(setting("ADDRESSES_FILE"))),
  miner: await keystoreAddress(file),
  signer,
  models: [{ id: "stub", engine }],
  store,
  station: new Station(CONCURRENCY),
  pollSecs: 3,
  machineMetrics: () => ({ cpu_load_pct: 0, memory_used_mb: 0, memory_total_mb: 0, gpus: [] }),
  energyMark: () => undefined,
  askInputWei: 0n,
  askOutputWei: 0n,
  hardware: {},
  version: "bench",
  signal: stop.signal,
  nowMs: Date.now,
  steadyMs: () => performance.now(),
  random: Math.random,
  emit: (event) => {
    // What a job tells of itself is not what is measured here; what goes wrong must be seen.
    if (["refused", "rejected", "distrust", "warning", "disconnected"].includes(event.event)) {
      console.error(JSON.stringify(event));
    }
  },
});
await store.close();
process.exit(0);
