/**
 * A miner that serves a cheaper model than it signs for: it computes with one file and says the digest of another. Started by the
 * fraud demo and its test; what an honest `lode miner start` has no switch for.
 *
 * Environment: LODE_HOME, KEYSTORE_PASSWORD_FILE, RPC_URL, ADDRESSES_FILE, COORD_URL as for `lode miner start`;
 * CHEAT_SERVES a GGUF file that is computed with, CHEAT_CLAIMS the one that is claimed; CHEAT_HIDES=1 shows nobody a transcript,
 * CHEAT_LIES=1 shows another one than it signed for.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openEngine, type Engine } from "@lode/miner/engines";
import { findDisclosure, machineMetrics, MinerStore, runDaemon, runDisclosing, Station } from "@lode/miner/daemon";
import { loadAddresses } from "@lode/sdk/addresses";
import type { Hex } from "@lode/sdk/hash";
import { unlockKeystore } from "@lode/sdk/keys";
import { openChain } from "../../../miner/src/chain/chain.ts";
import { postData } from "../../../miner/src/chain/post.ts";

function need(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}

const home = need("LODE_HOME");
const rpcUrl = need("RPC_URL");
const coordinatorUrl = need("COORD_URL");
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
const say = (event: unknown): void => console.log(JSON.stringify(event));
const warn = (message: string): void => say({ event: "warning", message });

const password = readFileSync(need("KEYSTORE_PASSWORD_FILE"), "utf8").trim();
const signer = await unlockKeystore(join(home, "wallet.json"), password);
const chain = await openChain(rpcUrl, loadAddresses(need("ADDRESSES_FILE")));
const served = await openEngine({ modelPath: need("CHEAT_SERVES"), sequences: 4 });
const claimed: Hex = `0x${createHash("sha256")
  .update(readFileSync(need("CHEAT_CLAIMS")))
  .digest("hex")}`;
// Both files are of one engine class: it says how a model is computed, not which.
const engine: Engine = { ...served, info: { ...served.info, modelDigest: claimed } };
const store = await MinerStore.open(home, warn);
const options = {
  chain,
  miner: signer.address,
  signer,
  store,
  nowMs: Date.now,
  steadyMs: () => performance.now(),
  signal: stop.signal,
};

const disclosing =
  process.env["CHEAT_HIDES"] === "1"
    ? undefined
    : runDisclosing({
        ...options,
        coordinatorUrls: [coordinatorUrl],
        post: (data) => postData(chain, rpcUrl, signer, data),
        answerDemand: async () => undefined,
        letterSecs: 0.5,
        warn,
        find: process.env["CHEAT_LIES"] === "1" ? changed : (receipt) => findDisclosure(store, receipt),
      });
await runDaemon({
  ...options,
  coordinatorUrls: [coordinatorUrl],
  models: [{ id: "lode-demo", engine }],
  station: new Station(served.info.sequences),
  pollSecs: 3,
  machineMetrics: () => machineMetrics(undefined, 0, { joules: undefined, tokensPerKj: undefined }),
  energyMark: () => undefined,
  askInputWei: 0n,
  askOutputWei: 0n,
  hardware: {},
  version: "0.1.0",
  random: Math.random,
  emit: say,
});
await disclosing;
await served.close();
await store.close();

/** A transcript with one token changed, as somebody would who has computed the right answer afterwards. */
async function changed(receipt: Hex): ReturnType<typeof findDisclosure> {
  const found = await findDisclosure(store, receipt);
  if (found === undefined) return undefined;
  const [first = 0, ...rest] = found.transcript.outputIds;
  return { ...found, transcript: { ...found.transcript, outputIds: [first + 1, ...rest] } };
}
