/**
 * A comparator in the manner of TOPLOC (arXiv 2501.16007), on the same data: of every 32 tokens a proof keeps the 128 largest values, rounded to
 * bfloat16; a checker compares where they stand and what they are. The paper takes the last hidden state; the binding gives logits
 * alone, so the largest logits of the 32 positions stand in for it. 258 bytes for 32 tokens, as there.
 */
import type { Recheck } from "@lode/miner/engines";

export const toplocChunk = 32;
export const toplocBytesPerToken = 258 / toplocChunk;
/** Largest values of a chunk. */
const kept = 128;

type Value = readonly [place: number, value: number];

function proofOf(tokens: Recheck["tokens"]): Value[] {
  const values = tokens.flatMap(({ top }, index) =>
    top.map(([id, logit]): Value => [index * 2 ** 20 + id, bfloat16(logit)]),
  );
  return values.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, kept);
}

const bits = new DataView(new ArrayBuffer(4));

function bfloat16(value: number): number {
  bits.setFloat32(0, value);
  bits.setUint32(0, (bits.getUint32(0) + 0x8000) & 0xffff0000);
  return bits.getFloat32(0);
}

/** Scores of consecutive chunks: mean difference of the kept values; one that the checker lacks counts as 1. */
export function toplocScores(served: Recheck["tokens"], checked: Recheck["tokens"]): number[] {
  const scores: number[] = [];
  for (let from = 0; from + toplocChunk <= served.length; from += toplocChunk) {
    const claimed = proofOf(served.slice(from, from + toplocChunk));
    const own = new Map(proofOf(checked.slice(from, from + toplocChunk)));
    const sum = claimed.reduce((total, [place, value]) => total + Math.abs(value - (own.get(place) ?? value + 1)), 0);
    scores.push(sum / Math.max(1, claimed.length));
  }
  return scores;
}
