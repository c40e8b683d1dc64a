// Written by `npm run generate` from the contract's events.
import {
  OperationCanceled,
  OperationExecuted,
  OperationScheduled,
  RoleAdminChanged,
  RoleGrantDelayChanged,
  RoleGranted,
  RoleGuardianChanged,
  RoleLabel,
  RoleRevoked,
  TargetAdminDelayUpdated,
  TargetClosed,
  TargetFunctionRoleUpdated,
} from "../../generated/AccessManager/AccessManager";
import {
  OperationCanceled as OperationCanceledRecord,
  OperationExecuted as OperationExecutedRecord,
  OperationScheduled as OperationScheduledRecord,
  RoleAdminChanged as RoleAdminChangedRecord,
  RoleGrantDelayChanged as RoleGrantDelayChangedRecord,
  RoleGranted as RoleGrantedRecord,
  RoleGuardianChanged as RoleGuardianChangedRecord,
  RoleLabel as RoleLabelRecord,
  RoleRevoked as RoleRevokedRecord,
  TargetAdminDelayUpdated as TargetAdminDelayUpdatedRecord,
  TargetClosed as TargetClosedRecord,
  TargetFunctionRoleUpdated as TargetFunctionRoleUpdatedRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordOperationCanceled(event: OperationCanceled): void {
  const record = new OperationCanceledRecord(recordId(event));
  stamp(record, event);
  record.operationId = event.params.operationId;
  record.nonce = event.params.nonce;
  record.save();
}

export function recordOperationExecuted(event: OperationExecuted): void {
  const record = new OperationExecutedRecord(recordId(event));
  stamp(record, event);
  record.operationId = event.params.operationId;
  record.nonce = event.params.nonce;
  record.save();
}

export function recordOperationScheduled(event: OperationScheduled): void {
  const record = new OperationScheduledRecord(recordId(event));
  stamp(record, event);
  record.operationId = event.params.operationId;
  record.nonce = event.params.nonce;
  record.schedule = event.params.schedule;
  record.caller = event.params.caller;
  record.target = event.params.target;
  record.data = event.params.data;
  record.save();
}

export function recordRoleAdminChanged(event: RoleAdminChanged): void {
  const record = new RoleAdminChangedRecord(recordId(event));
  stamp(record, event);
  record.roleId = event.params.roleId;
  record.admin = event.params.admin;
  record.save();
}

export function recordRoleGrantDelayChanged(event: RoleGrantDelayChanged): void {
  const record = new RoleGrantDelayChangedRecord(recordId(event));
  stamp(record, event);
  record.roleId = event.params.roleId;
  record.delay = event.params.delay;
  record.since = event.params.since;
  record.save();
}

export function recordRoleGranted(event: RoleGranted): void {
  const record = new RoleGrantedRecord(recordId(event));
  stamp(record, event);
  record.roleId = event.params.roleId;
  record.account = event.params.account;
  record.delay = event.params.delay;
  record.since = event.params.since;
  record.newMember = event.params.newMember;
  record.save();
}

export function recordRoleGuardianChanged(event: RoleGuardianChanged): void {
  const record = new RoleGuardianChangedRecord(recordId(event));
  stamp(record, event);
  record.roleId = event.params.roleId;
  record.guardian = event.params.guardian;
  record.save();
}

export function recordRoleLabel(event: RoleLabel): void {
  const record = new RoleLabelRecord(recordId(event));
  stamp(record, event);
  record.roleId = event.params.roleId;
  record.label = event.params.label;
  record.save();
}

export function recordRoleRevoked(event: RoleRevoked): void {
  const record = new RoleRevokedRecord(recordId(event));
  stamp(record, event);
  record.roleId = event.params.roleId;
  record.account = event.params.account;
  record.save();
}

export function recordTargetAdminDelayUpdated(event: TargetAdminDelayUpdated): void {
  const record = new TargetAdminDelayUpdatedRecord(recordId(event));
  stamp(record, event);
  record.target = event.params.target;
  record.delay = event.params.delay;
  record.since = event.params.since;
  record.save();
}

export function recordTargetClosed(event: TargetClosed): void {
  const record = new TargetClosedRecord(recordId(event));
  stamp(record, event);
  record.target = event.params.target;
  record.closed = event.params.closed;
  record.save();
}

export function recordTargetFunctionRoleUpdated(event: TargetFunctionRoleUpdated): void {
  const record = new TargetFunctionRoleUpdatedRecord(recordId(event));
  stamp(record, event);
  record.target = event.params.target;
  record.selector = event.params.selector;
  record.roleId = event.params.roleId;
  record.save();
}
