import type { TokenBytes } from "../../text/token-bytes.ts";

/**
 * A vocabulary's bytes as a tree, its nodes in depth-first order: a walk is one pass over flat lists, and what lies
 * behind a refused byte is jumped over.
 */
export interface TokenTrie {
  readonly size: number;
  readonly byte: Uint8Array;
  /** Bytes up to this node, this one included. */
  readonly depth: Uint16Array;
  /** The first node that is not behind this one. */
  readonly end: Uint32Array;
  /** Tokens that end at a node: `tokens` from `first[node]` to `first[node + 1]`. */
  readonly first: Uint32Array;
  readonly tokens: Uint32Array;
  /** The longest token's bytes. */
  readonly longest: number;
}

/** Longer tokens do not occur in real vocabularies; a model file that has them does not get to use them here. */
const mostBytes = 1024;

/** Control tokens have no bytes, and are left out. */
export function createTokenTrie(vocabularySize: number, bytesOf: TokenBytes): TokenTrie {
  const entries: { id: number; bytes: Uint8Array }[] = [];
  for (let id = 0; id < vocabularySize; id += 1) {
    const bytes = bytesOf(id);
    if (bytes.length > 0 && bytes.length <= mostBytes) entries.push({ id, bytes });
  }
  entries.sort((a, b) => Buffer.compare(a.bytes, b.bytes) || a.id - b.id);
  const most = entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const [byte, depth] = [new Uint8Array(most), new Uint16Array(most)];
  const [end, first] = [new Uint32Array(most), new Uint32Array(most + 1)];
  const tokens = new Uint32Array(entries.length);
  /** The nodes on the way to the last token. */
  const path: number[] = [];
  let size = 0;
  let before: Uint8Array = new Uint8Array(0);
  entries.forEach(({ id, bytes }, place) => {
    const shared = sharedLength(before, bytes);
    for (const node of path.splice(shared)) end[node] = size;
    for (let at = shared; at < bytes.length; at += 1) {
      byte[size] = bytes[at] ?? 0;
      depth[size] = at + 1;
      first[size] = place;
      path.push(size);
      size += 1;
    }
    tokens[place] = id;
    before = bytes;
  });
  for (const node of path) end[node] = size;
  first[size] = entries.length;
  const cut = <T extends Uint8Array | Uint16Array | Uint32Array>(list: T, length: number): T =>
    list.slice(0, length) as T;
  return {
    size,
    byte: cut(byte, size),
    depth: cut(depth, size),
    end: cut(end, size),
    first: cut(first, size + 1),
    tokens,
    longest: entries.reduce((longest, { bytes }) => Math.max(longest, bytes.length), 0),
  };
}

function sharedLength(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
