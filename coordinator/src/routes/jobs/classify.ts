import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import type { FastifyInstance } from "fastify";
import Type, { type Static } from "typebox";
import { ApiError } from "../../errors.ts";
import type { Classification } from "../../plugins/app/chain/classifications.ts";

/** What a client gives: the text, and the job of ZkJobs whose commitment hides it. */
export const ClassifyRequest = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 65_536 }),
    tier: Type.Literal("zk", { description: "The only tier of this workload" }),
    salt: Type.String({ pattern: "^0x[0-9a-fA-F]{64}$", description: "What the commitment was salted with" }),
    zk_job: Type.String({ pattern: "^[1-9][0-9]{0,18}$", description: "The job's number in the contract ZkJobs" }),
  },
  { title: "ClassifyRequest", additionalProperties: false },
);

/** The name under which these jobs are listed: it is no model that miners serve for tokens. */
export const classifierName = "classifier";

/**
 * Checks a classification and says how it is done: a miner proves, the contract checks the proof and pays. Its client escrowed
 * the price there; nothing is billed here. Throws 400.
 */
export async function classifyWork(
  app: FastifyInstance,
  { text, salt, zk_job: number }: Static<typeof ClassifyRequest>,
): Promise<(signal: AbortSignal) => Promise<unknown>> {
  const { zkJobs } = app.chain.addresses;
  if (zkJobs === undefined) {
    throw new ApiError(400, "unsupported_workload", "No contract on this chain takes proofs.", { param: "workload" });
  }
  // Its network and its hash take more memory than anything else here, for a workload that most coordinators never see.
  const { className, commitmentOf, featuresOf, fieldOrder, packFeatures } =
    await import("@lode/zk-circuits/classifier");
  if (BigInt(salt) >= fieldOrder) {
    throw new ApiError(400, "invalid_value", "The salt is not an element of the circuit's field.", {
      param: "input.salt",
    });
  }
  const features = featuresOf(text);
  const commitment = commitmentOf(features, BigInt(salt));
  const jobId = BigInt(number);
  return async (signal) => {
    const before = await app.chain.classification(jobId);
    refuseOther(before, commitment, app.nowMs());
    // Answered already: it was, before a restart of this process.
    if (before.state === "open")
      await prove(app, { job: jobId, features: packFeatures(features), salt: salt as Hex }, signal);
    const { answer, priceWei } = await app.chain.classification(jobId);
    if (answer === undefined) {
      throw new ApiError(503, "no_miner", "A miner said that it answered, and the chain does not show it; try again.");
    }
    return {
      object: "classification",
      tier: "zk",
      class: className(answer.index),
      class_index: answer.index,
      zk_job: number,
      contract: zkJobs,
      commitment: commitment.toString(),
      miner: answer.miner,
      price_wei: priceWei.toString(),
      transaction: answer.transaction,
    };
  };
}

async function prove(app: FastifyInstance, request: { job: bigint; features: Hex; salt: Hex }, signal: AbortSignal) {
  try {
    await app.hub.proofs.ask(request, signal);
  } catch (error) {
    if (!(error instanceof LodeError) || error.code !== "no_prover") throw error;
    throw new ApiError(503, "no_miner", error.message, { shouldRetry: true, cause: error });
  }
}

function refuseOther(job: Classification, commitment: bigint, nowMs: number): void {
  const refuse = (message: string): never => {
    throw new ApiError(400, "invalid_value", message, { param: "input.zk_job" });
  };
  if (job.state === "none") refuse("ZkJobs has no such job; open it first.");
  if (job.state === "refunded") refuse("The job's price went back to its client.");
  if (job.commitment !== commitment) refuse("The job's commitment is of another text, or of another salt.");
  if (job.state === "open" && job.deadline * 1000 <= nowMs) refuse("The job's deadline is over.");
}
