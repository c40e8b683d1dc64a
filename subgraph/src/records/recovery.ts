// Written by `npm run generate` from the contract's events.
import {
  LineRegistered,
  RecoveryClaimed,
  RecoveryClosed,
  RecoveryOpened,
  ShortfallCured,
  ShortfallDeclared,
} from "../../generated/Recovery/Recovery";
import {
  LineRegistered as LineRegisteredRecord,
  RecoveryClaimed as RecoveryClaimedRecord,
  RecoveryClosed as RecoveryClosedRecord,
  RecoveryOpened as RecoveryOpenedRecord,
  ShortfallCured as ShortfallCuredRecord,
  ShortfallDeclared as ShortfallDeclaredRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordLineRegistered(event: LineRegistered): void {
  const record = new LineRegisteredRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.dueWei = event.params.dueWei;
  record.save();
}

export function recordRecoveryClaimed(event: RecoveryClaimed): void {
  const record = new RecoveryClaimedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.dueWei = event.params.dueWei;
  record.paidWei = event.params.paidWei;
  record.save();
}

export function recordRecoveryClosed(event: RecoveryClosed): void {
  const record = new RecoveryClosedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.burnedWei = event.params.burnedWei;
  record.save();
}

export function recordRecoveryOpened(event: RecoveryOpened): void {
  const record = new RecoveryOpenedRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.liabilitiesRoot = event.params.liabilitiesRoot;
  record.totalWei = event.params.totalWei;
  record.potWei = event.params.potWei;
  record.save();
}

export function recordShortfallCured(event: ShortfallCured): void {
  const record = new ShortfallCuredRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.paidWei = event.params.paidWei;
  record.save();
}

export function recordShortfallDeclared(event: ShortfallDeclared): void {
  const record = new ShortfallDeclaredRecord(recordId(event));
  stamp(record, event);
  record.payer = event.params.payer;
  record.payee = event.params.payee;
  record.cumulativeWei = event.params.cumulativeWei;
  record.dueWei = event.params.dueWei;
  record.save();
}
