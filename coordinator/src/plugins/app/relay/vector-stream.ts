import type { Hex } from "@lode/sdk/hash";
import { commitEmbeddings, embeddingBytes, type VectorFrame } from "@lode/protocol";
import { isStop, WholeStream, type WholeStreamOptions } from "./whole-stream.ts";

/** Texts for which a miner may be silent as long as it may be before the first token of one. */
const textsPerTurn = 16;

/**
 * One attempt at vectors. They come in their order and then the receipt, which must commit to all of them: its price is
 * the input's, so that there are no tokens to count or to acknowledge, and a part of them is worth nothing.
 */
export class VectorStream extends WholeStream {
  readonly ids: readonly number[] = [];
  readonly vectors: Float32Array[] = [];
  readonly #jobSalt: Hex;
  /** How many vectors are asked for. */
  readonly #count: number;

  constructor(options: WholeStreamOptions, count: number) {
    super(options, Math.ceil(count / textsPerTurn));
    this.#jobSalt = options.jobSalt;
    this.#count = count;
  }

  get delivered(): { count: number; root: Hex } {
    return { count: 0, root: commitEmbeddings(this.#jobSalt, this.vectors.map(embeddingBytes)) };
  }

  override onVector({ place, vector }: VectorFrame): void {
    if (this.isFrozen) return;
    const length = this.vectors[0]?.length ?? vector.length;
    if (place !== this.vectors.length || vector.length !== length) return this.fail("bad_frame");
    if (place >= this.#count) return this.fail("ran_ahead");
    this.vectors.push(vector);
    this.heard();
  }

  protected override canEnd(reason: number): boolean {
    return this.vectors.length === this.#count && isStop(reason);
  }
}
