import type { TokenMask } from "../../sampler/index.ts";

/** A mask with one bit for each token of the vocabulary. */
export interface BitMask extends TokenMask {
  allow(id: number): void;
}

export function createBitMask(vocabularySize: number): BitMask {
  const bits = new Uint32Array(Math.ceil(vocabularySize / 32));
  let allowed = 0;
  let list: number[] | undefined;
  const has = (id: number): boolean => (((bits[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;
  return {
    has,
    allow(id) {
      if (id >= vocabularySize || has(id)) return;
      bits[id >>> 5] = (bits[id >>> 5] ?? 0) | (1 << (id & 31));
      allowed += 1;
    },
    get allowed() {
      return allowed;
    },
    get refused() {
      return vocabularySize - allowed;
    },
    ids: () => (list ??= Array.from({ length: vocabularySize }, (_, id) => id).filter(has)),
  };
}
