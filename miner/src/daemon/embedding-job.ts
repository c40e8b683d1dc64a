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
import type { JobEnd, RunningJobOptions } from "./running-job.ts";
import { WholeJob } from "./whole-job.ts";

/**
 * An assignment that asks for vectors. They go out together, once all are computed, and the receipt follows at once: the
 * price is the input's, so that there is no output to acknowledge token by token.
 */
export class EmbeddingJob extends WholeJob<readonly Embedding[]> {
  readonly #input: EmbeddingInput;

  constructor(options: RunningJobOptions, input: EmbeddingInput) {
    super(options, "the vectors");
    this.#input = input;
  }

  /** There are no tokens to acknowledge. */
  async acknowledge(): Promise<void> {
    return Promise.resolve();
  }

  protected override async compute(signal: AbortSignal): Promise<readonly Embedding[]> {
    const { engine, checked } = this.options;
    const embeddings: Embedding[] = [];
    let maxInputTokens = checked.assignment.maxInputTokens;
    for (const text of this.#input.texts) {
      const embedding = await engine.embed({ text, maxInputTokens }, signal);
      maxInputTokens -= embedding.tokenIds.length;
      embeddings.push(embedding);
    }
    return embeddings;
  }

  protected override async deliver(embeddings: readonly Embedding[], startedAtMs: number): Promise<JobEnd> {
    const { job, checked, store, sendFrame, nowMs } = this.options;
    const inputIds = embeddings.flatMap(({ tokenIds }) => tokenIds);
    const inputCommitment = commitTokens(job.jobSalt, tokenSide.input, inputIds);
    await store.append({ kind: "started", digest: this.digest, inputIds, inputCommitment, atMs: startedAtMs });
    if (this.isCancelled) return this.nothing();
    const vectors = embeddings.map(({ vector }) => vector);
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
