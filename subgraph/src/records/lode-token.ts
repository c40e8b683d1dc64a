// Written by `npm run generate` from the contract's events.
import {
  Approval,
  AuthorityUpdated,
  DelegateChanged,
  DelegateVotesChanged,
  EIP712DomainChanged,
  Transfer,
} from "../../generated/LodeToken/LodeToken";
import {
  Approval as ApprovalRecord,
  AuthorityUpdated as AuthorityUpdatedRecord,
  DelegateChanged as DelegateChangedRecord,
  DelegateVotesChanged as DelegateVotesChangedRecord,
  DomainChanged as DomainChangedRecord,
  Transfer as TransferRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordApproval(event: Approval): void {
  const record = new ApprovalRecord(recordId(event));
  stamp(record, event);
  record.owner = event.params.owner;
  record.spender = event.params.spender;
  record.value = event.params.value;
  record.save();
}

export function recordAuthorityUpdated(event: AuthorityUpdated): void {
  const record = new AuthorityUpdatedRecord(recordId(event));
  stamp(record, event);
  record.authority = event.params.authority;
  record.save();
}

export function recordDelegateChanged(event: DelegateChanged): void {
  const record = new DelegateChangedRecord(recordId(event));
  stamp(record, event);
  record.delegator = event.params.delegator;
  record.fromDelegate = event.params.fromDelegate;
  record.toDelegate = event.params.toDelegate;
  record.save();
}

export function recordDelegateVotesChanged(event: DelegateVotesChanged): void {
  const record = new DelegateVotesChangedRecord(recordId(event));
  stamp(record, event);
  record.delegate = event.params.delegate;
  record.previousVotes = event.params.previousVotes;
  record.newVotes = event.params.newVotes;
  record.save();
}

export function recordEIP712DomainChanged(event: EIP712DomainChanged): void {
  const record = new DomainChangedRecord(recordId(event));
  stamp(record, event);
  record.save();
}

export function recordTransfer(event: Transfer): void {
  const record = new TransferRecord(recordId(event));
  stamp(record, event);
  record.from = event.params.from;
  record.to = event.params.to;
  record.value = event.params.value;
  record.save();
}
