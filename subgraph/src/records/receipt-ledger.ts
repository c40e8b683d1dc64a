// Written by `npm run generate` from the contract's events.
import { Anchored, EIP712DomainChanged } from "../../generated/ReceiptLedger/ReceiptLedger";
import { Anchored as AnchoredRecord, DomainChanged as DomainChangedRecord } from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordAnchored(event: Anchored): void {
  const record = new AnchoredRecord(recordId(event));
  stamp(record, event);
  record.coordinator = event.params.coordinator;
  record.epoch = event.params.epoch;
  record.size = event.params.size;
  record.root = event.params.root;
  record.liabilitiesRoot = event.params.liabilitiesRoot;
  record.nextNonceHash = event.params.nextNonceHash;
  record.save();
}

export function recordEIP712DomainChanged(event: EIP712DomainChanged): void {
  const record = new DomainChangedRecord(recordId(event));
  stamp(record, event);
  record.save();
}
