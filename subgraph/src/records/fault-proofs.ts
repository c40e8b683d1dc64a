// Written by `npm run generate` from the contract's events.
import { FaultPunished, VoucherExhibited } from "../../generated/FaultProofs/FaultProofs";
import {
  FaultPunished as FaultPunishedRecord,
  VoucherExhibited as VoucherExhibitedRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordFaultPunished(event: FaultPunished): void {
  const record = new FaultPunishedRecord(recordId(event));
  stamp(record, event);
  record.fault = event.params.fault;
  record.accused = event.params.accused;
  record.challenger = event.params.challenger;
  record.key = event.params.key;
  record.takenWei = event.params.takenWei;
  record.refundWei = event.params.refundWei;
  record.rewardWei = event.params.rewardWei;
  record.burnedWei = event.params.burnedWei;
  record.save();
}

export function recordVoucherExhibited(event: VoucherExhibited): void {
  const record = new VoucherExhibitedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.epoch = event.params.epoch;
  record.cumulativeWei = event.params.cumulativeWei;
  record.save();
}
