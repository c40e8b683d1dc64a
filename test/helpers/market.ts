import { join } from "node:path";
import OpenAI from "openai";
import { personAt, type Person } from "../../scripts/dev/people.ts";
import * as programs from "../../scripts/dev/programs.ts";
import { untilMinersServe } from "../../scripts/dev/served.ts";
import { findFreePort } from "../../scripts/processes/ports.ts";
import type { Running } from "../../scripts/processes/processes.ts";
import { startDevnet, type TestDevnet } from "./devnet.ts";

type Env = Readonly<Record<string, string>>;

export interface TestCoordinator {
  readonly person: Person;
  readonly url: string;
  readonly port: number;
  readonly process: Running;
  readonly env: Env;
}

export interface TestMiner {
  readonly person: Person;
  readonly name: string;
  readonly process: Running;
}

export interface TestClient {
  readonly person: Person;
  readonly key: string;
  readonly openai: OpenAI;
}

/** A staked coordinator on a free port. A second call with the same home starts it again: what a restart does. */
export async function startCoordinator(
  devnet: TestDevnet,
  options: { home?: string; port?: number; env?: Env } = {},
): Promise<TestCoordinator> {
  const person = await personAt(options.home ?? devnet.layout.coordinator, "operator.json");
  await devnet.fund(person);
  await programs.stake(devnet, person, "coordinator", 5_000n);
  const port = options.port ?? (await findFreePort());
  const env = { ANCHOR_SECS: "1", HEARTBEAT_SECS: "2", ...options.env };
  const logFile = devnet.layout.log(`coordinator-${port}`);
  const started = await programs.startCoordinator(devnet.processes, devnet, person, { port, logFile, env });
  return { person, port, env, ...started };
}

/** A staked miner that serves the embedded model, unless its environment says otherwise; ready for its first job. */
export async function startMiner(
  devnet: TestDevnet,
  coordinator: TestCoordinator,
  options: { name?: string; env?: Env; /** How many miners are then there. */ connected?: number } = {},
): Promise<TestMiner> {
  const name = options.name ?? "miner-1";
  const person = await personAt(join(devnet.layout.folder, name));
  await devnet.fund(person);
  await programs.stake(devnet, person, "miner", 500n);
  const process = programs.startMiner(devnet.processes, devnet, person, {
    name,
    coordinatorUrl: coordinator.url,
    logFile: devnet.layout.log(name),
    env: options.env ?? {},
  });
  await untilMinersServe(coordinator.url, [process], options.connected ?? 1);
  return { person, name, process };
}

/** A client with a deposit for the coordinator, an API key and the public client library pointed at it. */
export async function makeClient(
  devnet: TestDevnet,
  coordinator: Pick<TestCoordinator, "url">,
  options: { name?: string; depositLode?: number } = {},
): Promise<TestClient> {
  const person = await personAt(join(devnet.layout.folder, options.name ?? "client"));
  await devnet.fund(person);
  const at = ["--coordinator", coordinator.url];
  await programs.runLode(devnet, person, ["client", "deposit", "--amount", `${options.depositLode ?? 100}`, ...at]);
  const { key } = (await programs.runLode(devnet, person, ["client", "key", ...at])) as { key: string };
  const openai = new OpenAI({ baseURL: `${coordinator.url}/v1`, apiKey: key, maxRetries: 0 });
  return { person, key, openai };
}

/** Devnet, coordinator, miners and one client. */
export async function startMarket(options: { miners?: number; coordinatorEnv?: Env; minerEnv?: Env } = {}): Promise<{
  devnet: TestDevnet;
  coordinator: TestCoordinator;
  miners: TestMiner[];
  client: TestClient;
  model: string;
  stop(): Promise<void>;
}> {
  const devnet = await startDevnet();
  try {
    const coordinator = await startCoordinator(devnet, { env: options.coordinatorEnv ?? {} });
    const miners: TestMiner[] = [];
    for (let number = 1; number <= (options.miners ?? 1); number++) {
      miners.push(
        await startMiner(devnet, coordinator, {
          name: `miner-${number}`,
          env: options.minerEnv ?? {},
          connected: number,
        }),
      );
    }
    const client = await makeClient(devnet, coordinator);
    const models = await client.openai.models.list();
    return { devnet, coordinator, miners, client, model: models.data[0]!.id, stop: () => devnet.stop() };
  } catch (error) {
    await devnet.stop();
    throw error;
  }
}
