import { bytesToHex, hexToBytes, type Hex } from "@lode/sdk/hash";
import { limits } from "./limits.ts";
import { ProtocolError } from "./errors.ts";

/** Tokens of one attempt, or the end of its output, as the miner link's binary frames carry them. */
export type TokenFrame =
  | {
      readonly kind: "tokens";
      readonly assignment: Hex;
      /** Index within the attempt of the first token. */
      readonly firstIndex: number;
      readonly ids: readonly number[];
      /** What the tokens add to the text; empty while a character is incomplete. */
      readonly text: string;
    }
  | { readonly kind: "end"; readonly assignment: Hex; readonly firstIndex: number };

const headerBytes = 1 + 32 + 4 + 2;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Layout: kind u8 (1 tokens, 2 end) | assignment 32 | first index u32 | count u16 | ids u32 each | UTF-8 text. */
export function encodeTokenFrame(frame: TokenFrame): Uint8Array {
  const ids = frame.kind === "tokens" ? frame.ids : [];
  const text = Buffer.from(frame.kind === "tokens" ? frame.text : "", "utf8");
  const out = Buffer.alloc(headerBytes + 4 * ids.length + text.length);
  out.writeUInt8(frame.kind === "tokens" ? 1 : 2, 0);
  out.set(hexToBytes(frame.assignment), 1);
  out.writeUInt32BE(frame.firstIndex, 33);
  out.writeUInt16BE(ids.length, 37);
  ids.forEach((id, i) => out.writeUInt32BE(id, headerBytes + 4 * i));
  out.set(text, headerBytes + 4 * ids.length);
  return out;
}

/** Reads a frame. Throws ProtocolError when it is short, over the limits or not UTF-8. */
export function decodeTokenFrame(bytes: Uint8Array): TokenFrame {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length < headerBytes) throw new ProtocolError("bad_frame", "a token frame is at least 39 bytes long");
  const kind = data.readUInt8(0);
  const assignment = bytesToHex(data.subarray(1, 33));
  const firstIndex = data.readUInt32BE(33);
  const count = data.readUInt16BE(37);
  if (kind === 2) {
    if (count !== 0 || data.length !== headerBytes)
      throw new ProtocolError("bad_frame", "an end frame carries nothing");
    return { kind: "end", assignment, firstIndex };
  }
  if (kind !== 1) throw new ProtocolError("bad_frame", `there is no token frame of kind ${kind}`);
  const textStart = headerBytes + 4 * count;
  if (count === 0 || count > limits.frameTokens || textStart > data.length) {
    throw new ProtocolError("bad_frame", `a token frame cannot hold ${count} tokens in ${data.length} bytes`);
  }
  if (data.length - textStart > limits.frameTextBytes)
    throw new ProtocolError("bad_frame", "the frame's text is too long");
  const ids = Array.from({ length: count }, (_, i) => data.readUInt32BE(headerBytes + 4 * i));
  try {
    return { kind: "tokens", assignment, firstIndex, ids, text: utf8.decode(data.subarray(textStart)) };
  } catch (cause) {
    throw new ProtocolError("bad_frame", "the frame's text is not UTF-8", cause);
  }
}
