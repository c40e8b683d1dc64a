import type { ExplorerInfo } from "@lode/protocol";
import { paymentEscrowAbi, stakingAbi } from "@lode/sdk/abi";
import { addressOf, openChain } from "./reader.ts";
import { askIndex, low, tell, type Told } from "./told.ts";

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

/** What a list of miners shows of a stake. */
export interface ShortStake {
  readonly stakedWei: bigint;
  /** Faults that it was punished for; undefined where only the chain's present state was asked. */
  readonly faults: number | undefined;
}

/** What each of some miners has at stake; those that never staked are not in it. @throws {NoChain} */
export async function readStakes(
  info: ExplorerInfo,
  miners: readonly string[],
): Promise<Told<ReadonlyMap<string, ShortStake>>> {
  const asked = miners.map(low);
  return tell<ReadonlyMap<string, ShortStake>>(
    info,
    async () => {
      const { data, block } = await askIndex<{ stakers: readonly { id: string; stakedWei: string; faults: number }[] }>(
        info,
        `stakers(first: ${Math.max(1, asked.length)}, where: { id_in: ${JSON.stringify(asked)} }) { id stakedWei faults }`,
      );
      const stakes = data.stakers.map(
        ({ id, stakedWei, faults }) => [low(id), { stakedWei: BigInt(stakedWei), faults }] as const,
      );
      return { data: new Map(stakes), block };
    },
    async () => {
      const { client } = await openChain(info);
      const staking = { address: addressOf(info, "staking"), abi: stakingAbi } as const;
      const stakes = await Promise.all(
        asked.map(async (miner) => {
          const [role, stakedWei] = await client.readContract({ ...staking, functionName: "stakeOf", args: [miner] });
          return role === 0 ? [] : [[miner, { stakedWei, faults: undefined }] as const];
        }),
      );
      return new Map(stakes.flat());
    },
  );
}

/** What stands behind a coordinator's promises. */
export interface Collateral {
  readonly poolWei: bigint;
  readonly stakedWei: bigint;
  readonly isFrozen: boolean;
}

/** What stands behind a coordinator's promises, by the chain now, or by the index where no node answers. @throws {NoChain} */
export async function readCollateral(info: ExplorerInfo): Promise<Told<Collateral>> {
  try {
    return { value: await collateralOnChain(info), from: "chain", isIndexAway: false };
  } catch (cause) {
    if (info.chain.graphqlUrl === null) throw cause;
    const coordinator = low(info.coordinator);
    const asked = askIndex<{
      pool: { balanceWei: string; isFrozen: boolean } | null;
      staker: { stakedWei: string } | null;
    }>(info, `pool(id: "${coordinator}") { balanceWei isFrozen } staker(id: "${coordinator}") { stakedWei }`);
    // Whoever does not get through to either is told why the chain is not there.
    const { data, block } = await asked.catch(() => {
      throw cause;
    });
    const { pool, staker } = data;
    const value = {
      poolWei: BigInt(pool?.balanceWei ?? 0),
      stakedWei: BigInt(staker?.stakedWei ?? 0),
      isFrozen: pool?.isFrozen ?? false,
    };
    return { value, from: "index", block, isIndexAway: false };
  }
}

async function collateralOnChain(info: ExplorerInfo): Promise<Collateral> {
  const { client } = await openChain(info);
  const escrow = { address: addressOf(info, "paymentEscrow"), abi: paymentEscrowAbi } as const;
  const [[poolWei], isFrozen, { stakedWei }] = await Promise.all([
    client.readContract({ ...escrow, functionName: "poolOf", args: [info.coordinator] }),
    client.readContract({ ...escrow, functionName: "isPoolFrozen", args: [info.coordinator] }),
    readStake(info, info.coordinator),
  ]);
  return { poolWei, stakedWei, isFrozen };
}
