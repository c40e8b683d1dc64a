import { bytesToHex, hexToBytes, type Hex } from "@lode/sdk/hash";
import { frameKinds } from "./frame-kinds.ts";
import { ProtocolError } from "./errors.ts";
import { limits } from "./limits.ts";

/** A part of the picture that a job asks for, as the miner link's binary frames carry it beside token frames. */
export interface ImageFrame {
  readonly assignment: Hex;
  /** Where in the file it belongs, bytes. */
  readonly offset: number;
  /** Length of the whole file, bytes. */
  readonly total: number;
  readonly bytes: Uint8Array;
}

const headerBytes = 1 + 32 + 4 + 4;

/** A picture in frames, in their order. Layout: kind u8 | assignment 32 | offset u32 | total u32 | bytes. */
export function* encodeImageFrames(assignment: Hex, picture: Uint8Array): Generator<Uint8Array> {
  for (let offset = 0; offset < picture.length; offset += limits.imageFrameBytes) {
    const part = picture.subarray(offset, offset + limits.imageFrameBytes);
    const out = Buffer.alloc(headerBytes + part.length);
    out.writeUInt8(frameKinds.image, 0);
    out.set(hexToBytes(assignment), 1);
    out.writeUInt32BE(offset, 33);
    out.writeUInt32BE(picture.length, 37);
    out.set(part, headerBytes);
    yield out;
  }
}

/** Reads a frame. Throws ProtocolError when it is short or over the limits. */
export function decodeImageFrame(data: Uint8Array): ImageFrame {
  const frame = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (frame.length <= headerBytes || frame.readUInt8(0) !== frameKinds.image) {
    throw new ProtocolError("bad_frame", "it is no frame of a picture");
  }
  const [offset, total] = [frame.readUInt32BE(33), frame.readUInt32BE(37)];
  const bytes = frame.subarray(headerBytes);
  if (bytes.length > limits.imageFrameBytes) throw new ProtocolError("bad_frame", "it holds too much of a picture");
  if (total > limits.imageBytes || offset + bytes.length > total) {
    throw new ProtocolError("bad_frame", `a picture of ${total} bytes has no part up to ${offset + bytes.length}`);
  }
  return { assignment: bytesToHex(frame.subarray(1, 33)), offset, total, bytes };
}
