import type { Hex } from "@lode/sdk/hash";
import { finishReason, fromWire, toWire, type Receipt } from "@lode/sdk/typed-data";
import { noFingerprints } from "@lode/protocol";
import type { MinerStore } from "./miner-store.ts";
import { payOf } from "./running-job.ts";

/** Receipts for jobs that a crash interrupted: they cover what the coordinator had acknowledged, if anything. */
export async function receiptInterrupted(store: MinerStore, coordinator: Hex, nowMs: number): Promise<void> {
  for (const { digest, assignment, service, firstTokenMs, input, lastAck } of store.unfinished(coordinator)) {
    if (input === undefined || lastAck === undefined || lastAck.progress.count === 0) {
      await store.append({ kind: "closed", digest, reason: "interrupted" });
      continue;
    }
    const progress = fromWire("Progress", lastAck.progress);
    const receipt: Receipt = {
      assignment: digest,
      inputCommitment: input.commitment,
      outputCommitment: progress.prefixRoot,
      fingerprintCommitment: noFingerprints,
      inputTokens: input.count,
      outputTokens: progress.count,
      amountWei: payOf({ assignment, service }, input.count, progress.count, firstTokenMs),
      startedAtMs: BigInt(input.startedAtMs),
      // What was acknowledged had come before the deadline, however late this is written down.
      finishedAtMs: BigInt(Math.max(input.startedAtMs, Math.min(nowMs, Number(assignment.deadline) * 1000))),
      finishReason: finishReason.cut,
      hosted: false,
    };
    await store.append({ kind: "receipted", digest, receipt: toWire("Receipt", receipt) });
  }
}
