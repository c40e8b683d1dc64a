import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "viem";
import { choosePort, startOnPort } from "../processes/ports.ts";
import type { Processes, Running } from "../processes/processes.ts";
import { keepSaved, startAnvil, type Devnet } from "./anvil.ts";
import { gas, lode, short } from "./amounts.ts";
import type { Addresses } from "@lode/sdk/addresses";
import { deployOnce } from "./contracts.ts";
import type { Display } from "./display.ts";
import { fund } from "./funds.ts";
import type { Layout } from "./layout.ts";
import { personAt, type Person } from "./people.ts";
import {
  gasOf,
  runLode,
  type CommandResult,
  stake,
  startCoordinator,
  startMiner,
  type CoordinatorProgram,
  type Surroundings,
} from "./programs.ts";
import { firstModel, untilMinersServe } from "./served.ts";

/** A market that is up: everything a client, a miner or an auditor needs to reach it. */
export interface Market extends Surroundings {
  readonly layout: Layout;
  readonly chain: Devnet;
  readonly addresses: Addresses;
  readonly coordinator: CoordinatorProgram;
  readonly coordinatorAddress: Address;
  readonly client: Person;
  readonly miners: readonly Person[];
  readonly model: string;
  /** An API key of the client. */
  readonly key: string;
  readonly processes: readonly Running[];
  /** Keeps what the chain is now for the next start. */
  saveChain(): Promise<void>;
}

export interface MarketOptions {
  /** Take the next free ports instead of failing. */
  readonly autoPort: boolean;
  /** Settings of the coordinator beyond the usual. */
  readonly coordinatorEnv?: Readonly<Record<string, string>> | ((port: number) => Readonly<Record<string, string>>);
}

const MINERS = 2;
const API_PORT = 8402;
const CHAIN_PORT = 8545;
const LODE = 10n ** 18n;
const GIFT = 20_000n;
const COORDINATOR_STAKE = 5_000n;
const MINER_STAKE = 500n;
const DEPOSIT = 5n;

/** Starts everything, or goes on from what an earlier start left. */
export async function openMarket(
  display: Display,
  processes: Processes,
  layout: Layout,
  options: MarketOptions,
): Promise<Market> {
  // The API's port is needed later; a taken one is better known before there is any work.
  for (const [what, port] of [
    ["chain", CHAIN_PORT],
    ["API", API_PORT],
  ] as const) {
    await choosePort(what, port, options.autoPort);
  }

  const chain = await display.step("Chain", async () => {
    const files = { from: layout.chainState, logFile: layout.log("chain") };
    const result = await startOnPort("chain", CHAIN_PORT, options.autoPort, (port) =>
      startAnvil(processes, { port, ...files }),
    );
    const block = await result.client.getBlockNumber();
    const age = block === 0n ? "a new development chain" : `the development chain goes on at block ${block}`;
    return { fact: `${age}, ${result.url}`, result };
  });
  const saveChain = keepSaved(chain, layout.chainState);

  const addresses = await display.step("Contracts", async (voice) => {
    voice.note("compiling when a source changed, deploying when the chain is new");
    const { addresses: result, fact, isNew } = await deployOnce(chain, layout.addresses);
    // Everybody's books speak of the contracts they were written for: with new ones everything begins anew.
    if (isNew) forgetPeople(layout);
    await saveChain();
    return { fact, result };
  });
  const around: Surroundings = { rpcUrl: chain.url, addressesFile: layout.addresses };

  const people = await display.step("Wallets", async (voice) => {
    voice.note("encrypting keys");
    const [coordinator, host, client, ...miners] = await Promise.all([
      personAt(layout.coordinator, "operator.json"),
      // Signs for miners that poll; it is a wallet of the coordinator's, staked as a miner.
      personAt(layout.coordinator, "host.json"),
      personAt(layout.client),
      ...Array.from({ length: MINERS }, (_, index) => personAt(layout.miner(index + 1))),
    ]);
    voice.note("the faucet pays out");
    const paid = await fund(chain.url, addresses, [coordinator, host, client, ...miners], GIFT);
    await saveChain();
    const who = `client ${short(client.address)}, coordinator ${short(coordinator.address)}, ${miners.length} miners`;
    return {
      fact: `${who}; ${paid === 0n ? "all funded" : `${lode(paid)} from the faucet`}`,
      result: { coordinator, host, client, miners },
    };
  });

  await display.step("Stakes", async (voice) => {
    voice.note("the coordinator and the miners put up their stakes");
    const results = await Promise.all([
      stake(around, people.coordinator, "coordinator", COORDINATOR_STAKE),
      ...[people.host, ...people.miners].map((miner) => stake(around, miner, "miner", MINER_STAKE)),
    ]);
    await saveChain();
    const used = results.reduce((sum, result) => sum + gasOf(result), 0n);
    const paid = used === 0n ? "in place" : `staked for ${gas(used)}`;
    const amounts = `coordinator ${lode(COORDINATOR_STAKE * LODE)}, miners and the host of polling ones ${lode(MINER_STAKE * LODE)} each`;
    return { fact: `${amounts}, ${paid}`, result: undefined };
  });

  const coordinator = await display.step("Coordinator", async (voice) => {
    voice.note("opening its database");
    const { coordinatorEnv: own } = options;
    const envAt = (port: number): Readonly<Record<string, string>> => ({
      ...{ ANCHOR_SECS: "2", HEARTBEAT_SECS: "5" },
      ...(typeof own === "function" ? own(port) : own),
    });
    const result = await startOnPort("API", API_PORT, options.autoPort, (port) =>
      startCoordinator(processes, around, people.coordinator, {
        port,
        logFile: layout.log("coordinator"),
        env: envAt(port),
      }),
    );
    return { fact: `listens on ${result.url}, keys and journal in ${layout.shown(layout.coordinator)}`, result };
  });

  const miners = await display.step("Miners", async (voice) => {
    voice.note("loading the model, signing the coordinator's challenge");
    const result = people.miners.map((miner, index) =>
      startMiner(processes, around, miner, {
        name: `miner ${index + 1}`,
        coordinatorUrl: coordinator.url,
        logFile: layout.log(`miner-${index + 1}`),
      }),
    );
    await untilMinersServe(coordinator.url, result);
    return { fact: `${MINERS} connected, each with the embedded model in a process of its own`, result };
  });

  const key = await display.step("Client", async (voice) => {
    voice.note("depositing");
    const deposit = ["client", "deposit", `${DEPOSIT}`, "--coordinator", coordinator.url];
    const used = gasOf((await runLode(around, people.client, deposit)) as CommandResult);
    const result = await apiKey(around, people.client, coordinator.url);
    await saveChain();
    const fact = `deposited ${lode(DEPOSIT * LODE)} for this coordinator only (${gas(used)}), got API key ${result.slice(0, 13)}…`;
    return { fact, result };
  });

  const model = await firstModel(coordinator.url, key);
  return {
    ...around,
    layout,
    chain,
    addresses,
    coordinator,
    coordinatorAddress: people.coordinator.address,
    client: people.client,
    miners: people.miners,
    model,
    key,
    processes: [chain.process, coordinator.process, ...miners],
    saveChain,
  };
}

function forgetPeople(layout: Layout): void {
  const homes = [
    layout.coordinator,
    layout.client,
    ...Array.from({ length: MINERS }, (_, index) => layout.miner(index + 1)),
  ];
  for (const home of homes) rmSync(home, { recursive: true, force: true });
}

/** The client's key from an earlier start, or a new one. */
async function apiKey(around: Surroundings, client: Person, url: string): Promise<string> {
  const file = join(client.home, "api-key");
  if (existsSync(file)) {
    const key = readFileSync(file, "utf8");
    const answer = await fetch(`${url}/v1/wallet/balance`, { headers: { authorization: `Bearer ${key}` } });
    if (answer.ok) return key;
  }
  const { key } = (await runLode(around, client, ["client", "key", "--coordinator", url])) as { key: string };
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}
