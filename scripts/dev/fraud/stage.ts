import { quantiseModel } from "@lode/miner/engines";
import { embeddedModel } from "@lode/miner/models";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startOnPort } from "../../processes/ports.ts";
import type { Processes, Running } from "../../processes/processes.ts";
import { untilReady } from "../../processes/ready.ts";
import { root } from "../../root.ts";
import type { Addresses } from "@lode/sdk/addresses";
import { startAnvil, type Devnet } from "../anvil.ts";
import { lode, short } from "../amounts.ts";
import { deployOnce } from "../contracts.ts";
import type { Display } from "../display.ts";
import { fund } from "../funds.ts";
import type { Layout } from "../layout.ts";
import { personAt, type Person } from "../people.ts";
import {
  programEnvironment,
  runLode,
  stake,
  startCoordinator,
  type CoordinatorProgram,
  type Surroundings,
} from "../programs.ts";
import { untilMinersServe } from "../served.ts";

/** Everybody in the story of a fraud, at work. */
export interface Stage extends Surroundings {
  readonly chain: Devnet;
  readonly addresses: Addresses;
  readonly coordinator: CoordinatorProgram;
  readonly coordinatorAddress: Person["address"];
  readonly cheat: Person;
  readonly client: Person;
  readonly verifiers: readonly Person[];
  readonly verifierProcesses: readonly Running[];
  /** An API key of the client. */
  readonly key: string;
}

export interface StageOptions {
  readonly autoPort: boolean;
  /** What the cheat does beside serving another model. */
  readonly cheatEnv?: Readonly<Record<string, string>>;
}

const LODE = 10n ** 18n;
/** Five judge; the one that accuses does not, and the accused neither. */
const VERIFIERS = 6;
const CHEAT_STAKE = 500n;
const JUROR_STAKE = 200n;
const DEPOSIT = 2_000n;
/** 0.25 LODE a token: a job of some 50 tokens costs twelve, so that about every second one is drawn. */
const PRICE_WEI = LODE / 4n;
const API_PORT = 8402;
const CHAIN_PORT = 8545;
/** What the chain's clock needs to go on when nobody sends anything. */
const BLOCK_MS = 400;

const lodeProgram = join(root, "miner", "src", "cli", "main.ts");
const cheatProgram = join(import.meta.dirname, "cheat.ts");

/** A new market in a folder of its own, with one miner in it that serves Q4_0 as Q8_0. */
export async function openStage(
  display: Display,
  processes: Processes,
  layout: Layout,
  options: StageOptions,
): Promise<Stage> {
  const { chain, addresses } = await display.step("Chain", async (voice) => {
    voice.note("starting a chain, deploying the contracts");
    const files = { from: layout.chainState, logFile: layout.log("chain") };
    const started = await startOnPort("chain", CHAIN_PORT, options.autoPort, (port) =>
      startAnvil(processes, { port, ...files }),
    );
    const deployed = await deployOnce(started, layout.addresses);
    return { fact: `${started.url}, contracts deployed`, result: { chain: started, addresses: deployed.addresses } };
  });
  const mining = setInterval(() => void chain.client.mine({ blocks: 1 }).catch(() => undefined), BLOCK_MS);
  void chain.process.ended.then(() => clearInterval(mining));
  const around: Surroundings = { rpcUrl: chain.url, addressesFile: layout.addresses };

  const people = await display.step("People", async (voice) => {
    voice.note("making wallets, paying stakes");
    const home = (name: string): string => join(layout.folder, name);
    const [operator, cheat, client, ...verifiers] = await Promise.all([
      personAt(layout.coordinator, "operator.json"),
      personAt(home("cheat")),
      personAt(layout.client),
      ...Array.from({ length: VERIFIERS }, (_, index) => personAt(home(`verifier-${index + 1}`))),
    ]);
    await fund(chain.url, addresses, [operator, cheat, client, ...verifiers], 20_000n);
    await Promise.all([
      stake(around, operator, "coordinator", 5_000n),
      stake(around, cheat, "miner", CHEAT_STAKE),
      ...verifiers.map((verifier) => stake(around, verifier, "miner", JUROR_STAKE)),
    ]);
    const fact = `miner ${short(cheat.address)} staked ${lode(CHEAT_STAKE * LODE)}, ${VERIFIERS} verifiers ${lode(JUROR_STAKE * LODE)} each`;
    return { fact, result: { operator, cheat, client, verifiers } };
  });
  const { operator, cheat, client, verifiers } = people;

  const coordinator = await display.step("Market", async (voice) => {
    voice.note("starting the coordinator");
    const env = {
      ANCHOR_SECS: "1",
      HEARTBEAT_SECS: "5",
      INPUT_PRICE_WEI: "0",
      OUTPUT_PRICE_WEI: `${PRICE_WEI}`,
      REQUESTS_PER_MINUTE: "100000",
      GLOBAL_REQUESTS_PER_MINUTE: "100000",
    };
    const result = await startOnPort("API", API_PORT, options.autoPort, (port) =>
      startCoordinator(processes, around, operator, { port, logFile: layout.log("coordinator"), env }),
    );
    voice.note("making the cheaper model, starting the miner that cheats with it");
    const served = join(layout.folder, "lode-demo.Q4_0.gguf");
    if (!existsSync(served)) {
      await quantiseModel(join(root, "miner", "models", "weights", "lode-demo.F16.gguf"), served, "Q4_0");
    }
    const miner = processes.start({
      name: "cheat",
      command: process.execPath,
      args: [cheatProgram],
      env: {
        ...programEnvironment(around, cheat),
        COORD_URL: result.url,
        CHEAT_SERVES: served,
        CHEAT_CLAIMS: embeddedModel,
        ...options.cheatEnv,
      },
      logFile: layout.log("cheat"),
    });
    await untilMinersServe(result.url, [miner]);
    return { fact: `${result.url}; the miner signs for Q8_0 and computes with Q4_0`, result };
  });

  const verifierProcesses = await display.step("Verifiers", async (voice) => {
    voice.note("starting, joining the jurors");
    const result = verifiers.map((verifier, index) =>
      processes.start({
        name: `verifier ${index + 1}`,
        command: process.execPath,
        args: [
          ...[lodeProgram, "verifier", "start", "--json", "--coordinator", coordinator.url],
          ...["--poll-secs", "0.5", "--disclosure-secs", "8", "--challenge", "60"],
        ],
        env: programEnvironment(around, verifier),
        logFile: layout.log(`verifier-${index + 1}`),
      }),
    );
    await Promise.all(result.map((one) => untilPrinted(one, '"event":"joined"')));
    return { fact: `${VERIFIERS} jurors have joined; each accuses what it finds wrong`, result };
  });

  const key = await display.step("Client", async () => {
    await runLode(around, client, ["client", "deposit", `${DEPOSIT}`, "--coordinator", coordinator.url]);
    const made = (await runLode(around, client, ["client", "key", "--coordinator", coordinator.url])) as {
      key: string;
    };
    return { fact: `deposited ${lode(DEPOSIT * LODE)}, asks for the model in Q8_0`, result: made.key };
  });
  return {
    ...around,
    ...{ chain, addresses, coordinator, coordinatorAddress: operator.address },
    ...{ cheat, client, verifiers, verifierProcesses, key },
  };
}

/** Waits until a program has printed a text. */
export async function untilPrinted(program: Running, text: string, patienceMs = 90_000): Promise<void> {
  await untilReady(program, async () => (program.lastLines(1000).includes(text) ? true : undefined), patienceMs);
}
