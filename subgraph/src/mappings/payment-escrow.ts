import { Address, BigInt, Bytes, store } from "@graphprotocol/graph-ts";
import {
  AccountThawStarted,
  AccountWithdrawn,
  Collected,
  Deposited,
  FeesBurned,
  IntakePaused,
  IntakeResumed,
  PaymentEscrow,
  PoolClosed,
  PoolDeposited,
  PoolFrozen,
  PoolReleased,
  PoolSignerAuthorized,
  PoolSignerRevoked,
  PoolThawStarted,
  PoolWithdrawn,
  SignerAuthorized,
  SignerRevoked,
  Swept,
} from "../../generated/PaymentEscrow/PaymentEscrow";
import {
  Account,
  Channel,
  Client,
  Coordinator,
  Miner,
  Payment,
  PoolSigner,
  Protocol,
  SessionSigner,
} from "../../generated/schema";
import { epochAt, loadFeeEpoch, loadPayeeFee } from "../entities/fees";
import { flow } from "../entities/flow";
import { loadPool } from "../entities/pool";
import { loadProtocol } from "../entities/protocol";
import { smaller, ZERO } from "../entities/record";
import {
  recordAccountThawStarted,
  recordAccountWithdrawn,
  recordCollected,
  recordDeposited,
  recordFeesBurned,
  recordIntakePaused,
  recordIntakeResumed,
  recordPoolClosed,
  recordPoolDeposited,
  recordPoolFrozen,
  recordPoolReleased,
  recordPoolSignerAuthorized,
  recordPoolSignerRevoked,
  recordPoolThawStarted,
  recordPoolWithdrawn,
  recordSignerAuthorized,
  recordSignerRevoked,
  recordSwept,
} from "../records/payment-escrow";

export {
  recordAuthorityUpdated as handleAuthorityUpdated,
  recordEIP712DomainChanged as handleEIP712DomainChanged,
} from "../records/payment-escrow";

const DEDICATED: i32 = 0;
const MILLION = BigInt.fromI32(1_000_000);
/** The escrow's RELEASE_NOTICE_SECONDS. */
const RELEASE_NOTICE_SECONDS = BigInt.fromI32(259_200);

export function handleDeposited(event: Deposited): void {
  recordDeposited(event);
  const amountWei = event.params.amountWei;
  const protocol = loadProtocol();
  let client = Client.load(event.params.payer);
  if (!client) {
    client = new Client(event.params.payer);
    client.depositedWei = ZERO;
    client.balanceWei = ZERO;
    client.spentWei = ZERO;
    client.withdrawnWei = ZERO;
    client.since = event.block.timestamp;
    protocol.clients += 1;
  }
  client.depositedWei = client.depositedWei.plus(amountWei);
  client.balanceWei = client.balanceWei.plus(amountWei);
  client.save();

  const id = event.params.payer.concat(event.params.payee);
  let account = Account.load(id);
  if (!account) {
    account = new Account(id);
    account.client = client.id;
    account.payee = event.params.payee;
    account.balanceWei = ZERO;
    account.thawingWei = ZERO;
    account.thawEndsAt = ZERO;
    account.depositedWei = ZERO;
    account.withdrawnWei = ZERO;
  }
  account.balanceWei = account.balanceWei.plus(amountWei);
  account.depositedWei = account.depositedWei.plus(amountWei);
  account.save();

  protocol.accountsWei = protocol.accountsWei.plus(amountWei);
  protocol.depositedWei = protocol.depositedWei.plus(amountWei);
  protocol.save();
  flow(event.address, amountWei, ZERO, ZERO);
}

export function handleAccountThawStarted(event: AccountThawStarted): void {
  recordAccountThawStarted(event);
  const account = Account.load(event.params.payer.concat(event.params.payee))!;
  account.thawingWei = event.params.thawingWei;
  account.thawEndsAt = event.params.thawEndsAt;
  account.save();
}

export function handleAccountWithdrawn(event: AccountWithdrawn): void {
  recordAccountWithdrawn(event);
  const amountWei = event.params.amountWei;
  const account = Account.load(event.params.payer.concat(event.params.payee))!;
  account.balanceWei = account.balanceWei.minus(amountWei);
  account.thawingWei = ZERO;
  account.thawEndsAt = ZERO;
  account.withdrawnWei = account.withdrawnWei.plus(amountWei);
  account.save();
  const client = Client.load(event.params.payer)!;
  client.balanceWei = client.balanceWei.minus(amountWei);
  client.withdrawnWei = client.withdrawnWei.plus(amountWei);
  client.save();
  const protocol = loadProtocol();
  protocol.accountsWei = protocol.accountsWei.minus(amountWei);
  protocol.paidOutWei = protocol.paidOutWei.plus(amountWei);
  protocol.save();
  flow(event.address, ZERO, amountWei, ZERO);
}

export function handleCollected(event: Collected): void {
  recordCollected(event);
  const paidWei = event.params.paidWei;
  const isDedicated = event.params.kind == DEDICATED;
  const protocol = loadProtocol();
  const feeWei = isDedicated ? paidWei.times(BigInt.fromI32(feePpmOf(protocol, event.address))).div(MILLION) : ZERO;
  keepChannel(event);
  if (isDedicated) {
    drawAccount(event.params.payer, event.params.payee, paidWei);
    protocol.accountsWei = protocol.accountsWei.minus(paidWei);
    protocol.poolsWei = protocol.poolsWei.plus(paidWei).minus(feeWei);
    protocol.collectedWei = protocol.collectedWei.plus(paidWei);
    protocol.feesWei = protocol.feesWei.plus(feeWei);
    accrue(event.block.timestamp, event.params.payee, feeWei);
  } else {
    drawPool(event.params.payer, paidWei);
    protocol.pooledWei = protocol.pooledWei.plus(paidWei);
  }
  protocol.save();
  credit(event.params.payee, paidWei.minus(feeWei), isDedicated);

  const point = new Payment(0);
  point.payer = event.params.payer;
  point.payee = event.params.payee;
  point.kind = kindOf(event.params.kind);
  point.paidWei = paidWei;
  point.feeWei = feeWei;
  // "auto" has the indexer give the next id; the time is the block's.
  store.set("Payment", "auto", point);
}

export function handlePoolDeposited(event: PoolDeposited): void {
  recordPoolDeposited(event);
  const amountWei = event.params.amountWei;
  const pool = loadPool(event.params.account);
  pool.balanceWei = pool.balanceWei.plus(amountWei);
  pool.depositedWei = pool.depositedWei.plus(amountWei);
  pool.save();
  const protocol = loadProtocol();
  protocol.poolsWei = protocol.poolsWei.plus(amountWei);
  protocol.depositedWei = protocol.depositedWei.plus(amountWei);
  protocol.save();
  flow(event.address, amountWei, ZERO, ZERO);
}

export function handlePoolThawStarted(event: PoolThawStarted): void {
  recordPoolThawStarted(event);
  const pool = loadPool(event.params.account);
  pool.thawingWei = event.params.thawingWei;
  pool.thawEndsAt = event.params.thawEndsAt;
  pool.save();
}

export function handlePoolWithdrawn(event: PoolWithdrawn): void {
  recordPoolWithdrawn(event);
  const pool = loadPool(event.params.account);
  pool.balanceWei = pool.balanceWei.minus(event.params.amountWei);
  pool.thawingWei = ZERO;
  pool.thawEndsAt = ZERO;
  pool.withdrawnWei = pool.withdrawnWei.plus(event.params.amountWei);
  pool.save();
  leavePools(event.address, event.params.amountWei);
}

export function handleSwept(event: Swept): void {
  recordSwept(event);
  const pool = loadPool(event.params.account);
  pool.balanceWei = pool.balanceWei.minus(event.params.amountWei);
  pool.sweptWei = pool.sweptWei.plus(event.params.amountWei);
  pool.save();
  leavePools(event.address, event.params.amountWei);
}

export function handlePoolFrozen(event: PoolFrozen): void {
  recordPoolFrozen(event);
  const pool = loadPool(event.params.account);
  pool.isFrozen = true;
  pool.save();
}

export function handlePoolReleased(event: PoolReleased): void {
  recordPoolReleased(event);
  const pool = loadPool(event.params.account);
  pool.isFrozen = false;
  // The event does not say it: a thaw does not end before payees had time to collect again.
  const earliest = event.block.timestamp.plus(RELEASE_NOTICE_SECONDS);
  if (pool.thawingWei.gt(ZERO) && pool.thawEndsAt.lt(earliest)) pool.thawEndsAt = earliest;
  pool.save();
}

export function handlePoolClosed(event: PoolClosed): void {
  recordPoolClosed(event);
  const takenWei = event.params.takenWei;
  const pool = loadPool(event.params.account);
  pool.balanceWei = pool.balanceWei.minus(takenWei);
  pool.thawingWei = smaller(pool.thawingWei, pool.balanceWei);
  pool.takenWei = pool.takenWei.plus(takenWei);
  pool.epoch = event.params.epoch;
  pool.isFrozen = false;
  pool.save();
  const protocol = loadProtocol();
  protocol.poolsWei = protocol.poolsWei.minus(takenWei);
  protocol.save();
  flow(event.address, ZERO, ZERO, takenWei);
}

export function handleFeesBurned(event: FeesBurned): void {
  recordFeesBurned(event);
  const epoch = loadFeeEpoch(event.params.epoch);
  epoch.burnedWei = epoch.burnedWei.plus(event.params.amountWei);
  epoch.save();
  const protocol = loadProtocol();
  protocol.feesBurnedWei = protocol.feesBurnedWei.plus(event.params.amountWei);
  protocol.save();
}

export function handleSignerAuthorized(event: SignerAuthorized): void {
  recordSignerAuthorized(event);
  const session = new SessionSigner(event.params.payer.concat(event.params.payee).concat(event.params.signer));
  session.payer = event.params.payer;
  session.payee = event.params.payee;
  session.signer = event.params.signer;
  session.capWei = event.params.capWei;
  session.expiresAt = event.params.expiresAt;
  session.isRevoked = false;
  session.save();
}

export function handleSignerRevoked(event: SignerRevoked): void {
  recordSignerRevoked(event);
  const id = event.params.payer.concat(event.params.payee).concat(event.params.signer);
  const session = SessionSigner.load(id)!;
  session.expiresAt = event.params.expiresAt;
  session.isRevoked = true;
  session.save();
}

export function handlePoolSignerAuthorized(event: PoolSignerAuthorized): void {
  recordPoolSignerAuthorized(event);
  const session = new PoolSigner(event.params.payer.concat(event.params.signer));
  session.payer = event.params.payer;
  session.signer = event.params.signer;
  session.dailyCapWei = event.params.dailyCapWei;
  session.expiresAt = event.params.expiresAt;
  session.isRevoked = false;
  session.save();
}

export function handlePoolSignerRevoked(event: PoolSignerRevoked): void {
  recordPoolSignerRevoked(event);
  const session = PoolSigner.load(event.params.payer.concat(event.params.signer))!;
  session.expiresAt = event.params.expiresAt;
  session.isRevoked = true;
  session.save();
}

export function handleIntakePaused(event: IntakePaused): void {
  recordIntakePaused(event);
  const protocol = loadProtocol();
  protocol.escrowPausedUntil = event.params.until;
  protocol.save();
}

export function handleIntakeResumed(event: IntakeResumed): void {
  recordIntakeResumed(event);
  const protocol = loadProtocol();
  protocol.escrowPausedUntil = null;
  protocol.save();
}

/** The fee is immutable and in no event: it is asked of the contract once. */
function feePpmOf(protocol: Protocol, escrow: Address): i32 {
  if (protocol.get("feePpm") === null) protocol.feePpm = PaymentEscrow.bind(escrow).protocolFeePpm().toI32();
  return protocol.feePpm;
}

function kindOf(kind: i32): string {
  return kind == DEDICATED ? "DEDICATED" : "POOLED";
}

function keepChannel(event: Collected): void {
  const suffix = new Bytes(1);
  suffix[0] = event.params.kind as u8;
  const id = event.params.payer.concat(event.params.payee).concat(suffix);
  let channel = Channel.load(id);
  if (!channel) {
    channel = new Channel(id);
    channel.payer = event.params.payer;
    channel.payee = event.params.payee;
    channel.kind = kindOf(event.params.kind);
    channel.collectedWei = ZERO;
    channel.collections = 0;
  }
  channel.collectedWei = channel.collectedWei.plus(event.params.paidWei);
  channel.cumulativeWei = event.params.cumulativeWei;
  channel.count = event.params.count;
  channel.receiptsRoot = event.params.receiptsRoot;
  channel.collections += 1;
  channel.collectedAt = event.block.timestamp;
  channel.save();
}

function drawAccount(payer: Address, payee: Address, paidWei: BigInt): void {
  const id = payer.concat(payee);
  const account = Account.load(id)!;
  account.balanceWei = account.balanceWei.minus(paidWei);
  // A collection reaches thawing money; what is left of the thaw is at most what is left of the account.
  account.thawingWei = smaller(account.thawingWei, account.balanceWei);
  if (account.thawingWei.equals(ZERO)) account.thawEndsAt = ZERO;
  const suffix = new Bytes(1);
  suffix[0] = DEDICATED as u8;
  account.channel = id.concat(suffix);
  account.save();
  const client = Client.load(payer)!;
  client.balanceWei = client.balanceWei.minus(paidWei);
  client.spentWei = client.spentWei.plus(paidWei);
  client.save();
}

function drawPool(payer: Address, paidWei: BigInt): void {
  const pool = loadPool(payer);
  pool.balanceWei = pool.balanceWei.minus(paidWei);
  pool.thawingWei = smaller(pool.thawingWei, pool.balanceWei);
  pool.spentWei = pool.spentWei.plus(paidWei);
  pool.save();
  const coordinator = Coordinator.load(payer);
  if (coordinator) {
    coordinator.paidWei = coordinator.paidWei.plus(paidWei);
    coordinator.save();
  }
}

function credit(payee: Address, amountWei: BigInt, isDedicated: boolean): void {
  const pool = loadPool(payee);
  pool.balanceWei = pool.balanceWei.plus(amountWei);
  pool.earnedWei = pool.earnedWei.plus(amountWei);
  pool.save();
  const miner = Miner.load(payee);
  if (miner) {
    miner.earnedWei = miner.earnedWei.plus(amountWei);
    miner.collections += 1;
    miner.save();
  }
  const coordinator = Coordinator.load(payee);
  if (coordinator && isDedicated) {
    coordinator.receivedWei = coordinator.receivedWei.plus(amountWei);
    coordinator.save();
  }
}

function accrue(timestamp: BigInt, payee: Address, feeWei: BigInt): void {
  if (feeWei.equals(ZERO)) return;
  const number = epochAt(timestamp);
  const epoch = loadFeeEpoch(number);
  epoch.accruedWei = epoch.accruedWei.plus(feeWei);
  epoch.save();
  const fee = loadPayeeFee(number, payee);
  fee.feesWei = fee.feesWei.plus(feeWei);
  fee.save();
}

function leavePools(escrow: Address, amountWei: BigInt): void {
  const protocol = loadProtocol();
  protocol.poolsWei = protocol.poolsWei.minus(amountWei);
  protocol.paidOutWei = protocol.paidOutWei.plus(amountWei);
  protocol.save();
  flow(escrow, ZERO, amountWei, ZERO);
}
