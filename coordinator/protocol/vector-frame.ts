import { bytesToHex, hexToBytes, type Hex } from "@lode/sdk/hash";
import { embeddingBytes, readEmbedding } from "./embeddings.ts";
import { frameKinds } from "./frame-kinds.ts";
import { ProtocolError } from "./errors.ts";
import { limits } from "./limits.ts";

/** One vector of an embedding job, as the miner link's binary frames carry it beside token frames. */
export interface VectorFrame {
  readonly assignment: Hex;
  /** Which of the job's texts it belongs to. */
  readonly place: number;
  readonly vector: Float32Array;
}

const headerBytes = 1 + 32 + 4;

/** Layout: kind u8 | assignment 32 | place u32 | float32 values, little-endian. */
export function encodeVectorFrame({ assignment, place, vector }: VectorFrame): Uint8Array {
  const out = Buffer.alloc(headerBytes + 4 * vector.length);
  out.writeUInt8(frameKinds.vector, 0);
  out.set(hexToBytes(assignment), 1);
  out.writeUInt32BE(place, 33);
  out.set(embeddingBytes(vector), headerBytes);
  return out;
}

/** Reads a frame. Throws ProtocolError when it is short, over the limits or holds what is no number. */
export function decodeVectorFrame(bytes: Uint8Array): VectorFrame {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length < headerBytes || data.readUInt8(0) !== frameKinds.vector) {
    throw new ProtocolError("bad_frame", "it is no vector frame");
  }
  const place = data.readUInt32BE(33);
  if (place >= limits.embeddingTexts) throw new ProtocolError("bad_frame", `a job has no text ${place}`);
  return { assignment: bytesToHex(data.subarray(1, 33)), place, vector: readEmbedding(data.subarray(headerBytes)) };
}
