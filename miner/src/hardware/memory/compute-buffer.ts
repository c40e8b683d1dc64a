import { Arena, type Place } from "./arena.ts";

/** The sizes that decide what a decoder's graph holds while it computes a batch. */
export interface GraphShape {
  width: number;
  layers: number;
  heads: number;
  headWidth: number;
  keyHeads: number;
  hidden: number;
  vocabulary: number;
}

/** A value of the graph; `readers` have yet to read it. */
interface Value {
  place: Place;
  readers: number;
}

const floatBytes = 4;

/**
 * Bytes of llama.cpp's compute buffer for one batch of a llama-like decoder with flash attention. The graph's values are
 * placed and given back in llama.cpp's own order, because holes between them decide as much as their sizes do.
 * `cells` is the length of one sequence's cache.
 */
export function computeBufferBytes(shape: GraphShape, batchTokens: number, cells: number): number {
  const { width, layers, hidden, vocabulary } = shape;
  const queryWidth = shape.heads * shape.headWidth;
  const keyWidth = shape.keyHeads * shape.headWidth;
  const arena = new Arena();

  /** A value of so many bytes for each token. What it is made of is given back after it has its place. */
  const make = (bytesPerToken: number, readers: number, sources: readonly Value[] = []): Value => {
    const value = { place: arena.take(bytesPerToken * batchTokens), readers };
    read(...sources);
    return value;
  };
  const floats = (count: number, readers: number, sources: readonly Value[] = []): Value =>
    make(count * floatBytes, readers, sources);
  const read = (...values: readonly Value[]): void => {
    for (const value of values) {
      value.readers -= 1;
      if (value.readers === 0) arena.give(value.place);
    }
  };
  /** A sum, in the place of its first part. */
  const add = ({ place }: Value, other: Value, readers: number): Value => {
    read(other);
    return { place, readers };
  };

  const tokens = make(4, 1);
  // Room for embeddings given instead of tokens: part of every graph, and read in none of ours.
  floats(width, 1);
  const positions = make(4, 2 * layers);
  const keyCells = make(8, layers);
  const valueCells = make(8, layers);
  const mask = make(2 * cells, layers);
  const outputs = make(4, 2);

  let residual = floats(width, 2, [tokens]);
  for (let layer = 0; layer < layers; layer += 1) {
    const isLast = layer === layers - 1;
    const normed = floats(width, 3, [residual]);
    const query = floats(queryWidth, 1, [normed]);
    const turnedQuery = floats(queryWidth, 1, [query, positions]);
    const value = floats(keyWidth, 1, [normed]);
    const key = floats(keyWidth, 1, [normed]);
    const turnedKey = floats(keyWidth, 1, [key, positions]);
    read(turnedKey, keyCells, value, valueCells);
    const attended = floats(queryWidth, 1, [turnedQuery, mask]);
    let projected = floats(width, 1, [attended]);
    if (isLast) {
      projected = floats(width, 1, [projected, outputs]);
      residual = floats(width, 1, [residual, outputs]);
    }
    const middle = add(projected, residual, 2);
    const narrowed = floats(width, 2, [middle]);
    const gate = floats(hidden, 1, [narrowed]);
    const up = floats(hidden, 1, [narrowed]);
    const gated = floats(hidden, 1, [gate, up]);
    residual = add(floats(width, 1, [gated]), middle, 2);
  }
  floats(vocabulary, 1);
  return arena.highest;
}
