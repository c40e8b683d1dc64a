import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "viem";
import { choosePort } from "../processes/ports.ts";
import type { Processes, Running } from "../processes/processes.ts";
import { keepSaved, startAnvil, type Devnet } from "./anvil.ts";
import { lode, short } from "./amounts.ts";
import type { Addresses } from "@lode/sdk/addresses";
import { deployOnce } from "./contracts.ts";
import type { Display } from "./display.ts";
import { fund, stakeCoordinator, stakeOf } from "./funds.ts";
import type { Layout } from "./layout.ts";
import type { Options } from "./options.ts";
import { personAt, type Person } from "./people.ts";
import { runLode, startCoordinator, startMiner, type CoordinatorProgram, type Surroundings } from "./programs.ts";
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

const MINERS = 2;
const API_PORT = 8402;
const CHAIN_PORT = 8545;
const LODE = 10n ** 18n;
const GIFT_LODE = 20_000n;
const STAKE_LODE = 5_000n;
const MINER_STAKE_LODE = 500n;
const DEPOSIT_LODE = 50n;

/** Starts everything, or goes on from what an earlier start left. */
export async function openMarket(
  display: Display,
  processes: Processes,
  layout: Layout,
  options: Pick<Options, "autoPort">,
): Promise<Market> {
  const chainPort = await choosePort("chain", CHAIN_PORT, options.autoPort);
  const apiPort = await choosePort("API", API_PORT, options.autoPort);

  const chain = await display.step("Chain", async () => {
    const result = await startAnvil(processes, {
      port: chainPort,
      from: layout.chainState,
      logFile: layout.log("chain"),
    });
    const block = await result.client.getBlockNumber();
    // Everybody's books speak of the chain they were written for: with a new chain everything begins anew.
    if (block === 0n) forgetPeople(layout);
    const age = block === 0n ? "a new development chain" : `the development chain goes on at block ${block}`;
    return { fact: `${age}, ${result.url}`, result };
  });
  const saveChain = keepSaved(chain, layout.chainState);

  const addresses = await display.step("Contracts", async (voice) => {
    voice.note("compiling when a source changed, deploying when the chain is new");
    const { addresses: result, fact } = await deployOnce(chain, layout.addresses);
    await saveChain();
    return { fact, result };
  });
  const around: Surroundings = { rpcUrl: chain.url, addressesFile: layout.addresses };

  const people = await display.step("Wallets", async (voice) => {
    voice.note("encrypting keys");
    const [coordinator, client, ...miners] = await Promise.all([
      personAt(layout.coordinator, "operator.json"),
      personAt(layout.client),
      ...Array.from({ length: MINERS }, (_, index) => personAt(layout.miner(index + 1))),
    ]);
    voice.note("the faucet pays out");
    const paid = await fund(chain.url, addresses, [coordinator, client, ...miners], GIFT_LODE);
    await saveChain();
    const who = `client ${short(client.address)}, coordinator ${short(coordinator.address)}, ${miners.length} miners`;
    return {
      fact: `${who}; ${paid === 0n ? "all funded" : `${lode(paid)} from the faucet`}`,
      result: { coordinator, client, miners },
    };
  });

  // The coordinator opens its database while the stakes are paid: nothing of the one waits for the other.
  const coordinator = await display.step("Coordinator", async (voice) => {
    await stakeCoordinator(chain.url, addresses, people.coordinator, STAKE_LODE * LODE);
    voice.note("opening its database");
    const result = await startCoordinator(processes, around, people.coordinator, {
      port: apiPort,
      logFile: layout.log("coordinator"),
      env: { ANCHOR_SECS: "2", HEARTBEAT_SECS: "5" },
    });
    await saveChain();
    return { fact: `staked ${lode(STAKE_LODE * LODE)}, ${result.url}`, result };
  });

  const miners = await display.step("Miners", async (voice) => {
    const result = await Promise.all(
      people.miners.map(async (miner, index) => {
        if ((await stakeOf(chain.url, addresses, miner.address)) === 0n) {
          await runLode(around, miner, ["stake", "--amount", `${MINER_STAKE_LODE}`]);
        }
        const name = `miner ${index + 1}`;
        return startMiner(processes, around, miner, {
          name,
          coordinatorUrl: coordinator.url,
          logFile: layout.log(`miner-${index + 1}`),
        });
      }),
    );
    voice.note("loading the model");
    await untilMinersServe(coordinator.url, result);
    await saveChain();
    return { fact: `${MINERS} staked ${lode(MINER_STAKE_LODE * LODE)} each and connected`, result };
  });

  const key = await display.step("Client", async (voice) => {
    voice.note("depositing");
    await runLode({ ...around }, people.client, [
      "client",
      "deposit",
      "--amount",
      `${DEPOSIT_LODE}`,
      "--coordinator",
      coordinator.url,
    ]);
    const result = await apiKey(around, people.client, coordinator.url);
    await saveChain();
    return {
      fact: `deposited ${lode(DEPOSIT_LODE * LODE)} for this coordinator only; API key ${result.slice(0, 13)}…`,
      result,
    };
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
