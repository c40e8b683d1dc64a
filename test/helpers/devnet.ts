import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { loadAddresses, type Addresses } from "@lode/sdk/addresses";
import { startAnvil, type Devnet } from "../../scripts/dev/anvil.ts";
import { deployOnce } from "../../scripts/dev/contracts.ts";
import { fund } from "../../scripts/dev/funds.ts";
import { layoutOf, type Layout } from "../../scripts/dev/layout.ts";
import type { Person } from "../../scripts/dev/people.ts";
import type { Surroundings } from "../../scripts/dev/programs.ts";
import { findFreePort } from "../../scripts/processes/ports.ts";
import { Processes } from "../../scripts/processes/processes.ts";
import { claim } from "../../scripts/processes/single.ts";

/** A chain of one test file's own, with the contracts deployed and nobody on it yet. */
export interface TestDevnet extends Surroundings {
  readonly chain: Devnet;
  readonly addresses: Addresses;
  readonly layout: Layout;
  readonly processes: Processes;
  /** Gives somebody LODE and ether for gas. */
  fund(...people: readonly Person[]): Promise<void>;
  /** Stops every process started for this devnet and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a chain from the state that the first caller of this run made by deploying. Takes well under a second. */
export async function startDevnet(): Promise<TestDevnet> {
  const deployed = await deployedState();
  const folder = mkdtempSync(join(tmpdir(), "lode-devnet-"));
  const layout = layoutOf(folder);
  mkdirSync(dirname(layout.chainState), { recursive: true });
  for (const file of [layout.chainState, layout.addresses]) cpSync(join(deployed, file.slice(folder.length)), file);
  const processes = new Processes();
  const port = await findFreePort();
  const chain = await startAnvil(processes, { port, from: layout.chainState, logFile: layout.log("chain") });
  const addresses = loadAddresses(layout.addresses);
  return {
    rpcUrl: chain.url,
    addressesFile: layout.addresses,
    chain,
    addresses,
    layout,
    processes,
    fund: async (...people) => {
      await fund(chain.url, addresses, people, 100_000n);
    },
    stop: async () => {
      await processes.stopAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The folder with the state of a chain that has the contracts; made once per run, by whichever file asks first. */
async function deployedState(): Promise<string> {
  const run = process.env["LODE_TEST_RUN"];
  if (run === undefined) throw new Error("LODE_TEST_RUN names no folder; Vitest's global set-up makes it.");
  const done = join(run, "deployed");
  while (!existsSync(done)) {
    const release = claim(join(run, "deploying"));
    if (typeof release === "number") {
      await pause(50);
      continue;
    }
    try {
      if (!existsSync(done)) await deployInto(done);
    } finally {
      release();
    }
  }
  return done;
}

async function deployInto(done: string): Promise<void> {
  const half = `${done}-half`;
  rmSync(half, { recursive: true, force: true });
  const layout = layoutOf(half);
  const processes = new Processes();
  try {
    const chain = await startAnvil(processes, {
      port: await findFreePort(),
      from: undefined,
      logFile: layout.log("chain"),
    });
    await deployOnce(chain, layout.addresses);
    await chain.save(layout.chainState);
  } finally {
    await processes.stopAll();
  }
  renameSync(half, done);
}
