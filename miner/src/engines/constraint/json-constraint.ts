import type { Constraint, TokenMask } from "../sampler/index.ts";
import type { TokenBytes } from "../text/token-bytes.ts";
import { constraintLimits, type Grammar } from "@lode/protocol/json-schema";
import { createMachine, type State } from "./machine/machine.ts";
import { createBitMask } from "./vocabulary/bit-mask.ts";
import { walk } from "./vocabulary/mask.ts";
import { createTokenTrie, type TokenTrie } from "./vocabulary/trie.ts";

/** What masks need to know of a vocabulary. */
export interface MaskVocabulary {
  readonly size: number;
  readonly bytesOf: TokenBytes;
  readonly trie: TokenTrie;
  /** Tokens that end an answer. */
  readonly ends: readonly number[];
  /** The first token's leading space is no part of the answer. */
  readonly leadingSpace: boolean;
}

export function createMaskVocabulary(
  size: number,
  bytesOf: TokenBytes,
  isEnd: (id: number) => boolean,
  leadingSpace: boolean,
): MaskVocabulary {
  const ends = Array.from({ length: size }, (_, id) => id).filter(isEnd);
  const isOne = new Set(ends);
  // A token that ends the answer means that and nothing else, whatever its text is.
  const trie = createTokenTrie(size, (id) => (isOne.has(id) ? new Uint8Array(0) : bytesOf(id)));
  return { size, bytesOf, trie, ends, leadingSpace };
}

/**
 * Keeps an answer within a grammar. Masks depend on the grammar, the vocabulary and the tokens so far, and on nothing
 * else. An end is allowed exactly where the answer is complete.
 */
export function createJsonConstraint(grammar: Grammar, vocabulary: MaskVocabulary): Constraint {
  const { size, bytesOf, trie, ends, leadingSpace } = vocabulary;
  const machine = createMachine(grammar, { horizon: trie.longest, leadingSpace });
  const masks = new Map<string, TokenMask>();
  let state: State | null = machine.start;

  const compute = (from: State | null): TokenMask => {
    const mask = createBitMask(size);
    if (from === null) return mask;
    walk(trie, machine, from, (id) => mask.allow(id));
    if (from.accepts) for (const id of ends) mask.allow(id);
    return mask;
  };

  return {
    mask() {
      const shape = state?.shape ?? "dead";
      let mask = masks.get(shape);
      if (mask === undefined) {
        mask = compute(state);
        if (masks.size >= constraintLimits.masks) masks.delete(masks.keys().next().value ?? "");
        masks.set(shape, mask);
      }
      return mask;
    },
    take(id) {
      const bytes = bytesOf(id);
      // A token without bytes is no part of any JSON.
      if (bytes.length === 0) state = null;
      machine.beginMask();
      for (const byte of bytes) state = state === null ? null : machine.next(state, byte);
      if (state === null || !machine.isFull) return;
      state = machine.forget(state);
      masks.clear();
    },
  };
}
