// Written by `npm run generate` from the contract's events.
import { JobAnswered, JobOpened, JobRefunded } from "../../generated/ZkJobs/ZkJobs";
import {
  JobAnswered as JobAnsweredRecord,
  JobOpened as JobOpenedRecord,
  JobRefunded as JobRefundedRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordJobAnswered(event: JobAnswered): void {
  const record = new JobAnsweredRecord(recordId(event));
  stamp(record, event);
  record.jobId = event.params.jobId;
  record.miner = event.params.miner;
  record.answer = event.params.answer;
  record.priceWei = event.params.priceWei;
  record.save();
}

export function recordJobOpened(event: JobOpened): void {
  const record = new JobOpenedRecord(recordId(event));
  stamp(record, event);
  record.jobId = event.params.jobId;
  record.client = event.params.client;
  record.commitment = event.params.commitment;
  record.priceWei = event.params.priceWei;
  record.deadline = event.params.deadline;
  record.save();
}

export function recordJobRefunded(event: JobRefunded): void {
  const record = new JobRefundedRecord(recordId(event));
  stamp(record, event);
  record.jobId = event.params.jobId;
  record.client = event.params.client;
  record.priceWei = event.params.priceWei;
  record.save();
}
