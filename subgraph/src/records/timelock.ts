// Written by `npm run generate` from the contract's events.
import {
  CallExecuted,
  CallSalt,
  CallScheduled,
  Cancelled,
  MinDelayChange,
  RoleAdminChanged,
  RoleGranted,
  RoleRevoked,
} from "../../generated/Timelock/Timelock";
import {
  CallExecuted as CallExecutedRecord,
  CallSalt as CallSaltRecord,
  CallScheduled as CallScheduledRecord,
  CallCancelled as CallCancelledRecord,
  MinDelayChange as MinDelayChangeRecord,
  TimelockRoleAdminChanged as TimelockRoleAdminChangedRecord,
  TimelockRoleGranted as TimelockRoleGrantedRecord,
  TimelockRoleRevoked as TimelockRoleRevokedRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordCallExecuted(event: CallExecuted): void {
  const record = new CallExecutedRecord(recordId(event));
  stamp(record, event);
  record.callId = event.params.id;
  record.index = event.params.index;
  record.target = event.params.target;
  record.value = event.params.value;
  record.data = event.params.data;
  record.save();
}

export function recordCallSalt(event: CallSalt): void {
  const record = new CallSaltRecord(recordId(event));
  stamp(record, event);
  record.callId = event.params.id;
  record.salt = event.params.salt;
  record.save();
}

export function recordCallScheduled(event: CallScheduled): void {
  const record = new CallScheduledRecord(recordId(event));
  stamp(record, event);
  record.callId = event.params.id;
  record.index = event.params.index;
  record.target = event.params.target;
  record.value = event.params.value;
  record.data = event.params.data;
  record.predecessor = event.params.predecessor;
  record.delay = event.params.delay;
  record.save();
}

export function recordCancelled(event: Cancelled): void {
  const record = new CallCancelledRecord(recordId(event));
  stamp(record, event);
  record.callId = event.params.id;
  record.save();
}

export function recordMinDelayChange(event: MinDelayChange): void {
  const record = new MinDelayChangeRecord(recordId(event));
  stamp(record, event);
  record.oldDuration = event.params.oldDuration;
  record.newDuration = event.params.newDuration;
  record.save();
}

export function recordRoleAdminChanged(event: RoleAdminChanged): void {
  const record = new TimelockRoleAdminChangedRecord(recordId(event));
  stamp(record, event);
  record.role = event.params.role;
  record.previousAdminRole = event.params.previousAdminRole;
  record.newAdminRole = event.params.newAdminRole;
  record.save();
}

export function recordRoleGranted(event: RoleGranted): void {
  const record = new TimelockRoleGrantedRecord(recordId(event));
  stamp(record, event);
  record.role = event.params.role;
  record.account = event.params.account;
  record.sender = event.params.sender;
  record.save();
}

export function recordRoleRevoked(event: RoleRevoked): void {
  const record = new TimelockRoleRevokedRecord(recordId(event));
  stamp(record, event);
  record.role = event.params.role;
  record.account = event.params.account;
  record.sender = event.params.sender;
  record.save();
}
