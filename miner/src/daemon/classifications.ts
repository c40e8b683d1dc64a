import { zkJobsAbi } from "@lode/sdk/abi";
import { LodeError } from "@lode/sdk/errors";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import type { CoordinatorMessage } from "@lode/protocol";
import { circuitOf, solidityProof, type Prover } from "@lode/zk-circuits";
import {
  bindingOf,
  classifierInput,
  classifyFeatures,
  commitmentOf,
  fieldOrder,
  unpackFeatures,
} from "@lode/zk-circuits/classifier";
import { createWalletClient, http } from "viem";
import type { ChainReader } from "../chain/chain.ts";

type Request = Pick<Extract<CoordinatorMessage, { type: "prove" }>, "job" | "features" | "salt">;

export interface ClassificationOptions {
  readonly chain: ChainReader;
  readonly rpcUrl: string;
  /** Whom the contract pays: the staker. */
  readonly miner: Hex;
  /** Sends the answers, and pays their gas. */
  readonly signer: Signer;
  readonly prover: Prover;
  /** Least price of a classification, wei. */
  readonly leastWei: bigint;
  readonly nowMs: () => number;
}

const open = 1;
/** Time that a proof and its transaction need, seconds: what ends sooner is not begun. */
const leastSeconds = 30;

/**
 * Proves classifications and has the contract pay them. Nothing that the coordinator says is believed: what is proved is the
 * job on the chain, and its price is escrowed there. One at a time, because a proof uses every core.
 */
export class Classifications {
  readonly #options: ClassificationOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ClassificationOptions) {
    this.#options = options;
  }

  /** Proves a job and sends the answer. Throws LodeError with the reason when it is not worth it, or ZkError. */
  answer(request: Request): Promise<Hex> {
    const answered = this.#last.then(async () => this.#answer(request));
    this.#last = answered.catch(() => undefined);
    return answered;
  }

  async #answer({ job, features: packed, salt: saltText }: Request): Promise<Hex> {
    const { chain, rpcUrl, miner, signer, prover } = this.#options;
    const { zkJobs, chainId } = chain.addresses;
    if (zkJobs === undefined) throw new LodeError("no_contract", "No contract on this chain takes proofs.");
    const [jobId, features, salt] = [BigInt(job), unpackFeatures(packed), BigInt(saltText)];
    if (salt >= fieldOrder) throw new LodeError("wrong_input", "the salt is outside of the circuit's field");
    await this.#check(zkJobs, jobId, commitmentOf(features, salt));
    const answer = classifyFeatures(features);
    const binding = bindingOf({ chainId, zkJobs, jobId, miner });
    const { proof } = await prover.prove(circuitOf("classifier"), classifierInput(features, salt, { answer, binding }));
    // Asked first: whoever was faster has the price, and a refused transaction would cost gas.
    const { request } = await chain.client.simulateContract({
      address: zkJobs,
      abi: zkJobsAbi,
      functionName: "answer",
      args: [jobId, miner, BigInt(answer), solidityProof(proof)],
      account: signer.toViemAccount(),
    });
    const wallet = createWalletClient({
      account: signer.toViemAccount(),
      transport: http(rpcUrl, { timeout: 10_000 }),
    });
    const hash = await wallet.writeContract({ ...request, chain: null });
    const receipt = await chain.client.waitForTransactionReceipt({ hash, timeout: 120_000 });
    if (receipt.status !== "success")
      throw new LodeError("reverted", `the answer of job ${job} was reverted (${hash})`);
    return hash;
  }

  async #check(zkJobs: Hex, jobId: bigint, commitment: bigint): Promise<void> {
    const { chain, leastWei, nowMs } = this.#options;
    const found = await chain.client.readContract({
      address: zkJobs,
      abi: zkJobsAbi,
      functionName: "jobOf",
      args: [jobId],
    });
    const refuse = (code: string, message: string): never => {
      throw new LodeError(code, message);
    };
    if (found.state !== open) refuse("not_open", `job ${jobId} is not open`);
    if (found.commitment !== commitment) refuse("wrong_input", `job ${jobId} is of another input`);
    if (found.priceWei < leastWei)
      refuse("too_cheap", `job ${jobId} pays ${found.priceWei} wei, the least is ${leastWei}`);
    if (Number(found.deadline) < nowMs() / 1000 + leastSeconds) refuse("late", `job ${jobId} ends too soon`);
  }
}
