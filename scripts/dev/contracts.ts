import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Addresses } from "@lode/sdk/addresses";
import { findDeployed } from "../deploy/deploy.ts";
import { deployToDevnet } from "../deploy/devnet.ts";
import { gas } from "./amounts.ts";
import type { Devnet } from "./anvil.ts";

/**
 * Deploys the contracts to the devnet, or finds them there.
 * @returns their addresses, whether they are new, and what happened in words
 */
export async function deployOnce(
  chain: Devnet,
  addressesFile: string,
): Promise<{ addresses: Addresses; isNew: boolean; fact: string }> {
  const deploymentDir = join(dirname(addressesFile), "ignition");
  const known = await findDeployed(chain.client, addressesFile);
  if (known !== undefined) {
    return {
      addresses: known,
      isNew: false,
      fact: "token, staking, escrow, ledger, disputes and governance are in place",
    };
  }
  // A kill can lose the chain's last second, so that a journal may tell of a deployment that is not there.
  rmSync(deploymentDir, { recursive: true, force: true });
  rmSync(addressesFile, { force: true });
  const before = await chain.client.getBlockNumber({ cacheTime: 0 });
  const addresses = await deployToDevnet({ rpcUrl: chain.url, deploymentDir, addressesFile });
  const after = await chain.client.getBlockNumber({ cacheTime: 0 });
  const used = await gasUsed(chain, before + 1n, after);
  return {
    addresses,
    isNew: true,
    fact: `token, staking, escrow, ledger, disputes and governance deployed for ${gas(used)}`,
  };
}

/** Gas of all blocks from `first` to `last`. */
async function gasUsed(chain: Devnet, first: bigint, last: bigint): Promise<bigint> {
  const numbers = Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index));
  const blocks = await Promise.all(numbers.map((blockNumber) => chain.client.getBlock({ blockNumber })));
  return blocks.reduce((sum, block) => sum + block.gasUsed, 0n);
}
