import type { Hex } from "viem";
import { lodeText } from "../ui/format.ts";
import type { Tone } from "../ui/tone.ts";

/** An accusation on the chain, as far as it got. */
export interface ChainCase {
  readonly key: string;
  readonly title: string;
  readonly accused: Hex;
  readonly challenger: Hex | undefined;
  /** The receipt that it is about, where it is about one. */
  readonly receipt: Hex | undefined;
  readonly state: string;
  readonly tone: Tone;
  readonly transaction: Hex;
  readonly block: bigint;
}

/** Where an accusation stands, and how that looks. */
export type Standing = readonly [state: string, tone: Tone];

const subjects = ["evidence", "receipt in the log", "debt in the books", "tokens of the output", "payment"];
const faults = [
  "Two receipts for one assignment",
  "Two different logs",
  "Liabilities understated",
  "Log or books not shown",
  "Output not opened",
  "Acknowledged work not paid",
  "Wrong output",
];
const verdicts: readonly Standing[] = [
  ["undecided", "calm"],
  ["work was right", "good"],
  ["work was wrong", "bad"],
  ["output was not shown", "bad"],
];

export const caseTitle = (id: bigint | string): string => `Case ${id}: wrong work`;
export const demandTitle = (id: bigint | string, subject: number): string =>
  `Demand ${id}: show the ${subjects[subject] ?? "evidence"}`;
export const faultTitle = (fault: number): string => faults[fault] ?? `Fault ${fault}`;

/** By the contract's number of the verdict. */
export const verdictOf = (verdict: number): Standing => verdicts[verdict] ?? [`verdict ${verdict}`, "calm"];
export const punished = (takenWei: bigint | string): Standing => [`lost ${lodeText(takenWei)} LODE`, "bad"];
