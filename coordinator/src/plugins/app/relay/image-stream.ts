import type { Hex } from "@lode/sdk/hash";
import { commitTokens, emptyRoot, tokenSide } from "@lode/sdk/merkle";
import { finishReason, type Progress } from "@lode/sdk/typed-data";
import { imageIds, imageTokens, imageTurns, limits, readImage, type ImageFrame, type ImageSize } from "@lode/protocol";
import { isStop, WholeStream, type WholeStreamOptions } from "./whole-stream.ts";

export interface ImageStreamOptions extends WholeStreamOptions {
  /** The size that is asked and paid for. */
  readonly size: ImageSize;
  /** The picture is whole: from here on it is owed. */
  readonly onWhole: (picture: Uint8Array) => void;
  readonly acknowledge: (progress: Progress) => void;
}

/**
 * One attempt at a picture. Its file comes in parts, in their order; when it is whole and of the size that is paid for it counts
 * as delivered and is acknowledged, with which its miner can show that it is owed. Before that nothing is.
 */
export class ImageStream extends WholeStream {
  readonly #options: ImageStreamOptions;
  #parts: Uint8Array[] = [];
  #length = 0;
  #ids: readonly number[] = [];
  #root = emptyRoot;

  constructor(options: ImageStreamOptions) {
    super(options, imageTurns(options.size));
    this.#options = options;
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  get delivered(): { count: number; root: Hex } {
    return { count: this.#ids.length, root: this.#root };
  }

  override onImage({ offset, total, bytes }: ImageFrame): void {
    if (this.isFrozen) return;
    if (this.#ids.length > 0) return this.fail("ran_ahead");
    if (total > mostBytes(this.#options.size)) return this.fail("bad_frame");
    // Frames are whole, as they are encoded: millions of small ones would hold many times what they bring.
    const due = Math.min(limits.imageFrameBytes, total - offset);
    if (offset !== this.#length || bytes.length !== due) return this.fail("bad_frame");
    this.#parts.push(bytes);
    this.#length += bytes.length;
    this.heard();
    if (this.#length === total) this.#complete();
  }

  /** A client that hung up meanwhile has it all the same: it is paid for as what was delivered. */
  protected override canEnd(reason: number): boolean {
    const isCancelled = this.isFrozen && reason === finishReason.cancelled;
    return this.#ids.length > 0 && (isStop(reason) || isCancelled);
  }

  #complete(): void {
    const { size, jobSalt, onWhole, acknowledge } = this.#options;
    const picture = Buffer.concat(this.#parts);
    this.#parts = [];
    const facts = readImage(picture);
    if (facts?.width !== size.width || facts.height !== size.height) return this.fail("bad_frame");
    this.#ids = imageIds(picture, imageTokens(size));
    this.#root = commitTokens(jobSalt, tokenSide.output, this.#ids);
    onWhole(picture);
    const { count, root } = this.delivered;
    acknowledge({ assignment: this.digest, count, prefixRoot: root });
  }
}

/** Uncompressed at four channels of 16 bits, and room for what engines write beside the picture, such as how it was made. */
const mostBytes = ({ width, height }: ImageSize): number => 8 * width * height + 256 * 1024;
