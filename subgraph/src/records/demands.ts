// Written by `npm run generate` from the contract's events.
import { DemandAnswered, DemandFailed, DemandOpened, DemandVoid, FaultPunished } from "../../generated/Demands/Demands";
import {
  DemandAnswered as DemandAnsweredRecord,
  DemandFailed as DemandFailedRecord,
  DemandOpened as DemandOpenedRecord,
  DemandVoid as DemandVoidRecord,
  FaultPunished as FaultPunishedRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordDemandAnswered(event: DemandAnswered): void {
  const record = new DemandAnsweredRecord(recordId(event));
  stamp(record, event);
  record.demandId = event.params.id;
  record.accused = event.params.accused;
  record.compensationWei = event.params.compensationWei;
  record.save();
}

export function recordDemandFailed(event: DemandFailed): void {
  const record = new DemandFailedRecord(recordId(event));
  stamp(record, event);
  record.demandId = event.params.id;
  record.accused = event.params.accused;
  record.save();
}

export function recordDemandOpened(event: DemandOpened): void {
  const record = new DemandOpenedRecord(recordId(event));
  stamp(record, event);
  record.demandId = event.params.id;
  record.subject = event.params.subject;
  record.accused = event.params.accused;
  record.challenger = event.params.challenger;
  record.deadline = event.params.deadline;
  record.moment = event.params.moment;
  record.save();
}

export function recordDemandVoid(event: DemandVoid): void {
  const record = new DemandVoidRecord(recordId(event));
  stamp(record, event);
  record.demandId = event.params.id;
  record.accused = event.params.accused;
  record.save();
}

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
