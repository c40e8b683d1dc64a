import { concat, keccakBytes } from "@lode/sdk/hash";
import Type, { type Static } from "typebox";
import { limits } from "./limits.ts";

const Side = Type.Integer({ minimum: limits.imageLeastSide, maximum: limits.imageSide });

/** What a job for a picture asks: one picture of exactly this size, in pixels. */
export const ImagePrompt = Type.Object(
  {
    image: Type.Object(
      { prompt: Type.String({ minLength: 1, maxLength: limits.imagePromptChars }), width: Side, height: Side },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type ImagePrompt = Static<typeof ImagePrompt>;

export interface ImageSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Side of the square that counts as one output token, pixels. */
const tokenSide = 32;
/** Tokens that are painted in about the time that a text may be without its first one. */
const tokensPerTurn = 256;

/** Output tokens that a picture counts and is billed as: one for each square of 32 x 32 pixels that it begins. */
export function imageTokens({ width, height }: ImageSize): number {
  return Math.ceil(width / tokenSide) * Math.ceil(height / tokenSide);
}

/** How many times as long as for a text's first token a picture of this size is waited for. */
export const imageTurns = (size: ImageSize): number => Math.ceil(imageTokens(size) / tokensPerTurn);

const wordBytes = 4;

/**
 * The tokens that a picture stands for in a receipt: 32 bits each of hashes over the whole file, so that the same bytes give
 * the same tokens and a demand to open any of them is answered as for text. From the least size on they hold 512 bits.
 * @param count see `imageTokens`
 */
export function imageIds(bytes: Uint8Array, count: number): number[] {
  const whole = keccakBytes(bytes);
  const ids: number[] = [];
  for (let block = 0; ids.length < count; block++) {
    const number = new Uint8Array(wordBytes);
    new DataView(number.buffer).setUint32(0, block);
    const hash = keccakBytes(concat(whole, number));
    const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
    for (let at = 0; at < hash.length && ids.length < count; at += wordBytes) ids.push(view.getUint32(at));
  }
  return ids;
}

/** What a picture's first bytes say of it. */
export interface ImageFacts extends ImageSize {
  readonly mediaType: "image/png" | "image/jpeg" | "image/webp";
}

/** Kind and size of a picture; undefined for what is neither PNG nor JPEG nor WebP, or hides its size. Nothing is decoded. */
export function readImage(bytes: Uint8Array): ImageFacts | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return pngFacts(view) ?? jpegFacts(view) ?? webpFacts(view);
  } catch (error) {
    // It ends before its size.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function pngFacts(view: DataView): ImageFacts | undefined {
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return undefined;
  if (textAt(view, 12) !== "IHDR") return undefined;
  return { mediaType: "image/png", width: view.getUint32(16), height: view.getUint32(20) };
}

function jpegFacts(view: DataView): ImageFacts | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { mediaType: "image/jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    } else {
      const length = view.getUint16(at + 2);
      // Without a length there is no way to the next marker, and the picture's own data comes behind its size.
      if (length < 2 || marker === 0xda) return undefined;
      at += 2 + length;
    }
  }
}

function webpFacts(view: DataView): ImageFacts | undefined {
  if (textAt(view, 0) !== "RIFF" || textAt(view, 8) !== "WEBP") return undefined;
  const facts = (width: number, height: number): ImageFacts => ({ mediaType: "image/webp", width, height });
  const kind = textAt(view, 12);
  if (kind === "VP8 ") return facts(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return facts((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  const sideAt = (at: number): number => view.getUint16(at, true) + 65_536 * view.getUint8(at + 2) + 1;
  return kind === "VP8X" ? facts(sideAt(24), sideAt(27)) : undefined;
}

const textAt = (view: DataView, at: number): string =>
  String.fromCharCode(...Array.from({ length: 4 }, (_, index) => view.getUint8(at + index)));
