// Written by `npm run generate` from the contract's events.
import {
  AccountThawStarted,
  AccountWithdrawn,
  AuthorityUpdated,
  Collected,
  Deposited,
  EIP712DomainChanged,
  FeesBurned,
  IntakePaused,
  IntakeResumed,
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
  AccountThawStarted as AccountThawStartedRecord,
  AccountWithdrawn as AccountWithdrawnRecord,
  AuthorityUpdated as AuthorityUpdatedRecord,
  Collected as CollectedRecord,
  Deposited as DepositedRecord,
  DomainChanged as DomainChangedRecord,
  FeesBurned as FeesBurnedRecord,
  IntakePaused as IntakePausedRecord,
  IntakeResumed as IntakeResumedRecord,
  PoolClosed as PoolClosedRecord,
  PoolDeposited as PoolDepositedRecord,
  PoolFrozen as PoolFrozenRecord,
  PoolReleased as PoolReleasedRecord,
  PoolSignerAuthorized as PoolSignerAuthorizedRecord,
  PoolSignerRevoked as PoolSignerRevokedRecord,
  PoolThawStarted as PoolThawStartedRecord,
  PoolWithdrawn as PoolWithdrawnRecord,
  SignerAuthorized as SignerAuthorizedRecord,
  SignerRevoked as SignerRevokedRecord,
  Swept as SweptRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordAccountThawStarted(event: AccountThawStarted): void {
  const record = new AccountThawStartedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.thawingWei = event.params.thawingWei;
  record.thawEndsAt = event.params.thawEndsAt;
  record.save();
}

export function recordAccountWithdrawn(event: AccountWithdrawn): void {
  const record = new AccountWithdrawnRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.amountWei = event.params.amountWei;
  record.save();
}

export function recordAuthorityUpdated(event: AuthorityUpdated): void {
  const record = new AuthorityUpdatedRecord(recordId(event));
  stamp(record, event);
  record.authority = event.params.authority;
  record.save();
}

export function recordCollected(event: Collected): void {
  const record = new CollectedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.kind = event.params.kind;
  record.cumulativeWei = event.params.cumulativeWei;
  record.paidWei = event.params.paidWei;
  record.count = event.params.count;
  record.receiptsRoot = event.params.receiptsRoot;
  record.save();
}

export function recordDeposited(event: Deposited): void {
  const record = new DepositedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.amountWei = event.params.amountWei;
  record.balanceWei = event.params.balanceWei;
  record.save();
}

export function recordEIP712DomainChanged(event: EIP712DomainChanged): void {
  const record = new DomainChangedRecord(recordId(event));
  stamp(record, event);
  record.save();
}

export function recordFeesBurned(event: FeesBurned): void {
  const record = new FeesBurnedRecord(recordId(event));
  stamp(record, event);
  record.epoch = event.params.epoch;
  record.amountWei = event.params.amountWei;
  record.save();
}

export function recordIntakePaused(event: IntakePaused): void {
  const record = new IntakePausedRecord(recordId(event));
  stamp(record, event);
  record.guardian = event.params.guardian;
  record.until = event.params.until;
  record.save();
}

export function recordIntakeResumed(event: IntakeResumed): void {
  const record = new IntakeResumedRecord(recordId(event));
  stamp(record, event);
  record.guardian = event.params.guardian;
  record.save();
}

export function recordPoolClosed(event: PoolClosed): void {
  const record = new PoolClosedRecord(recordId(event));
  stamp(record, event);
  record.account = event.params.account;
  record.takenWei = event.params.takenWei;
  record.epoch = event.params.epoch;
  record.save();
}

export function recordPoolDeposited(event: PoolDeposited): void {
  const record = new PoolDepositedRecord(recordId(event));
  stamp(record, event);
  record.account = event.params.account;
  record.amountWei = event.params.amountWei;
  record.balanceWei = event.params.balanceWei;
  record.save();
}

export function recordPoolFrozen(event: PoolFrozen): void {
  const record = new PoolFrozenRecord(recordId(event));
  stamp(record, event);
  record.account = event.params.account;
  record.save();
}

export function recordPoolReleased(event: PoolReleased): void {
  const record = new PoolReleasedRecord(recordId(event));
  stamp(record, event);
  record.account = event.params.account;
  record.save();
}

export function recordPoolSignerAuthorized(event: PoolSignerAuthorized): void {
  const record = new PoolSignerAuthorizedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.signer = event.params.signer;
  record.dailyCapWei = event.params.dailyCapWei;
  record.expiresAt = event.params.expiresAt;
  record.save();
}

export function recordPoolSignerRevoked(event: PoolSignerRevoked): void {
  const record = new PoolSignerRevokedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.signer = event.params.signer;
  record.expiresAt = event.params.expiresAt;
  record.save();
}

export function recordPoolThawStarted(event: PoolThawStarted): void {
  const record = new PoolThawStartedRecord(recordId(event));
  stamp(record, event);
  record.account = event.params.account;
  record.thawingWei = event.params.thawingWei;
  record.thawEndsAt = event.params.thawEndsAt;
  record.save();
}

export function recordPoolWithdrawn(event: PoolWithdrawn): void {
  const record = new PoolWithdrawnRecord(recordId(event));
  stamp(record, event);
  record.account = event.params.account;
  record.amountWei = event.params.amountWei;
  record.save();
}

export function recordSignerAuthorized(event: SignerAuthorized): void {
  const record = new SignerAuthorizedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.signer = event.params.signer;
  record.capWei = event.params.capWei;
  record.expiresAt = event.params.expiresAt;
  record.save();
}

export function recordSignerRevoked(event: SignerRevoked): void {
  const record = new SignerRevokedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.signer = event.params.signer;
  record.expiresAt = event.params.expiresAt;
  record.save();
}

export function recordSwept(event: Swept): void {
  const record = new SweptRecord(recordId(event));
  stamp(record, event);
  record.account = event.params.account;
  record.to = event.params.to;
  record.amountWei = event.params.amountWei;
  record.save();
}
