/**
 * A character's bytes so far as one number: 0 between characters, else continuation bytes missing, 1..3, plus 4 times
 * what the bounds of the next byte are, 0..4.
 */
export type Utf8State = number;

/** Bounds of the second byte where they are narrower than 80..BF: no long forms, no surrogates, nothing above 10FFFF. */
const bounds: readonly (readonly [number, number])[] = [
  [0x80, 0xbf],
  [0xa0, 0xbf],
  [0x80, 0x9f],
  [0x90, 0xbf],
  [0x80, 0x8f],
];

/** The state behind a lead byte above 7F, or undefined. */
export function lead(byte: number): Utf8State | undefined {
  if (byte >= 0xc2 && byte <= 0xdf) return 1;
  if (byte === 0xe0) return 2 + 4;
  if (byte === 0xed) return 2 + 8;
  if (byte >= 0xe1 && byte <= 0xef) return 2;
  if (byte === 0xf0) return 3 + 12;
  if (byte === 0xf4) return 3 + 16;
  if (byte >= 0xf1 && byte <= 0xf3) return 3;
  return undefined;
}

/** The state behind a continuation byte, 0 when the character is complete, or undefined. */
export function proceed(state: Utf8State, byte: number): Utf8State | undefined {
  const [low, high] = bounds[state >> 2] ?? [1, 0];
  return byte >= low && byte <= high ? (state & 3) - 1 : undefined;
}

/** Payload bits of a lead byte. */
export const leadBits = (byte: number): number => (byte < 0xe0 ? byte & 0x1f : byte < 0xf0 ? byte & 0x0f : byte & 0x07);

/** First and last code point that can follow from the payload so far. */
export function pointsOf(state: Utf8State, payload: number): [number, number] {
  const missing = state & 3;
  const [low, high] = bounds[state >> 2] ?? [0x80, 0xbf];
  const rest = 64 ** (missing - 1);
  return [(payload * 64 + (low & 0x3f)) * rest, (payload * 64 + (high & 0x3f)) * rest + rest - 1];
}
