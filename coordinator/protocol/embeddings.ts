import { concat, hexToBytes, keccakBytes, type Hex } from "@lode/sdk/hash";
import { CompactRange } from "@lode/sdk/merkle";
import Type, { type Static } from "typebox";
import { ProtocolError } from "./errors.ts";
import { limits } from "./limits.ts";

/** What gets one vector: a text, or its tokens exactly as they are, with nothing put around them. */
export const EmbeddingText = Type.Union([
  Type.String({ minLength: 1, maxLength: limits.embeddingChars }),
  Type.Array(Type.Integer({ minimum: 0, maximum: 4_294_967_295 }), {
    minItems: 1,
    maxItems: limits.embeddingChars,
  }),
]);
export type EmbeddingText = Static<typeof EmbeddingText>;

/** What an embedding job asks: one vector for each text. */
export const EmbeddingInput = Type.Object(
  {
    texts: Type.Array(EmbeddingText, { minItems: 1, maxItems: limits.embeddingTexts }),
  },
  { additionalProperties: false },
);
export type EmbeddingInput = Static<typeof EmbeddingInput>;

/** Most tokens that the texts can have: one a byte, and what a model puts around each. */
export const embeddingTokenBound = ({ texts }: EmbeddingInput): number =>
  texts.reduce((sum, text) => {
    return sum + (typeof text === "string" ? new TextEncoder().encode(text).length + 4 : text.length);
  }, 0);

/** A vector as it travels and is committed to: its float32 values, little-endian. */
export function embeddingBytes(vector: Float32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * vector.length));
  vector.forEach((value, at) => bytes.setFloat32(4 * at, value, true));
  return new Uint8Array(bytes.buffer);
}

/** Reads a vector. Throws ProtocolError for bytes that are none. */
export function readEmbedding(bytes: Uint8Array): Float32Array {
  if (bytes.length === 0 || bytes.length % 4 !== 0 || bytes.length > 4 * limits.embeddingLength) {
    throw new ProtocolError("bad_embedding", `${bytes.length} bytes are no vector`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vector = Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
  if (!vector.every(Number.isFinite)) throw new ProtocolError("bad_embedding", "a vector holds finite numbers only");
  return vector;
}

/** Marks the leaves of vectors, whose sides of tokens are 0 and 1. */
const vectorSide = 2;

/** Root over vectors, by their place. Opening one shows a salt of its own, as with tokens. */
export function commitEmbeddings(jobSalt: Hex, vectors: readonly Uint8Array[]): Hex {
  const range = new CompactRange();
  vectors.forEach((bytes, place) => {
    const seed = new Uint8Array(37);
    seed.set(hexToBytes(jobSalt), 0);
    seed[32] = vectorSide;
    new DataView(seed.buffer).setUint32(33, place);
    range.append(concat(keccakBytes(seed), bytes));
  });
  return range.root();
}
