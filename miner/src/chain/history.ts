import type { Anchor, Collection, SignerGrant, StakeEvent } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import type { ChainReader } from "./chain.ts";

/** What the chain says about a coordinator and everybody it deals with, up to one block. */
export interface ChainHistory {
  readonly stakeEvents: readonly StakeEvent[];
  readonly grants: readonly SignerGrant[];
  readonly collections: readonly Collection[];
  readonly anchors: readonly Anchor[];
  readonly minimumMinerWei: bigint;
  readonly minimumCoordinatorWei: bigint;
}

/** Blocks in one request for events: what public endpoints allow. */
const span = 10_000n;

const low = (hex: Hex): Hex => hex.toLowerCase() as Hex;

/** Reads every event that an audit of one coordinator needs. */
export async function readHistory(
  { client, contracts, addresses }: ChainReader,
  coordinator: Hex,
  onProgress: (block: bigint, last: bigint) => void,
): Promise<ChainHistory> {
  const last = await client.getBlockNumber({ cacheTime: 0 });
  const history = {
    stakeEvents: [] as StakeEvent[],
    grants: [] as SignerGrant[],
    collections: [] as Collection[],
    anchors: [] as Anchor[],
  };
  const times = new Map<bigint, number>();
  const timeOf = async (blockNumber: bigint): Promise<number> => {
    let time = times.get(blockNumber);
    if (time === undefined) {
      time = Number((await client.getBlock({ blockNumber })).timestamp) * 1000;
      times.set(blockNumber, time);
    }
    return time;
  };
  for (let fromBlock = BigInt(addresses.deployedAtBlock); fromBlock <= last; fromBlock += span) {
    const toBlock = fromBlock + span - 1n < last ? fromBlock + span - 1n : last;
    const range = { fromBlock, toBlock, strict: true } as const;
    const [stakes, payments, anchored] = await Promise.all([
      client.getContractEvents({ ...contracts.staking, ...range }),
      client.getContractEvents({ ...contracts.escrow, ...range }),
      client.getContractEvents({ ...contracts.ledger, ...range, eventName: "Anchored", args: { coordinator } }),
    ]);
    for (const event of stakes) {
      const atMs = await timeOf(event.blockNumber);
      if (event.eventName === "StakerRegistered") {
        const { staker, role, operator } = event.args;
        history.stakeEvents.push({ kind: "registered", staker: low(staker), atMs, role, operator: low(operator) });
      } else if (event.eventName === "OperatorChanged") {
        const { staker, operator } = event.args;
        history.stakeEvents.push({ kind: "operator", staker: low(staker), atMs, operator: low(operator) });
      } else if (
        event.eventName === "StakeAdded" ||
        event.eventName === "ThawStarted" ||
        event.eventName === "StakeSlashed"
      ) {
        const { staker, stakedWei } = event.args;
        history.stakeEvents.push({ kind: "staked", staker: low(staker), atMs, stakedWei });
      }
    }
    for (const event of payments) {
      if (event.eventName === "Collected") {
        const { payer, payee, ...rest } = event.args;
        const pair = { payer: low(payer), payee: low(payee) };
        // Only this coordinator's money: its clients pay it, it pays its miners.
        if (pair.payer === coordinator || pair.payee === coordinator) history.collections.push({ ...rest, ...pair });
      } else if (event.eventName === "SignerAuthorized") {
        const { payer, payee, signer, capWei } = event.args;
        history.grants.push({ payer: low(payer), payee: low(payee), signer: low(signer), capWei });
      } else if (event.eventName === "PoolSignerAuthorized") {
        const { payer, signer, dailyCapWei } = event.args;
        const payee = `0x${"00".repeat(20)}` as const;
        history.grants.push({ payer: low(payer), payee, signer: low(signer), capWei: dailyCapWei });
      }
    }
    for (const { args } of anchored) history.anchors.push({ epoch: args.epoch, size: args.size, root: args.root });
    onProgress(toBlock, last);
  }
  const [minimumMinerWei, minimumCoordinatorWei] = await Promise.all([
    client.readContract({ ...contracts.staking, functionName: "minimumStakeWei", args: [1] }),
    client.readContract({ ...contracts.staking, functionName: "minimumStakeWei", args: [2] }),
  ]);
  return { ...history, minimumMinerWei, minimumCoordinatorWei };
}
