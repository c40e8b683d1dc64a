import type { Hex } from "@lode/sdk/hash";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { finishReason, fromWire, hashStruct, type Receipt } from "@lode/sdk/typed-data";
import {
  encodeImageFrames,
  imageIds,
  imageTokens,
  noFingerprints,
  type ImagePrompt,
  type SignedProgress,
} from "@lode/protocol";
import { EngineError, type Image } from "../engines/index.ts";
import { payOf, type JobEnd, type RunningJobOptions } from "./running-job.ts";
import { WholeJob } from "./whole-job.ts";

/** A picture that is on its way. */
interface Sent {
  readonly ids: readonly number[];
  readonly root: Hex;
}

/**
 * An assignment that asks for a picture. Its file goes out when the engine has made it, and the receipt follows the coordinator's
 * signed word that it is there: with that a miner can be paid also after a link that broke. What it risks before is one picture.
 */
export class ImageJob extends WholeJob<Image> {
  readonly #image: ImagePrompt["image"];
  readonly #over = Promise.withResolvers<undefined>();
  #sent: Sent | undefined;
  #reason: number = finishReason.stop;
  #isOwed = false;

  constructor(options: RunningJobOptions, { image }: ImagePrompt) {
    super(options, "the picture");
    this.#image = image;
  }

  /** The client hung up. Of a picture that reached it everything is owed, of any other nothing. */
  override cancel(delivered: number): void {
    if (this.#sent?.ids.length === delivered && !this.#isOwed) {
      this.#isOwed = true;
      this.#reason = finishReason.cancelled;
    }
    this.cut();
  }

  override cut(): void {
    super.cut();
    this.#over.resolve(undefined);
  }

  /** Takes the word that the picture arrived; one that is not the coordinator's or names another output is worth nothing. */
  async acknowledge(ack: SignedProgress): Promise<void> {
    const { domain, coordinatorOperator, store, signers } = this.options;
    const { count, prefixRoot, ...rest } = fromWire("Progress", ack.progress);
    const progress = hashStruct("Progress", { count, prefixRoot, ...rest });
    const signer = signers.verify(domain, "ProgressBatch", progress, ack.batch);
    const { ids, root } = this.#sent ?? {};
    if (signer !== coordinatorOperator || ids?.length !== count || root !== prefixRoot) {
      this.cut();
      return;
    }
    this.#isOwed = true;
    const stored = store.note({ kind: "acked", digest: this.digest, ack, ids });
    this.#over.resolve(undefined);
    await stored;
  }

  protected override async compute(signal: AbortSignal): Promise<Image> {
    const { engine, checked } = this.options;
    if (engine.image === undefined) throw new EngineError("bad-request", "This engine makes no pictures.");
    const { maxInputTokens } = checked.assignment;
    return engine.image({ ...this.#image, maxInputTokens }, signal);
  }

  protected override async deliver({ bytes, tokenIds }: Image, startedAtMs: number): Promise<JobEnd> {
    const { job, checked, store, sendFrame, nowMs } = this.options;
    const inputCommitment = commitTokens(job.jobSalt, tokenSide.input, tokenIds);
    await store.append({
      kind: "started",
      digest: this.digest,
      inputIds: tokenIds,
      inputCommitment,
      atMs: startedAtMs,
    });
    if (this.isCancelled) return this.nothing();
    const ids = imageIds(bytes, imageTokens(this.#image));
    const root = commitTokens(job.jobSalt, tokenSide.output, ids);
    this.#sent = { ids, root };
    for (const frame of encodeImageFrames(this.digest, bytes)) sendFrame(frame);
    await this.#over.promise;
    if (!this.#isOwed) return this.nothing();
    const receipt: Receipt = {
      assignment: this.digest,
      inputCommitment,
      outputCommitment: root,
      fingerprintCommitment: noFingerprints,
      inputTokens: tokenIds.length,
      outputTokens: ids.length,
      amountWei: payOf(checked, tokenIds.length, ids.length, undefined),
      startedAtMs: BigInt(startedAtMs),
      finishedAtMs: BigInt(nowMs()),
      finishReason: this.#reason,
      hosted: false,
    };
    return { kind: "receipt", receipt, tokens: { inputIds: tokenIds, outputIds: ids } };
  }
}
