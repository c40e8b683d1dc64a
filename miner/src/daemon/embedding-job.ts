import type { Hex } from "@lode/sdk/hash";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { finishReason, type Receipt } from "@lode/sdk/typed-data";
import {
  commitEmbeddings,
  embeddingBytes,
  encodeVectorFrame,
  noFingerprints,
  type EmbeddingInput,
} from "@lode/protocol";
import type { Embedding } from "../engines/index.ts";
import { longestTimer, type ActiveJob, type JobEnd, type RunningJobOptions } from "./running-job.ts";

/**
 * An assignment that asks for vectors. They go out together, once all are computed, and the receipt follows at once: the
 * price is the input's, so that there is no output to acknowledge token by token. Until then an end leaves nothing.
 */
export class EmbeddingJob implements ActiveJob {
  readonly digest: Hex;
  readonly #options: RunningJobOptions;
  readonly #input: EmbeddingInput;
  readonly #abort = new AbortController();
  readonly #embeddings: Embedding[] = [];
  #isCancelled = false;
  /** It took longer than a job may. */
  #isLate = false;

  constructor(options: RunningJobOptions, input: EmbeddingInput) {
    this.#options = options;
    this.#input = input;
    this.digest = options.checked.digest;
  }

  async run(): Promise<JobEnd> {
    const startedAtMs = this.#options.nowMs();
    const { wallMs } = this.#options.caps ?? {};
    const limit = wallMs === undefined ? undefined : setTimeout(() => this.#stop(), Math.min(wallMs, longestTimer));
    try {
      await this.#compute();
    } catch (error) {
      if (this.#isCancelled) return { kind: "nothing", code: "cancelled", message: "ended before the vectors" };
      if (this.#isLate)
        return { kind: "nothing", code: "time_limit", message: "the vectors took longer than a job may" };
      const { code = "failed", message } = error as { code?: string; message: string };
      return { kind: "nothing", code: code.replaceAll("-", "_"), message };
    } finally {
      clearTimeout(limit);
    }
    return this.#deliver(startedAtMs);
  }

  cancel(): void {
    this.cut();
  }

  cut(): void {
    this.#isCancelled = true;
    this.#abort.abort();
  }

  /** There are no tokens to acknowledge. */
  async acknowledge(): Promise<void> {
    return Promise.resolve();
  }

  #stop(): void {
    this.#isLate = true;
    this.#abort.abort();
  }

  async #compute(): Promise<void> {
    const { engine, checked } = this.#options;
    let maxInputTokens = checked.assignment.maxInputTokens;
    for (const text of this.#input.texts) {
      const embedding = await engine.embed({ text, maxInputTokens }, this.#abort.signal);
      maxInputTokens -= embedding.tokenIds.length;
      this.#embeddings.push(embedding);
    }
  }

  async #deliver(startedAtMs: number): Promise<JobEnd> {
    const { job, checked, store, sendFrame, nowMs } = this.#options;
    const inputIds = this.#embeddings.flatMap(({ tokenIds }) => tokenIds);
    const inputCommitment = commitTokens(job.jobSalt, tokenSide.input, inputIds);
    await store.append({ kind: "started", digest: this.digest, inputIds, inputCommitment, atMs: startedAtMs });
    if (this.#isCancelled) return { kind: "nothing", code: "cancelled", message: "ended before the vectors" };
    const vectors = this.#embeddings.map(({ vector }) => vector);
    vectors.forEach((vector, place) => sendFrame(encodeVectorFrame({ assignment: this.digest, place, vector })));
    const receipt: Receipt = {
      assignment: this.digest,
      inputCommitment,
      outputCommitment: commitEmbeddings(job.jobSalt, vectors.map(embeddingBytes)),
      fingerprintCommitment: noFingerprints,
      inputTokens: inputIds.length,
      outputTokens: 0,
      amountWei: BigInt(inputIds.length) * checked.assignment.inputPriceWei,
      startedAtMs: BigInt(startedAtMs),
      finishedAtMs: BigInt(nowMs()),
      finishReason: finishReason.stop,
      hosted: false,
    };
    return { kind: "receipt", receipt };
  }
}
