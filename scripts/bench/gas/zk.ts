import { zkJobsAbi } from "@lode/sdk/abi";
import { circuitOf, SnarkjsProver, solidityProof } from "@lode/zk-circuits";
import { bindingOf, classifierInput, classifyFeatures, commitmentOf, featuresOf } from "@lode/zk-circuits/classifier";
import { oddWei } from "./acts.ts";
import type { Bed } from "./bed.ts";

/** Whole transactions of one classification, by somebody who opened one before, to a miner who was paid before. */
export interface ZkFigures {
  readonly zkJobsOpen: number;
  readonly zkJobsAnswer: number;
}

/** Opens and answers two classifications with real proofs and measures the second. */
export async function measureZk(bed: Bed): Promise<ZkFigures> {
  const { zkJobs, chainId } = bed.addresses;
  if (zkJobs === undefined) throw new Error("the deployment has no ZkJobs");
  const target = { address: zkJobs, abi: zkJobsAbi };
  const [client, miner] = [await bed.person("zk client"), await bed.person("zk miner")];
  await bed.send(client.address, bed.token, "approve", [zkJobs, 2n ** 256n - 1n]);
  const features = featuresOf("What is the area of a circle of radius 3?");
  const salt = 2n ** 240n + 12_345n;
  const answer = classifyFeatures(features);
  const figures = { zkJobsOpen: 0, zkJobsAnswer: 0 };
  for (const jobId of [1n, 2n]) {
    const { timestamp } = await bed.client.getBlock();
    const args = [commitmentOf(features, salt), oddWei(1n), timestamp + 3_600n];
    figures.zkJobsOpen = (await bed.send(client.address, target, "open", args)).gas;
    const binding = bindingOf({ chainId, zkJobs, jobId, miner: miner.address });
    // The threads of a faster one would keep this process alive.
    const { proof } = await new SnarkjsProver({ singleThread: true }).prove(
      circuitOf("classifier"),
      classifierInput(features, salt, { answer, binding }),
    );
    const answered = [jobId, miner.address, BigInt(answer), solidityProof(proof)];
    figures.zkJobsAnswer = (await bed.send(miner.address, target, "answer", answered)).gas;
  }
  return figures;
}
