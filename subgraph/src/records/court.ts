// Written by `npm run generate` from the contract's events.
import { Bytes } from "@graphprotocol/graph-ts";
import {
  CaseDecided,
  CaseFiled,
  CaseVoid,
  CommitsClosed,
  Committed,
  DrawScheduled,
  FaultPunished,
  JurorJoined,
  JurorLeft,
  JurorPunished,
  JurorReweighed,
  JuryDrawn,
  Revealed,
} from "../../generated/Court/Court";
import {
  CaseDecided as CaseDecidedRecord,
  CaseFiled as CaseFiledRecord,
  CaseVoid as CaseVoidRecord,
  CommitsClosed as CommitsClosedRecord,
  Committed as CommittedRecord,
  DrawScheduled as DrawScheduledRecord,
  FaultPunished as FaultPunishedRecord,
  JurorJoined as JurorJoinedRecord,
  JurorLeft as JurorLeftRecord,
  JurorPunished as JurorPunishedRecord,
  JurorReweighed as JurorReweighedRecord,
  JuryDrawn as JuryDrawnRecord,
  Revealed as RevealedRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordCaseDecided(event: CaseDecided): void {
  const record = new CaseDecidedRecord(recordId(event));
  stamp(record, event);
  record.caseId = event.params.id;
  record.accused = event.params.accused;
  record.verdict = event.params.verdict;
  record.votes = event.params.votes;
  record.save();
}

export function recordCaseFiled(event: CaseFiled): void {
  const record = new CaseFiledRecord(recordId(event));
  stamp(record, event);
  record.caseId = event.params.id;
  record.accused = event.params.accused;
  record.challenger = event.params.challenger;
  record.receipt = event.params.receipt;
  record.moment = event.params.moment;
  record.save();
}

export function recordCaseVoid(event: CaseVoid): void {
  const record = new CaseVoidRecord(recordId(event));
  stamp(record, event);
  record.caseId = event.params.id;
  record.accused = event.params.accused;
  record.isBondReturned = event.params.isBondReturned;
  record.save();
}

export function recordCommitsClosed(event: CommitsClosed): void {
  const record = new CommitsClosedRecord(recordId(event));
  stamp(record, event);
  record.caseId = event.params.id;
  record.moment = event.params.moment;
  record.deadline = event.params.deadline;
  record.save();
}

export function recordCommitted(event: Committed): void {
  const record = new CommittedRecord(recordId(event));
  stamp(record, event);
  record.caseId = event.params.id;
  record.juror = event.params.juror;
  record.commitment = event.params.commitment;
  record.save();
}

export function recordDrawScheduled(event: DrawScheduled): void {
  const record = new DrawScheduledRecord(recordId(event));
  stamp(record, event);
  record.coordinator = event.params.coordinator;
  record.epoch = event.params.epoch;
  record.moment = event.params.moment;
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

export function recordJurorJoined(event: JurorJoined): void {
  const record = new JurorJoinedRecord(recordId(event));
  stamp(record, event);
  record.juror = event.params.juror;
  record.seat = event.params.seat;
  record.weight = event.params.weight;
  record.save();
}

export function recordJurorLeft(event: JurorLeft): void {
  const record = new JurorLeftRecord(recordId(event));
  stamp(record, event);
  record.juror = event.params.juror;
  record.save();
}

export function recordJurorPunished(event: JurorPunished): void {
  const record = new JurorPunishedRecord(recordId(event));
  stamp(record, event);
  record.caseId = event.params.id;
  record.juror = event.params.juror;
  record.takenWei = event.params.takenWei;
  record.save();
}

export function recordJurorReweighed(event: JurorReweighed): void {
  const record = new JurorReweighedRecord(recordId(event));
  stamp(record, event);
  record.juror = event.params.juror;
  record.weight = event.params.weight;
  record.save();
}

export function recordJuryDrawn(event: JuryDrawn): void {
  const record = new JuryDrawnRecord(recordId(event));
  stamp(record, event);
  record.caseId = event.params.id;
  record.jury = changetype<Bytes[]>(event.params.jury);
  record.deadline = event.params.deadline;
  record.save();
}

export function recordRevealed(event: Revealed): void {
  const record = new RevealedRecord(recordId(event));
  stamp(record, event);
  record.caseId = event.params.id;
  record.juror = event.params.juror;
  record.verdict = event.params.verdict;
  record.vote = event.params.vote;
  record.save();
}
