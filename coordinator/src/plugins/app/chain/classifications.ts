import { zkJobsAbi } from "@lode/sdk/abi";
import type { Hex } from "@lode/sdk/hash";
import type { PublicClient } from "viem";

/** A job of ZkJobs as the chain shows it. */
export interface Classification {
  readonly client: Hex;
  readonly commitment: bigint;
  readonly priceWei: bigint;
  /** Unix seconds until which a proof is taken. */
  readonly deadline: number;
  readonly state: "none" | "open" | "answered" | "refunded";
  /** Once it is answered: the class as an index, who proved it, and in which transaction. */
  readonly answer?: { readonly index: number; readonly miner: Hex; readonly transaction: Hex } | undefined;
}

const states = ["none", "open", "answered", "refunded"] as const;

/** Reads a job and, once it is answered, who answered it. */
export async function readClassification(
  reader: Pick<PublicClient, "readContract" | "getContractEvents">,
  at: { readonly zkJobs: Hex; readonly fromBlock: bigint },
  jobId: bigint,
): Promise<Classification> {
  const contract = { address: at.zkJobs, abi: zkJobsAbi } as const;
  const job = await reader.readContract({ ...contract, functionName: "jobOf", args: [jobId] });
  const { client, commitment, priceWei, deadline } = job;
  const state = states[job.state] ?? "none";
  const shown = { client: client.toLowerCase() as Hex, commitment, priceWei, deadline: Number(deadline), state };
  if (state !== "answered") return shown;
  const filter = { eventName: "JobAnswered", args: { jobId }, fromBlock: at.fromBlock, strict: true } as const;
  const [event] = await reader.getContractEvents({ ...contract, ...filter });
  if (event === undefined) throw new Error(`the chain shows no answer of job ${jobId}`);
  const { miner, answer } = event.args;
  return {
    ...shown,
    answer: { index: answer, miner: miner.toLowerCase() as Hex, transaction: event.transactionHash },
  };
}
