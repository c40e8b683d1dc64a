import { keccak, type Hex } from "@lode/sdk/hash";
import { hashStruct, toWire, type Assignment, type Receipt } from "@lode/sdk/typed-data";
import type { MinerRecord } from "../../miner/src/daemon/records.ts";

const word = (text: string): Hex => keccak(Buffer.from(text));
export const coordinatorOf = (name: string): Hex => `0x${word(name).slice(2, 42)}`;
const feePpm = 50_000;

/** One job as a miner's records tell it. */
export interface RecordedJob {
  readonly digest: Hex;
  readonly receiptHash: Hex;
  readonly creditWei: bigint;
  readonly records: readonly MinerRecord[];
}

/**
 * The records of one job: accepted in its place of the credit stream, else as far as told.
 * @param deadline unix seconds
 */
export function recordedJob(
  index: number,
  deadline: number,
  end: "accepted" | "receipted" | "closed" = "accepted",
): RecordedJob {
  const assignment: Assignment = {
    ...{ coordinator: coordinatorOf("coordinator"), counter: BigInt(index), attempt: 0 },
    ...{ client: coordinatorOf("client"), miner: coordinatorOf("miner"), modelDigest: word("model") },
    ...{ engineClass: word("engine"), promptCommitment: word("prompt"), prefixCommitment: word("prefix") },
    ...{ outputOffset: 0, maxInputTokens: 10, maxOutputTokens: 10, samplerHash: word("sampler"), seed: word("seed") },
    ...{ quoteHash: word("quote"), inputPriceWei: 3n, outputPriceWei: 1_000n, feePpm, maxAmountWei: 10_030n },
    ...{ deadline: BigInt(deadline), tier: 1 },
  };
  const digest = hashStruct("Assignment", assignment);
  const receipt: Receipt = {
    ...{ assignment: digest, inputCommitment: word("input"), outputCommitment: word(`output ${index}`) },
    ...{ fingerprintCommitment: word("none"), inputTokens: 1, outputTokens: 1, amountWei: BigInt(1_003 + index) },
    ...{ startedAtMs: BigInt(deadline - 60) * 1000n, finishedAtMs: BigInt(deadline - 30) * 1000n },
    ...{ finishReason: 0, hosted: false },
  };
  const batch = { root: digest, count: 1, index: 0, path: [], signature: `0x${"11".repeat(65)}` } as const;
  const begun: MinerRecord[] = [
    {
      ...{ kind: "assigned", digest, assignment: toWire("Assignment", assignment), batch },
      ...{ jobSalt: word("salt"), promptSalt: word("salt"), atMs: (deadline - 60) * 1000 },
    },
    { kind: "started", digest, inputIds: [1], inputCommitment: word("input"), atMs: (deadline - 60) * 1000 },
  ];
  const receipted: MinerRecord = { kind: "receipted", digest, receipt: toWire("Receipt", receipt) };
  const ends: Record<typeof end, MinerRecord[]> = {
    accepted: [receipted, { kind: "accepted", digest, logIndex: index, creditIndex: index }],
    receipted: [receipted],
    closed: [{ kind: "closed", digest, reason: "interrupted" }],
  };
  const { amountWei } = receipt;
  const creditWei = amountWei - (amountWei * BigInt(feePpm)) / 1_000_000n;
  return { digest, receiptHash: hashStruct("Receipt", receipt), creditWei, records: [...begun, ...ends[end]] };
}
