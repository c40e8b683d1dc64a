import { compileSchema } from "@lode/protocol/json-schema";
import {
  createJsonConstraint,
  createMaskVocabulary,
  type MaskVocabulary,
} from "../../../../miner/src/engines/constraint/index.ts";
import type { Grammar } from "@lode/protocol/json-schema";
import { createMachine, type Machine, type State } from "../../../../miner/src/engines/constraint/machine/machine.ts";
import { readGguf } from "../../../../miner/src/engines/gguf/read.ts";
import { readVocabulary, tokenTypes } from "../../../../miner/src/engines/gguf/vocabulary.ts";
import { createTextStream } from "../../../../miner/src/engines/text/text-stream.ts";
import { tokenBytes } from "../../../../miner/src/engines/text/token-bytes.ts";
import { models } from "../engine-helper.ts";

/** Random numbers in [0, 1) that are the same in every run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const machineOf = (schema: unknown, leadingSpace = false): Machine =>
  createMachine(compileSchema(JSON.stringify(schema)), { horizon: 16, leadingSpace });

/** What the machine says of a text: whole, the beginning of one that fits, or none. */
export function judge(machine: Machine, text: string | Uint8Array): "whole" | "begun" | "refused" {
  let state: State | null = machine.start;
  for (const byte of Buffer.from(text)) {
    state = machine.next(state, byte);
    if (state === null) return "refused";
  }
  return state.accepts ? "whole" : "begun";
}

/** A model's vocabulary as masks see it, and the text of its tokens. */
export function vocabularyOf(model: keyof typeof models): MaskVocabulary & { textOf(ids: readonly number[]): string } {
  const vocabulary = readVocabulary(readGguf(models[model]));
  const bytesOf = tokenBytes(vocabulary)!;
  const isEnd = (id: number): boolean =>
    vocabulary.types[id] === tokenTypes.control && vocabulary.tokens[id] === vocabulary.eos;
  const masks = createMaskVocabulary(vocabulary.tokens.length, bytesOf, isEnd, vocabulary.spacePrefix);
  return {
    ...masks,
    textOf(ids) {
      const stream = createTextStream(bytesOf, vocabulary.spacePrefix);
      return ids.map((id) => stream.push(id)).join("");
    },
  };
}

const closers = new Set(['"', "}", "]", '"}', '"]', "}}", "]]"].map((text) => Buffer.from(text).toString("hex")));

/**
 * Writes an answer with tokens drawn at random from each mask; tokens that close something become likelier, so that it
 * ends. Undefined when it has not ended after `most` tokens.
 */
export function scribble(
  grammar: Grammar,
  vocabulary: MaskVocabulary,
  random: () => number,
  most = 400,
): number[] | undefined {
  const constraint = createJsonConstraint(grammar, vocabulary);
  const ids: number[] = [];
  while (ids.length < most) {
    const mask = constraint.mask();
    const allowed = mask.ids();
    if (allowed.length === 0)
      throw new Error(
        `a dead end behind ${Buffer.concat(ids.map((id) => Buffer.from(vocabulary.bytesOf(id)))).toString()} of ${JSON.stringify(grammar.nodes[grammar.root])}`,
      );
    const ends = allowed.filter((id) => vocabulary.ends.includes(id));
    if (ends.length > 0 && (random() < 0.5 || ends.length === allowed.length)) return ids;
    const rest = allowed.filter((id) => !vocabulary.ends.includes(id));
    const closing = rest.filter((id) => closers.has(Buffer.from(vocabulary.bytesOf(id)).toString("hex")));
    const from = closing.length > 0 && random() < ids.length / 60 ? closing : rest;
    const id = from[Math.floor(random() * from.length)]!;
    constraint.take(id);
    ids.push(id);
  }
  return undefined;
}
