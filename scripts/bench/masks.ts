/**
 * What a mask costs: every byte of some JSON is taken as a token of its own, over a vocabulary of 128,000 made-up words, so
 * that each state is met once. No model, no other process.
 */
import { compileSchema } from "@lode/protocol/json-schema";
import { createMaskVocabulary, createJsonConstraint } from "../../miner/src/engines/constraint/index.ts";
import { percentile, round } from "./statistics.ts";

const size = 128_000;
const schema = {
  type: "object",
  properties: {
    name: { type: "string" },
    bio: { type: "string", maxLength: 200 },
    tags: { type: "array", items: { type: "string" } },
    code: { type: "string", pattern: "foo" },
    n: { type: "integer", minimum: 0, maximum: 100 },
  },
  required: ["name", "bio", "tags", "code", "n"],
};
const answer = { name: "Anna Smith", bio: "x".repeat(60), tags: ["a", "b", "c"], code: "a foo b", n: 42 };

/** Words as tokenizers have them: letters, often behind a space, some punctuation, some beyond ASCII. */
function inventTokens(): Buffer[] {
  let state = 1;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const pick = (text: string): string => text.charAt(below(text.length));
  const words = new Set<string>();
  while (words.size < size - 257) {
    const alphabet = below(20) === 0 ? '"{}[],:.-_/\\ \n0123456789abc' : "abcdefghijklmnopqrstuvwxyz";
    const letters = Array.from({ length: 2 + below(8) }, () => (below(100) === 0 ? "漢" : pick(alphabet)));
    words.add((below(5) < 2 ? " " : "") + letters.join(""));
  }
  return [
    ...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)),
    ...Array.from(words, (word) => Buffer.from(word)),
  ];
}

export async function masks(): Promise<Record<string, number>> {
  const tokens = inventTokens();
  const nothing = new Uint8Array(0);
  const beganAt = performance.now();
  const vocabulary = createMaskVocabulary(
    size,
    (id) => tokens[id] ?? nothing,
    (id) => id === size - 1,
    false,
  );
  const trieMs = performance.now() - beganAt;
  const constraint = createJsonConstraint(compileSchema(JSON.stringify(schema)), vocabulary);
  const times: number[] = [];
  for (const byte of Buffer.from(JSON.stringify(answer))) {
    const at = performance.now();
    const mask = constraint.mask();
    times.push(performance.now() - at);
    if (!mask.has(byte)) throw new Error("the mask refuses its own answer");
    constraint.take(byte);
  }
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  return {
    maskMeanMs: round(mean, 2),
    maskP50Ms: round(percentile(times, 0.5), 3),
    maskP99Ms: round(percentile(times, 0.99), 1),
    trieMs: round(trieMs, 0),
    masks: times.length,
  };
}
