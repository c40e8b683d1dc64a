import { bytesToHex, hexToBytes, type Hex } from "@lode/sdk/hash";
import { limits } from "./limits.ts";
import { frameKinds } from "./frame-kinds.ts";
import { ProtocolError } from "./errors.ts";
import { readLogprobs, writeLogprobs, type TokenLogprob } from "./logprobs.ts";

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
      /** One for each token, where the job asks for them. */
      readonly logprobs?: readonly TokenLogprob[];
    }
  | {
      readonly kind: "end";
      readonly assignment: Hex;
      readonly firstIndex: number;
      /** Which of the job's stop texts came, where one did. */
      readonly stop?: number;
    };

const headerBytes = 1 + 32 + 4 + 2;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Layout: kind u8 | assignment 32 | first index u32 | count u16 | ids u32 each | the rest. Kind 1 is tokens, the rest their text in
 * UTF-8. Kind 4 is tokens with probabilities: the text's length u32, the text, JSON. Kind 2 is the end: nothing, or the
 * stop text's place u8.
 */
export function encodeTokenFrame(frame: TokenFrame): Uint8Array {
  if (frame.kind === "end") {
    const end = withHead(frameKinds.end, frame, [], frame.stop === undefined ? 0 : 1);
    if (frame.stop !== undefined) end.writeUInt8(frame.stop, headerBytes);
    return end;
  }
  const { ids, text } = frame;
  const textBytes = Buffer.byteLength(text);
  const idsEnd = headerBytes + 4 * ids.length;
  if (frame.logprobs === undefined) {
    const tokens = withHead(frameKinds.tokens, frame, ids, textBytes);
    tokens.write(text, idsEnd, "utf8");
    return tokens;
  }
  const logprobs = writeLogprobs(frame.logprobs);
  const told = withHead(frameKinds.logprobs, frame, ids, 4 + textBytes + Buffer.byteLength(logprobs));
  told.writeUInt32BE(textBytes, idsEnd);
  told.write(text, idsEnd + 4, "utf8");
  told.write(logprobs, idsEnd + 4 + textBytes, "utf8");
  return told;
}

/** A frame in one buffer, with room for so many bytes behind its ids. */
function withHead(
  kind: number,
  { assignment, firstIndex }: Pick<TokenFrame, "assignment" | "firstIndex">,
  ids: readonly number[],
  moreBytes: number,
): Buffer {
  const out = Buffer.allocUnsafe(headerBytes + 4 * ids.length + moreBytes);
  out.writeUInt8(kind, 0);
  out.set(hexToBytes(assignment), 1);
  out.writeUInt32BE(firstIndex, 33);
  out.writeUInt16BE(ids.length, 37);
  ids.forEach((id, i) => out.writeUInt32BE(id, headerBytes + 4 * i));
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
  if (kind === frameKinds.end) {
    if (count !== 0 || data.length > headerBytes + 1)
      throw new ProtocolError("bad_frame", "an end frame carries nothing");
    const stop = data.length > headerBytes ? data.readUInt8(headerBytes) : undefined;
    return { kind: "end", assignment, firstIndex, ...(stop !== undefined && { stop }) };
  }
  if (kind !== frameKinds.tokens && kind !== frameKinds.logprobs)
    throw new ProtocolError("bad_frame", `there is no token frame of kind ${kind}`);
  const idsEnd = headerBytes + 4 * count;
  const textStart = kind === frameKinds.logprobs ? idsEnd + 4 : idsEnd;
  if (count === 0 || count > limits.frameTokens || textStart > data.length) {
    throw new ProtocolError("bad_frame", `a token frame cannot hold ${count} tokens in ${data.length} bytes`);
  }
  const ids: number[] = [];
  for (let at = headerBytes; at < idsEnd; at += 4) ids.push(data.readUInt32BE(at));
  const textEnd = kind === frameKinds.logprobs ? textStart + data.readUInt32BE(idsEnd) : data.length;
  if (textEnd > data.length) throw new ProtocolError("bad_frame", "a text is longer than its frame");
  if (textEnd - textStart > limits.frameTextBytes) throw new ProtocolError("bad_frame", "the frame's text is too long");
  const text = textOf(data.subarray(textStart, textEnd));
  const tokens = { kind: "tokens", assignment, firstIndex, ids, text } as const;
  return kind === frameKinds.tokens
    ? tokens
    : { ...tokens, logprobs: readLogprobs(textOf(data.subarray(textEnd)), count) };
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ProtocolError("bad_frame", "the frame's text is not UTF-8", cause);
  }
}
