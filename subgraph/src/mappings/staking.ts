import { Address, BigInt, Bytes } from "@graphprotocol/graph-ts";
import { Coordinator, Miner, OperatorKey, Pool, Staker } from "../../generated/schema";
import {
  CapabilitiesAnnounced,
  IntakePaused,
  IntakeResumed,
  OperatorChanged,
  PayoutChanged,
  StakeAdded,
  StakeFrozen,
  StakeSlashed,
  StakeUnfrozen,
  StakeWithdrawn,
  StakerRegistered,
  ThawStarted,
} from "../../generated/Staking/Staking";
import { flow } from "../entities/flow";
import { loadProtocol } from "../entities/protocol";
import { ZERO } from "../entities/record";
import {
  recordCapabilitiesAnnounced,
  recordIntakePaused,
  recordIntakeResumed,
  recordOperatorChanged,
  recordPayoutChanged,
  recordStakeAdded,
  recordStakeFrozen,
  recordStakeSlashed,
  recordStakeUnfrozen,
  recordStakeWithdrawn,
  recordStakerRegistered,
  recordThawStarted,
} from "../records/staking";

export { recordAuthorityUpdated as handleAuthorityUpdated } from "../records/staking";

const MINER: i32 = 1;

export function handleStakerRegistered(event: StakerRegistered): void {
  recordStakerRegistered(event);
  const id = event.params.staker;
  const isMiner = event.params.role == MINER;
  const pool = Pool.load(id);
  const staker = new Staker(id);
  staker.role = isMiner ? "MINER" : "COORDINATOR";
  staker.operator = event.params.operator;
  staker.payout = event.params.payout;
  staker.capabilitiesHash = event.params.capabilitiesHash;
  staker.stakedWei = ZERO;
  staker.thawingWei = ZERO;
  staker.thawEndsAt = ZERO;
  staker.slashedWei = ZERO;
  staker.withdrawnWei = ZERO;
  staker.freezes = 0;
  staker.faults = 0;
  staker.registeredAt = event.block.timestamp;
  if (pool) staker.pool = id;
  staker.save();
  setOperator(id, event.params.operator, event.block.timestamp);

  const protocol = loadProtocol();
  if (isMiner) {
    protocol.miners += 1;
    createMiner(id, pool);
  } else {
    protocol.coordinators += 1;
    createCoordinator(id, pool);
  }
  protocol.save();
}

export function handleStakeAdded(event: StakeAdded): void {
  recordStakeAdded(event);
  const staker = Staker.load(event.params.staker)!;
  staker.stakedWei = event.params.stakedWei;
  staker.save();
  const protocol = loadProtocol();
  protocol.stakedWei = protocol.stakedWei.plus(event.params.amountWei);
  protocol.save();
  flow(event.address, event.params.amountWei, ZERO, ZERO);
}

export function handleThawStarted(event: ThawStarted): void {
  recordThawStarted(event);
  const staker = Staker.load(event.params.staker)!;
  staker.stakedWei = event.params.stakedWei;
  staker.thawingWei = event.params.amountWei;
  staker.thawEndsAt = event.params.thawEndsAt;
  staker.save();
  const protocol = loadProtocol();
  protocol.stakedWei = protocol.stakedWei.minus(event.params.amountWei);
  protocol.thawingWei = protocol.thawingWei.plus(event.params.amountWei);
  protocol.save();
}

export function handleStakeWithdrawn(event: StakeWithdrawn): void {
  recordStakeWithdrawn(event);
  const amountWei = event.params.amountWei;
  const staker = Staker.load(event.params.staker)!;
  staker.thawingWei = ZERO;
  staker.thawEndsAt = ZERO;
  staker.withdrawnWei = staker.withdrawnWei.plus(amountWei);
  staker.save();
  const protocol = loadProtocol();
  protocol.thawingWei = protocol.thawingWei.minus(amountWei);
  protocol.unstakedWei = protocol.unstakedWei.plus(amountWei);
  protocol.save();
  flow(event.address, ZERO, amountWei, ZERO);
}

export function handleStakeSlashed(event: StakeSlashed): void {
  recordStakeSlashed(event);
  const amountWei = event.params.amountWei;
  const staker = Staker.load(event.params.staker)!;
  const protocol = loadProtocol();
  protocol.stakedWei = protocol.stakedWei.minus(staker.stakedWei).plus(event.params.stakedWei);
  protocol.thawingWei = protocol.thawingWei.minus(staker.thawingWei).plus(event.params.thawingWei);
  protocol.slashedWei = protocol.slashedWei.plus(amountWei);
  protocol.save();
  staker.stakedWei = event.params.stakedWei;
  staker.thawingWei = event.params.thawingWei;
  staker.slashedWei = staker.slashedWei.plus(amountWei);
  staker.save();
  flow(event.address, ZERO, ZERO, amountWei);
}

export function handleOperatorChanged(event: OperatorChanged): void {
  recordOperatorChanged(event);
  const staker = Staker.load(event.params.staker)!;
  const old = OperatorKey.load(staker.id.concat(staker.operator))!;
  old.replacedAt = event.block.timestamp;
  old.save();
  staker.operator = event.params.operator;
  staker.save();
  setOperator(staker.id, event.params.operator, event.block.timestamp);
}

export function handlePayoutChanged(event: PayoutChanged): void {
  recordPayoutChanged(event);
  const staker = Staker.load(event.params.staker)!;
  staker.payout = event.params.payout;
  staker.save();
}

export function handleCapabilitiesAnnounced(event: CapabilitiesAnnounced): void {
  recordCapabilitiesAnnounced(event);
  const staker = Staker.load(event.params.staker)!;
  staker.capabilitiesHash = event.params.capabilitiesHash;
  staker.save();
}

export function handleStakeFrozen(event: StakeFrozen): void {
  recordStakeFrozen(event);
  setFreezes(event.params.staker, event.params.freezes);
}

export function handleStakeUnfrozen(event: StakeUnfrozen): void {
  recordStakeUnfrozen(event);
  setFreezes(event.params.staker, event.params.freezes);
}

export function handleIntakePaused(event: IntakePaused): void {
  recordIntakePaused(event);
  const protocol = loadProtocol();
  protocol.stakingPausedUntil = event.params.until;
  protocol.save();
}

export function handleIntakeResumed(event: IntakeResumed): void {
  recordIntakeResumed(event);
  const protocol = loadProtocol();
  protocol.stakingPausedUntil = null;
  protocol.save();
}

function setFreezes(id: Address, freezes: i32): void {
  const staker = Staker.load(id)!;
  staker.freezes = freezes;
  staker.save();
}

/** A key may come back after it was replaced. */
function setOperator(staker: Bytes, key: Bytes, since: BigInt): void {
  const operator = new OperatorKey(staker.concat(key));
  operator.staker = staker;
  operator.key = key;
  operator.since = since;
  // An entity is merged with what is stored under its id: a key that comes back is no longer replaced.
  operator.replacedAt = null;
  operator.save();
}

/** Who was paid before it registered keeps what it earned. */
function createMiner(id: Bytes, pool: Pool | null): void {
  const miner = new Miner(id);
  miner.staker = id;
  miner.earnedWei = pool ? pool.earnedWei : ZERO;
  miner.rewardsWei = ZERO;
  miner.collections = 0;
  miner.cases = 0;
  miner.save();
}

function createCoordinator(id: Bytes, pool: Pool | null): void {
  const coordinator = new Coordinator(id);
  coordinator.staker = id;
  coordinator.receivedWei = pool ? pool.earnedWei : ZERO;
  coordinator.paidWei = pool ? pool.spentWei : ZERO;
  coordinator.epoch = ZERO;
  coordinator.logSize = ZERO;
  coordinator.isForked = false;
  coordinator.save();
}
