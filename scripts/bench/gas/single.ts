import type { Signer } from "@lode/sdk/keys";
import { anchor, authorize, COORDINATOR, deposit, depositPool, LODE, MINER, oddWei, register, sweep } from "./acts.ts";
import type { Bed, Spent } from "./bed.ts";
import { Channel, collectMany, DEDICATED, POOLED, type SignedVoucher } from "./vouchers.ts";

/** Slopes and single calls. "First" creates a slot; "repeat" changes slots that hold something. */
export interface SingleFigures {
  readonly collectManyMarginal: number;
  readonly collectManyMarginalFirst: number;
  readonly collectManyMarginalSession: number;
  readonly collectManyMarginalPooled: number;
  readonly collectRepeat: number;
  /** Ten repeat vouchers in one call without the transaction's base cost and calldata, for each of them. */
  readonly collectTenCallFramePerVoucher: number;
  readonly collectOneCallFrame: number;
  readonly stakeRegister: number;
  readonly stakeRegisterExactApproval: number;
  readonly approve: number;
  readonly stakeTopUp: number;
  /** The contract's own token balance is created as well. */
  readonly registerFirstEver: number;
  readonly depositFirstEver: number;
  readonly deposit: number;
  readonly depositCallFrame: number;
  readonly depositRepeat: number;
  readonly depositPool: number;
  readonly authorizeSigner: number;
  readonly sweep: number;
  readonly sweepCallFrame: number;
  readonly sweepFirst: number;
  readonly sweepToVoter: number;
  readonly anchor: number;
  readonly anchorFirst: number;
}

const JOBS = 100;
const PAID_WEI = oddWei(1n);
const SMALL = 10;
const LARGE = 20;

/** Measures every act once, with other people than the workload's. */
export async function measureSingles(bed: Bed): Promise<SingleFigures> {
  const coordinator = await bed.person("single coordinator");
  const { gas: registerFirstEver } = await register(bed, coordinator, COORDINATOR, 10_000n);
  const depositFirstEver = await openEscrow(bed, coordinator);
  const stakes = await measureStakes(bed);
  const deposits = await measureDeposits(bed, coordinator);
  const collects = await measureCollects(bed, coordinator);
  const sweeps = await measureSweeps(bed, coordinator);
  const anchorFirst = (await anchor(bed, coordinator, 10_000n)).gas;
  return {
    ...stakes,
    registerFirstEver,
    ...deposits,
    depositFirstEver,
    ...collects,
    ...sweeps,
    anchorFirst,
    anchor: (await anchor(bed, coordinator, 20_000n)).gas,
  };
}

/** The escrow's very first deposit and collection create its token balance and its fee counter: nobody pays that again. */
async function openEscrow(bed: Bed, coordinator: Signer): Promise<number> {
  const client = await bed.person("first of all");
  const { gas } = await deposit(bed, client, coordinator, oddWei(10n));
  const channel = new Channel(bed, client, coordinator.address, DEDICATED);
  await collectMany(bed, coordinator, [channel.next(JOBS, PAID_WEI)]);
  return gas;
}

async function measureStakes(bed: Bed) {
  const [standing, exact] = [await bed.person("standing approval"), await bed.person("exact approval")];
  const stakeRegister = (await register(bed, standing, MINER, 1_000n)).gas;
  const topUp = await bed.send(standing.address, bed.staking, "topUp", [standing.address, oddWei(5n)]);
  await bed.send(exact.address, bed.token, "approve", [bed.staking.address, 0n]);
  const approve = (await bed.send(exact.address, bed.token, "approve", [bed.staking.address, 1_000n * LODE])).gas;
  const stakeRegisterExactApproval = (await register(bed, exact, MINER, 1_000n)).gas;
  return { stakeRegister, stakeRegisterExactApproval, approve, stakeTopUp: topUp.gas };
}

async function measureDeposits(bed: Bed, coordinator: Signer) {
  const client = await bed.person("depositor");
  const first = await deposit(bed, client, coordinator, oddWei(10n));
  return {
    deposit: first.gas,
    depositCallFrame: first.gas - first.intrinsic,
    depositRepeat: (await deposit(bed, client, coordinator, oddWei(10n))).gas,
    depositPool: (await depositPool(bed, coordinator, oddWei(10_000n))).gas,
  };
}

async function measureCollects(bed: Bed, coordinator: Signer) {
  const channels: Channel[] = [];
  const session = await bed.person("session", 0n);
  const authorizations: Spent[] = [];
  for (let number = 0; number < SMALL + LARGE; number++) {
    const client = await bed.person(`single client ${number}`);
    await deposit(bed, client, coordinator, oddWei(1_000n));
    authorizations.push(await authorize(bed, client, coordinator, session));
    channels.push(new Channel(bed, client, coordinator.address, DEDICATED));
  }
  const next = (from: number, to: number, by?: Signer): SignedVoucher[] =>
    channels.slice(from, to).map((channel) => channel.next(JOBS, PAID_WEI, by));
  const collect = (items: readonly SignedVoucher[]): Promise<Spent> => collectMany(bed, coordinator, items);
  const slope = async (by?: Signer): Promise<number> => {
    const small = await collect(next(0, SMALL, by));
    const large = await collect(next(0, LARGE, by));
    return (large.gas - small.gas) / (LARGE - SMALL);
  };
  const small = await collect(next(0, SMALL));
  const large = await collect(next(SMALL, SMALL + LARGE));
  const ten = await collect(next(0, SMALL));
  const one = next(0, 1)[0] as SignedVoucher;
  const single = await bed.send(coordinator.address, bed.escrow, "collect", [one.voucher, one.signature]);
  return {
    collectManyMarginalFirst: (large.gas - small.gas) / (LARGE - SMALL),
    collectManyMarginal: await slope(),
    collectManyMarginalSession: await slope(session),
    collectManyMarginalPooled: await pooledSlope(bed, coordinator),
    collectRepeat: single.gas,
    collectOneCallFrame: single.gas - single.intrinsic,
    collectTenCallFramePerVoucher: (ten.gas - ten.intrinsic) / SMALL,
    authorizeSigner: authorizations.at(-1)?.gas ?? 0,
  };
}

/** One more miner paid from the coordinator's pool, each with something in its own pool already. */
async function pooledSlope(bed: Bed, coordinator: Signer): Promise<number> {
  const channels = await Promise.all(
    Array.from({ length: LARGE }, async (_, number) => {
      const miner = await bed.person(`single miner ${number}`, 0n);
      return new Channel(bed, coordinator, miner.address, POOLED);
    }),
  );
  const collect = (length: number): Promise<Spent> =>
    collectMany(
      bed,
      coordinator,
      channels.slice(0, length).map((channel) => channel.next(JOBS, PAID_WEI)),
    );
  await collect(LARGE);
  const [small, large] = [await collect(SMALL), await collect(LARGE)];
  return (large.gas - small.gas) / (LARGE - SMALL);
}

/** A sweep empties the pool. The payee holds tokens already, none yet, or has delegated its votes to itself. */
async function measureSweeps(bed: Bed, coordinator: Signer) {
  const paid = async (payee: Signer): Promise<Spent> => {
    const channel = new Channel(bed, coordinator, payee.address, POOLED);
    await collectMany(bed, coordinator, [channel.next(JOBS, PAID_WEI)]);
    return sweep(bed, payee);
  };
  const [holder, fresh, voter] = [await bed.person("holder"), await bed.person("fresh", 0n), await bed.person("voter")];
  await bed.send(voter.address, bed.token, "delegate", [voter.address]);
  const repeat = await paid(holder);
  return {
    sweep: repeat.gas,
    sweepCallFrame: repeat.gas - repeat.intrinsic,
    sweepFirst: (await paid(fresh)).gas,
    sweepToVoter: (await paid(voter)).gas,
  };
}
