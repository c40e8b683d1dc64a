import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Addresses } from "@lode/sdk/addresses";
import { LodeError } from "@lode/sdk/errors";
import { parseEther, type Hex } from "viem";
import type { Settings } from "../../contracts/ignition/settings.ts";
import { startAnvil } from "../dev/anvil.ts";
import { findFreePort } from "../processes/ports.ts";
import { Processes } from "../processes/processes.ts";
import { deployContracts } from "./deploy.ts";
import { checkWiring } from "./wiring.ts";

export interface Rehearsal {
  /** Where the contracts will be, if the deployer sends nothing else before. */
  readonly addresses: Addresses;
  /** Gas of all transactions. */
  readonly gas: bigint;
  readonly transactions: number;
}

/**
 * Deploys to an empty chain of the same id on this machine, as the deployer but without its key.
 * @param nonce the deployer's on the real chain, on which the addresses depend
 */
export async function rehearse(settings: Settings, nonce: number): Promise<Rehearsal> {
  const folder = mkdtempSync(join(tmpdir(), "lode-rehearsal-"));
  const processes = new Processes();
  try {
    const chain = await startAnvil(processes, {
      port: await findFreePort(),
      from: undefined,
      logFile: join(folder, "chain.log"),
      chainId: settings.chainId,
    });
    const address = settings.deployer as Hex;
    await chain.client.impersonateAccount({ address });
    await chain.client.setBalance({ address, value: parseEther("1000000") });
    await chain.client.setNonce({ address, nonce });
    const addresses = await deployContracts({
      rpcUrl: chain.url,
      provider: { request: async (call) => chain.client.request(call as never) },
      settings,
      deploymentDir: join(folder, "ignition"),
      addressesFile: join(folder, "addresses.json"),
      confirmations: 1,
      pollingMs: 20,
    });
    const wrong = await checkWiring(chain.client, addresses, settings);
    if (wrong.length > 0) throw new LodeError("bad_wiring", `The rehearsal went wrong:\n${wrong.join("\n")}`);
    const last = await chain.client.getBlockNumber({ cacheTime: 0 });
    const numbers = Array.from({ length: Number(last) }, (_, i) => BigInt(i + 1));
    const blocks = await Promise.all(numbers.map((blockNumber) => chain.client.getBlock({ blockNumber })));
    return {
      addresses,
      gas: blocks.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
      transactions: blocks.reduce((sum, { transactions }) => sum + transactions.length, 0),
    };
  } finally {
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}
