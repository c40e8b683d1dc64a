// Written by `npm run generate` from the contract's events.
import { RandomnessKept, RandomnessVerified } from "../../generated/Randomness/Randomness";
import {
  RandomnessKept as RandomnessKeptRecord,
  RandomnessVerified as RandomnessVerifiedRecord,
} from "../../generated/schema";
import { recordId, stamp } from "../entities/record";

export function recordRandomnessKept(event: RandomnessKept): void {
  const record = new RandomnessKeptRecord(recordId(event));
  stamp(record, event);
  record.moment = event.params.moment;
  record.value = event.params.value;
  record.save();
}

export function recordRandomnessVerified(event: RandomnessVerified): void {
  const record = new RandomnessVerifiedRecord(recordId(event));
  stamp(record, event);
  record.moment = event.params.moment;
  record.value = event.params.value;
  record.save();
}
