/** A market for the benchmark: one coordinator as it is shipped, with miners whose engine is the stub upstream. */
import { join } from "node:path";
import type { Devnet } from "../../dev/anvil.ts";
import { fund } from "../../dev/funds.ts";
import { layoutOf } from "../../dev/layout.ts";
import { personAt } from "../../dev/people.ts";
import { runLode, stake, startCoordinator, type CoordinatorProgram, type Surroundings } from "../../dev/programs.ts";
import { untilMinersServe } from "../../dev/served.ts";
import { choosePort } from "../../processes/ports.ts";
import type { Processes } from "../../processes/processes.ts";
import type { Addresses } from "@lode/sdk/addresses";

export interface StubMarket {
  readonly name: string;
  readonly coordinator: CoordinatorProgram;
  readonly key: string;
  readonly minerPids: readonly number[];
  /** Throws when the books do not add up; gives the receipts that were checked. */
  audit(): Promise<number>;
}

export interface StubMarketOptions {
  readonly name: string;
  readonly folder: string;
  readonly processes: Processes;
  readonly chain: Devnet;
  readonly around: Surroundings;
  readonly addresses: Addresses;
  readonly upstream: string;
  readonly env: Readonly<Record<string, string>>;
}

const MINERS = 2;
const FIRST_PORT = 18402;

export async function openStubMarket(options: StubMarketOptions): Promise<StubMarket> {
  const { name, folder, processes, around, addresses, upstream, env } = options;
  const layout = layoutOf(join(folder, name));
  const [coordinator, client, ...miners] = await Promise.all([
    personAt(layout.coordinator, "operator.json"),
    personAt(layout.client),
    ...Array.from({ length: MINERS }, (_, index) => personAt(layout.miner(index + 1))),
  ]);
  await fund(around.rpcUrl, addresses, [coordinator, client, ...miners], 200_000n);
  await stake(around, coordinator, "coordinator", 5_000n);
  for (const miner of miners) await stake(around, miner, "miner", 500n);
  const program = await startCoordinator(processes, around, coordinator, {
    port: await choosePort("API", FIRST_PORT, true),
    logFile: layout.log("coordinator"),
    env: { REQUESTS_PER_MINUTE: "10000000", LOG_LEVEL: "warn", ANCHOR_SECS: "5", ...env },
  });
  const running = miners.map((miner, index) =>
    processes.start({
      name: `${name} miner ${index + 1}`,
      command: process.execPath,
      args: [join(import.meta.dirname, "miner.ts")],
      env: {
        LODE_HOME: miner.home,
        KEYSTORE_PASSWORD_FILE: miner.passwordFile,
        RPC_URL: around.rpcUrl,
        ADDRESSES_FILE: around.addressesFile,
        COORD_URL: program.url,
        UPSTREAM: upstream,
      },
      logFile: layout.log(`miner-${index + 1}`),
    }),
  );
  await untilMinersServe(program.url, running);
  const at = ["--coordinator", program.url];
  await runLode(around, client, ["client", "deposit", "100000", ...at]);
  const { key } = (await runLode(around, client, ["client", "key", ...at])) as { key: string };
  return {
    name,
    coordinator: program,
    key,
    minerPids: running.map(({ pid }) => pid),
    async audit() {
      const found = await runLode(around, client, ["audit", "--rpc", around.rpcUrl, "--log", program.url]);
      const { findings, receipts } = found as { findings: readonly unknown[]; receipts: number };
      if (findings.length > 0) throw new Error(`${name}: the audit found ${JSON.stringify(findings.slice(0, 3))}`);
      return receipts;
    },
  };
}
