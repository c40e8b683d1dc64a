/**
 * One juror in a process of its own that kills itself with SIGKILL: around its first transaction, `before` it leaves or `after`;
 * before its Nth question to the node, `call:N`; when its first record is on the disk, `written` (or before a transaction that comes first); or `never`.
 * Started by kill.test.ts. Arguments: RPC URL, addresses file, home folder, account, when.
 */
import { loadAddresses } from "@lode/sdk/addresses";
import { anvilSigner } from "@lode/sdk/keys";
import { openChain } from "../../../miner/src/chain/chain.ts";
import { runVerifier, VerifierStore } from "../../../miner/src/verifier/index.ts";
import { modelDigest, scriptedEngine } from "./scripted-engine.ts";

const [rpcUrl = "", addressesFile = "", home = "", account = "", when = "never"] = process.argv.slice(2);
const die = (): boolean => process.kill(process.pid, "SIGKILL");
const send = globalThis.fetch;
const lastCall = when.startsWith("call:") ? Number(when.slice(5)) : Infinity;
let calls = 0;
globalThis.fetch = async (input, init) => {
  if (++calls === lastCall) die();
  const isTransaction = typeof init?.body === "string" && init.body.includes("eth_sendRawTransaction");
  if (isTransaction && (when === "before" || when === "written")) die();
  const answer = await send(input, init);
  if (isTransaction && when === "after") die();
  return answer;
};

const addresses = loadAddresses(addressesFile);
const signer = anvilSigner(Number(account), addresses.chainId);
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const store = await VerifierStore.open(home, () => undefined);
if (when === "written") {
  const { append } = store;
  store.append = async (record) => {
    await append.call(store, record);
    die();
  };
}
await runVerifier({
  ...{ chain: await openChain(rpcUrl, addresses), rpcUrl, self: signer.address, signer, store },
  ...{ coordinatorUrls: [], maxBondsWei: undefined, pollMs: 100, disclosureSecs: 3600 },
  engineOf: async (digest) => (digest === modelDigest ? scriptedEngine() : undefined),
  ...{ signal: stop.signal, nowMs: Date.now, emit: () => undefined },
});
await store.close();
