import type { ExplorerInfo } from "@lode/protocol";
import { paymentEscrowAbi, stakingAbi } from "@lode/sdk/abi";
import { addressOf, openChain } from "./reader.ts";

export interface Stake {
  readonly role: number;
  readonly stakedWei: bigint;
  readonly thawingWei: bigint;
  readonly minimumWei: bigint;
  readonly operator: `0x${string}`;
  readonly isActive: boolean;
}

/** What somebody has at stake now. @throws {NoChain} */
export async function readStake(info: ExplorerInfo, staker: `0x${string}`): Promise<Stake> {
  const { client } = await openChain(info);
  const staking = { address: addressOf(info, "staking"), abi: stakingAbi } as const;
  const [[role, stakedWei, thawingWei], operator] = await Promise.all([
    client.readContract({ ...staking, functionName: "stakeOf", args: [staker] }),
    client.readContract({ ...staking, functionName: "operatorOf", args: [staker] }),
  ]);
  const [minimumWei, isActive] = await Promise.all([
    client.readContract({ ...staking, functionName: "minimumStakeWei", args: [role] }),
    client.readContract({ ...staking, functionName: "isActive", args: [staker, role] }),
  ]);
  return { role, stakedWei, thawingWei, minimumWei, operator, isActive };
}

/** What stands behind a coordinator's promises on the chain. @throws {NoChain} */
export async function readCollateral(
  info: ExplorerInfo,
): Promise<{ poolWei: bigint; stakedWei: bigint; isFrozen: boolean }> {
  const { client } = await openChain(info);
  const escrow = { address: addressOf(info, "paymentEscrow"), abi: paymentEscrowAbi } as const;
  const [[poolWei], isFrozen, { stakedWei }] = await Promise.all([
    client.readContract({ ...escrow, functionName: "poolOf", args: [info.coordinator] }),
    client.readContract({ ...escrow, functionName: "isPoolFrozen", args: [info.coordinator] }),
    readStake(info, info.coordinator),
  ]);
  return { poolWei, stakedWei, isFrozen };
}
