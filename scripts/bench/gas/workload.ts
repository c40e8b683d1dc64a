import type { Signer } from "@lode/sdk/keys";
import { anchor, authorize, COORDINATOR, deposit, MINER, oddWei, register, sweepMany } from "./acts.ts";
import type { Bed, Spent } from "./bed.ts";
import { Channel, collectMany, DEDICATED, POOLED } from "./vouchers.ts";

export const JOBS = 10_000;
export const CLIENTS = 100;
export const MINERS = 20;

const JOB_WEI = 1_234_567_890_123_456n;
/** The coordinator keeps a tenth, the protocol takes a hundredth. */
const MINER_JOB_WEI = (JOB_WEI * 89n) / 100n;

/** Gas of one epoch of 10,000 jobs, by what it was spent on. */
export interface EpochFigures {
  readonly collects: number;
  readonly sweeps: number;
  readonly anchors: number;
}

export interface WorkloadFigures {
  readonly approvals: number;
  readonly deposits: number;
  readonly stakes: number;
  readonly sessions: number;
  /** Every channel's first voucher, every miner's first sweep, the first anchor. */
  readonly first: EpochFigures;
  /** Repeat channels, nothing swept since the last collection: the payees' pools hold money. */
  readonly unswept: EpochFigures;
  /** Repeat channels, everything swept since the last collection: the miners' pools start empty. */
  readonly swept: EpochFigures;
  /** The same as `swept` with the clients' vouchers signed by a session key. */
  readonly session: EpochFigures;
}

interface Market {
  readonly bed: Bed;
  readonly coordinator: Signer;
  readonly clients: readonly Channel[];
  readonly miners: readonly Channel[];
  readonly minerKeys: readonly Signer[];
}

/** The standard workload: each epoch 10,000 jobs, every channel collects once, in two transactions: clients, miners. */
export async function measureWorkload(bed: Bed): Promise<WorkloadFigures> {
  const coordinator = await bed.person("workload coordinator");
  const session = await bed.person("workload session", 0n);
  const people = async (what: string, length: number): Promise<Signer[]> => {
    const found: Signer[] = [];
    for (let number = 0; number < length; number++) found.push(await bed.person(`workload ${what} ${number}`));
    return found;
  };
  const clientKeys = await people("client", CLIENTS);
  const minerKeys = await people("miner", MINERS);
  const stakes = [await register(bed, coordinator, COORDINATOR, 10_000n)];
  for (const miner of minerKeys) stakes.push(await register(bed, miner, MINER, 1_000n));
  const deposits: Spent[] = [];
  const sessions: Spent[] = [];
  for (const client of clientKeys) {
    deposits.push(await deposit(bed, client, coordinator, oddWei(10n)));
    sessions.push(await authorize(bed, client, coordinator, session));
  }
  const approval = await bed.send(session.address, bed.token, "approve", [coordinator.address, oddWei(1n)]);
  const market: Market = {
    bed,
    coordinator,
    minerKeys,
    clients: clientKeys.map((client) => new Channel(bed, client, coordinator.address, DEDICATED)),
    miners: minerKeys.map((miner) => new Channel(bed, coordinator, miner.address, POOLED)),
  };
  const first = {
    collects: await collectAll(market),
    sweeps: await sweepAll(market),
    anchors: await anchorOnce(market, 1),
  };
  // An epoch in between leaves money in every pool.
  await collectAll(market);
  const unswept = {
    collects: await collectAll(market),
    sweeps: await sweepAll(market),
    anchors: await anchorOnce(market, 3),
  };
  const swept = {
    collects: await collectAll(market),
    sweeps: await sweepAll(market),
    anchors: await anchorOnce(market, 4),
  };
  const withSession = {
    collects: await collectAll(market, session),
    sweeps: await sweepAll(market),
    anchors: await anchorOnce(market, 5),
  };
  return {
    approvals: approval.gas * (CLIENTS + MINERS + 1),
    deposits: sum(deposits),
    stakes: sum(stakes),
    sessions: sum(sessions),
    first,
    unswept,
    swept,
    session: withSession,
  };
}

async function collectAll({ bed, coordinator, clients, miners }: Market, by?: Signer): Promise<number> {
  const perClient = JOBS / CLIENTS;
  const perMiner = JOBS / MINERS;
  return sum([
    await collectMany(
      bed,
      coordinator,
      clients.map((channel) => channel.next(perClient, JOB_WEI * BigInt(perClient), by)),
    ),
    await collectMany(
      bed,
      coordinator,
      miners.map((channel) => channel.next(perMiner, MINER_JOB_WEI * BigInt(perMiner))),
    ),
  ]);
}

async function sweepAll({ bed, minerKeys }: Market): Promise<number> {
  return (await sweepMany(bed, minerKeys)).gas;
}

async function anchorOnce({ bed, coordinator }: Market, epoch: number): Promise<number> {
  return (await anchor(bed, coordinator, BigInt(epoch * JOBS))).gas;
}

function sum(spent: readonly Spent[]): number {
  return spent.reduce((total, { gas }) => total + gas, 0);
}
