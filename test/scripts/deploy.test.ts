import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { groth16VerifierAbi, lodeTokenAbi, stakingAbi, zkSettlementAbi } from "@lode/sdk/abi";
import { loadAddresses } from "@lode/sdk/addresses";
import { parseAbi, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkedValues, parameters } from "../../contracts/ignition/parameters.ts";
import { roles } from "../../contracts/ignition/roles.ts";
import { slabKey, slabSize } from "../../contracts/ignition/zk.ts";
import { deployToDevnet } from "../../scripts/deploy/devnet.ts";
import { deployer } from "../../scripts/dev/anvil.ts";
import { startDevnet, type TestDevnet } from "../helpers/devnet.ts";

let devnet: TestDevnet;
beforeAll(async () => {
  devnet = await startDevnet();
});
afterAll(async () => {
  await devnet.stop();
});

const deployAgain = (addressesFile: string): ReturnType<typeof deployToDevnet> =>
  deployToDevnet({ rpcUrl: devnet.rpcUrl, deploymentDir: join(devnet.layout.folder, "ignition"), addressesFile });

describe("the deployment", () => {
  it("stands at the addresses that the SDK publishes for the devnet", () => {
    const { deployedAtBlock, ...published } = loadAddresses(31337);
    expect(devnet.addresses).toMatchObject(published);
    expect(devnet.addresses.deployedAtBlock).toBeGreaterThanOrEqual(deployedAtBlock);
  });

  it("gives the settlement contract a verifier with the committed slab's key", async () => {
    const { client } = devnet.chain;
    const { zkSettlement } = await deployAgain(join(devnet.layout.folder, "slab.json"));
    const read = { address: zkSettlement!, abi: zkSettlementAbi } as const;
    expect(await client.readContract({ ...read, functionName: "SLAB_SIZE" })).toBe(BigInt(slabSize));
    const journal = readFileSync(join(devnet.layout.folder, "ignition", "deployed_addresses.json"), "utf8");
    const { "Lode#Groth16Verifier": address } = JSON.parse(journal) as Record<string, Hex>;
    const verifier = { address: address!, abi: groth16VerifierAbi } as const;
    expect(await client.readContract({ ...verifier, functionName: "verifyingKey" })).toEqual(slabKey());
  });

  it("does nothing the second time", async () => {
    const before = await devnet.chain.client.getBlockNumber();
    expect(await deployAgain(devnet.addressesFile)).toEqual(devnet.addresses);
    expect(await devnet.chain.client.getBlockNumber()).toBe(before);
  });

  it("does not take another chain's addresses for its own", async () => {
    const elsewhere = join(devnet.layout.folder, "elsewhere.json");
    writeFileSync(elsewhere, JSON.stringify({ ...devnet.addresses, chainId: 1 }));
    const fresh = await deployAgain(elsewhere);
    expect(fresh.chainId).toBe(31337);
    expect(fresh.staking).not.toBe(devnet.addresses.staking);
    expect(JSON.parse(readFileSync(elsewhere, "utf8"))).toEqual(fresh);
  });

  it("lets not even its deployer mint or slash", async () => {
    const admin = deployer(devnet.rpcUrl);
    const { lodeToken, staking } = devnet.addresses;
    const { address } = admin.account;
    const minted = admin.simulateContract({
      address: lodeToken,
      abi: lodeTokenAbi,
      functionName: "mint",
      args: [address, 1n],
    });
    await expect(minted).rejects.toThrow(`AccessManagedUnauthorized`);
    const slashed = admin.simulateContract({
      address: staking,
      abi: stakingAbi,
      functionName: "slash",
      args: [address, 1n, address],
    });
    await expect(slashed).rejects.toThrow(`AccessManagedUnauthorized`);
  });

  it("leaves every right with the contracts, the guardian and the timelock", async () => {
    const { accessManager, timelock, rewards, recovery, faultProofs, demands, court } = devnet.addresses;
    const has = async (role: bigint, account: Hex): Promise<boolean> => {
      const [isMember] = await devnet.chain.client.readContract({
        address: accessManager,
        abi: parseAbi(["function hasRole(uint64 role, address account) view returns (bool, uint32)"]),
        functionName: "hasRole",
        args: [role, account],
      });
      return isMember;
    };
    const deployerAddress = deployer(devnet.rpcUrl).account.address;
    const everybody = [rewards, recovery, faultProofs, demands, court, timelock, deployerAddress];
    const holders = async (role: bigint): Promise<Hex[]> =>
      (await Promise.all(everybody.map(async (account) => ((await has(role, account)) ? [account] : [])))).flat();
    expect(await holders(0n)).toEqual([timelock]);
    expect(await holders(1n)).toEqual([rewards]);
    expect(await holders(2n)).toEqual([recovery, faultProofs, demands, court]);
    expect(await holders(3n)).toEqual([recovery]);
    expect(await holders(4n)).toEqual([deployerAddress]);
    const delay = await devnet.chain.client.readContract({
      address: timelock,
      abi: parseAbi(["function getMinDelay() view returns (uint256)"]),
      functionName: "getMinDelay",
    });
    expect(delay).toBe(10n * 86_400n);
  });

  it("keeps every parameter within its bounds, and every role's number its own", () => {
    expect(Object.keys(checkedValues())).toEqual(Object.keys(parameters));
    expect(new Set(roles.map(({ id }) => id)).size).toBe(roles.length);
  });
});
