import type { Anchor, Collection, SignerGrant, StakeEvent } from "@lode/sdk/audit";
import type { Hex } from "@lode/sdk/hash";
import { voucherKind } from "@lode/sdk/typed-data";
import type { ChainReader } from "./chain.ts";

type InBlock<T> = T & { readonly block: bigint };

/** Money that a client brought for a coordinator, or took back, or that was collected (below zero). */
type Movement = InBlock<{ readonly client: Hex; readonly wei: bigint }>;

/** What the chain says about a coordinator and everybody it deals with, up to one block. */
export interface ChainHistory {
  readonly stakeEvents: readonly InBlock<StakeEvent>[];
  readonly grants: readonly InBlock<SignerGrant>[];
  readonly collections: readonly Collection[];
  readonly anchors: readonly Anchor[];
  /** What came into clients' accounts for the coordinator, and what left them. */
  readonly movements: readonly Movement[];
  /** What lies in each of these accounts. */
  readonly accounts: readonly { readonly client: Hex; readonly balanceWei: bigint }[];
  readonly minimumMinerWei: bigint;
  readonly minimumCoordinatorWei: bigint;
  readonly collateral: { readonly poolWei: bigint; readonly stakeWei: bigint };
  /** The epoch that the coordinator's pool is in. */
  readonly poolEpoch: bigint;
  /** The ledger's commitment to all anchors so far. */
  readonly commitment: Hex;
  /** The last block that was read. */
  readonly upTo: bigint;
  /** A block that is not expected to change any more, for going on from there. */
  readonly settled: { readonly block: bigint; readonly hash: Hex };
}

/** Blocks in one request for events: what public endpoints allow. */
const span = 10_000n;
/** Blocks that a reorganisation may still take back. */
export const settledBlocks = 64n;

const low = (hex: Hex): Hex => hex.toLowerCase() as Hex;
const nobody: Hex = `0x${"00".repeat(20)}`;
const roleMiner = 1;

/** Everything that is read event by event. */
interface Events {
  stakeEvents: InBlock<StakeEvent>[];
  grants: InBlock<SignerGrant>[];
  collections: Collection[];
  anchors: Anchor[];
  movements: Movement[];
}

/**
 * Reads every event that an audit of one coordinator needs.
 * @param known what was read before: only what came since is read, unless the chain was reorganised more deeply than that
 */
export async function readHistory(
  chain: ChainReader,
  coordinator: Hex,
  onProgress: (block: bigint, last: bigint) => void,
  known?: ChainHistory,
): Promise<ChainHistory> {
  const { client, addresses } = chain;
  const upTo = await client.getBlockNumber({ cacheTime: 0 });
  const first = BigInt(addresses.deployedAtBlock);
  const from = known !== undefined && (await isStillThere(chain, known)) ? known.settled.block + 1n : first;
  const events = keptOf(from > first ? known : undefined, from);
  const timeOf = timesOf(chain);
  for (let fromBlock = from; fromBlock <= upTo; fromBlock += span) {
    const toBlock = fromBlock + span - 1n < upTo ? fromBlock + span - 1n : upTo;
    await readSpan(chain, coordinator, { fromBlock, toBlock }, timeOf, events);
    onProgress(toBlock, upTo);
  }
  const miners = new Set(
    events.stakeEvents.flatMap((event) =>
      event.kind === "registered" && event.role === roleMiner ? [event.staker] : [],
    ),
  );
  const settledBlock = upTo > settledBlocks + first ? upTo - settledBlocks : first;
  const settled = await client.getBlock({ blockNumber: settledBlock });
  return {
    ...events,
    // This coordinator's money: its clients pay it, it pays its miners, and hosts among these pay polling miners.
    collections: events.collections.filter(
      ({ payer, payee, kind }) =>
        payer === coordinator || payee === coordinator || (kind === voucherKind.pooled && miners.has(payer)),
    ),
    accounts: balancesOf(events.movements),
    ...(await readState(chain, coordinator, upTo)),
    upTo,
    settled: { block: settledBlock, hash: settled.hash },
  };
}

async function isStillThere({ client }: ChainReader, { settled, upTo }: ChainHistory): Promise<boolean> {
  const now = await client.getBlockNumber({ cacheTime: 0 });
  if (now < upTo) return false;
  const { hash } = await client.getBlock({ blockNumber: settled.block });
  return hash === settled.hash;
}

function keptOf(known: ChainHistory | undefined, from: bigint): Events {
  const before = <T extends { block: bigint }>(items: readonly T[] = []): T[] =>
    items.filter(({ block }) => block < from);
  return {
    stakeEvents: before(known?.stakeEvents),
    grants: before(known?.grants),
    collections: before(known?.collections),
    anchors: before(known?.anchors),
    movements: before(known?.movements),
  };
}

function balancesOf(movements: readonly Movement[]): ChainHistory["accounts"] {
  const balances = new Map<Hex, bigint>();
  for (const { client, wei } of movements) balances.set(client, (balances.get(client) ?? 0n) + wei);
  return [...balances].map(([client, balanceWei]) => ({ client, balanceWei }));
}

function timesOf({ client }: ChainReader): (block: bigint) => Promise<number> {
  const times = new Map<bigint, number>();
  return async (blockNumber) => {
    let time = times.get(blockNumber);
    if (time === undefined) {
      time = Number((await client.getBlock({ blockNumber })).timestamp) * 1000;
      times.set(blockNumber, time);
    }
    return time;
  };
}

async function readSpan(
  { client, contracts }: ChainReader,
  coordinator: Hex,
  blocks: { fromBlock: bigint; toBlock: bigint },
  timeOf: (block: bigint) => Promise<number>,
  events: Events,
): Promise<void> {
  const range = { ...blocks, strict: true } as const;
  const [stakes, payments, anchored] = await Promise.all([
    client.getContractEvents({ ...contracts.staking, ...range }),
    client.getContractEvents({ ...contracts.escrow, ...range }),
    client.getContractEvents({ ...contracts.ledger, ...range, eventName: "Anchored", args: { coordinator } }),
  ]);
  for (const event of stakes) {
    const block = event.blockNumber;
    if (event.eventName === "StakerRegistered") {
      const { staker, role, operator } = event.args;
      const atMs = await timeOf(block);
      events.stakeEvents.push({ kind: "registered", staker: low(staker), atMs, role, operator: low(operator), block });
    } else if (event.eventName === "OperatorChanged") {
      const { staker, operator } = event.args;
      const atMs = await timeOf(block);
      events.stakeEvents.push({ kind: "operator", staker: low(staker), atMs, operator: low(operator), block });
    } else if (
      event.eventName === "StakeAdded" ||
      event.eventName === "ThawStarted" ||
      event.eventName === "StakeSlashed"
    ) {
      const { staker, stakedWei } = event.args;
      events.stakeEvents.push({ kind: "staked", staker: low(staker), atMs: await timeOf(block), stakedWei, block });
    }
  }
  const move = (payer: Hex, payee: Hex, wei: bigint, block: bigint): void => {
    if (low(payee) === coordinator) events.movements.push({ client: low(payer), wei, block });
  };
  for (const event of payments) {
    const block = event.blockNumber;
    if (event.eventName === "Collected") {
      const { payer, payee, ...rest } = event.args;
      events.collections.push({ ...rest, payer: low(payer), payee: low(payee), block });
      if (rest.kind === voucherKind.dedicated) move(payer, payee, -rest.paidWei, block);
    } else if (event.eventName === "Deposited") {
      move(event.args.payer, event.args.payee, event.args.amountWei, block);
    } else if (event.eventName === "AccountWithdrawn") {
      move(event.args.payer, event.args.payee, -event.args.amountWei, block);
    } else if (event.eventName === "SignerAuthorized") {
      const { payer, payee, signer, capWei } = event.args;
      events.grants.push({ payer: low(payer), payee: low(payee), signer: low(signer), capWei, block });
    } else if (event.eventName === "PoolSignerAuthorized") {
      const { payer, signer, dailyCapWei } = event.args;
      events.grants.push({ payer: low(payer), payee: nobody, signer: low(signer), capWei: dailyCapWei, block });
    }
  }
  for (const { args, blockNumber: block } of anchored) {
    const { epoch, size, root, liabilitiesRoot, nextNonceHash } = args;
    events.anchors.push({ epoch, size, root, liabilitiesRoot, nextNonceHash, atMs: await timeOf(block), block });
  }
}

/** State of one block, so that it belongs to the events that were read. */
async function readState({ client, contracts }: ChainReader, coordinator: Hex, blockNumber: bigint) {
  const [minimumMinerWei, minimumCoordinatorWei, [, stakedWei, thawingWei], pool, head] = await Promise.all([
    client.readContract({ ...contracts.staking, functionName: "minimumStakeWei", args: [1], blockNumber }),
    client.readContract({ ...contracts.staking, functionName: "minimumStakeWei", args: [2], blockNumber }),
    client.readContract({ ...contracts.staking, functionName: "stakeOf", args: [coordinator], blockNumber }),
    client.readContract({ ...contracts.escrow, functionName: "poolOf", args: [coordinator], blockNumber }),
    client.readContract({ ...contracts.ledger, functionName: "headOf", args: [coordinator], blockNumber }),
  ]);
  const [poolWei, , , poolEpoch] = pool;
  const [, , , commitment] = head;
  // Slashing reaches stake that thaws; a pool counts what thaws of it.
  const collateral = { poolWei, stakeWei: stakedWei + thawingWei };
  return { minimumMinerWei, minimumCoordinatorWei, collateral, poolEpoch, commitment };
}
