// Written by `npm run generate` from the contract's events.
import {
  AuthorityUpdated,
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
import {
  AuthorityUpdated as AuthorityUpdatedRecord,
  CapabilitiesAnnounced as CapabilitiesAnnouncedRecord,
  IntakePaused as IntakePausedRecord,
  IntakeResumed as IntakeResumedRecord,
  OperatorChanged as OperatorChangedRecord,
  PayoutChanged as PayoutChangedRecord,
  StakeAdded as StakeAddedRecord,
  StakeFrozen as StakeFrozenRecord,
  StakeSlashed as StakeSlashedRecord,
  StakeUnfrozen as StakeUnfrozenRecord,
  StakeWithdrawn as StakeWithdrawnRecord,
  StakerRegistered as StakerRegisteredRecord,
  ThawStarted as ThawStartedRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordAuthorityUpdated(event: AuthorityUpdated): void {
  const record = new AuthorityUpdatedRecord(recordId(event));
  stamp(record, event);
  record.authority = event.params.authority;
  record.save();
}

export function recordCapabilitiesAnnounced(event: CapabilitiesAnnounced): void {
  const record = new CapabilitiesAnnouncedRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.capabilitiesHash = event.params.capabilitiesHash;
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

export function recordOperatorChanged(event: OperatorChanged): void {
  const record = new OperatorChangedRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.operator = event.params.operator;
  record.save();
}

export function recordPayoutChanged(event: PayoutChanged): void {
  const record = new PayoutChangedRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.payout = event.params.payout;
  record.save();
}

export function recordStakeAdded(event: StakeAdded): void {
  const record = new StakeAddedRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.amountWei = event.params.amountWei;
  record.stakedWei = event.params.stakedWei;
  record.save();
}

export function recordStakeFrozen(event: StakeFrozen): void {
  const record = new StakeFrozenRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.by = event.params.by;
  record.freezes = event.params.freezes;
  record.save();
}

export function recordStakeSlashed(event: StakeSlashed): void {
  const record = new StakeSlashedRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.amountWei = event.params.amountWei;
  record.stakedWei = event.params.stakedWei;
  record.thawingWei = event.params.thawingWei;
  record.save();
}

export function recordStakeUnfrozen(event: StakeUnfrozen): void {
  const record = new StakeUnfrozenRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.by = event.params.by;
  record.freezes = event.params.freezes;
  record.save();
}

export function recordStakeWithdrawn(event: StakeWithdrawn): void {
  const record = new StakeWithdrawnRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.amountWei = event.params.amountWei;
  record.save();
}

export function recordStakerRegistered(event: StakerRegistered): void {
  const record = new StakerRegisteredRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.role = event.params.role;
  record.operator = event.params.operator;
  record.payout = event.params.payout;
  record.capabilitiesHash = event.params.capabilitiesHash;
  record.save();
}

export function recordThawStarted(event: ThawStarted): void {
  const record = new ThawStartedRecord(recordId(event));
  stamp(record, event);
  record.staker = event.params.staker;
  record.amountWei = event.params.amountWei;
  record.thawEndsAt = event.params.thawEndsAt;
  record.stakedWei = event.params.stakedWei;
  record.save();
}
