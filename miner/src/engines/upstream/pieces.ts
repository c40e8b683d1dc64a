import type { TextStream } from "../text/text-stream.ts";

/**
 * Numbers for the text of a server that tells no token ids. A piece is up to three bytes of whole characters, or one character of four bytes, and its number
 * holds it: what a receipt commits to can be read back, and the count follows from the text alone, not from what a server claims.
 *
 * A number's top byte is the count of UTF-8 bytes below it; 4 stands for a character beyond U+FFFF, whose code point is below.
 */
const wide = 4;
const most = 3;

/** Cuts a growing text into pieces. The same text gives the same pieces, in whatever parts it comes. */
export interface PieceStream {
  push(text: string): number[];
  /** What still waits for company. */
  end(): number[];
}

export function createPieces(): PieceStream {
  let held = "";
  let heldBytes = 0;
  /** The first half of a character whose second half is in the next part. */
  let half = "";
  const flush = (out: number[]): void => {
    if (held !== "") out.push(numberOf(held));
    [held, heldBytes] = ["", 0];
  };
  return {
    push(text) {
      const out: number[] = [];
      let whole = half + text;
      half = "";
      const last = whole.charCodeAt(whole.length - 1);
      if (last >= 0xd800 && last <= 0xdbff) {
        half = whole.slice(-1);
        whole = whole.slice(0, -1);
      }
      for (const character of whole.toWellFormed()) {
        const bytes = Buffer.byteLength(character, "utf8");
        if (heldBytes + bytes > most) flush(out);
        held += character;
        heldBytes += bytes;
        if (heldBytes >= most) flush(out);
      }
      return out;
    },
    end() {
      const out: number[] = [];
      if (half !== "") held += half.toWellFormed();
      half = "";
      if (Buffer.byteLength(held, "utf8") > most) {
        // Half a character became the mark of a broken one, which has three bytes of its own.
        out.push(numberOf(held.slice(0, -1)), numberOf(held.slice(-1)));
        [held, heldBytes] = ["", 0];
      }
      flush(out);
      return out;
    },
  };
}

/** All pieces of a whole text. */
export function piecesOf(text: string): number[] {
  const pieces = createPieces();
  return [...pieces.push(text), ...pieces.end()];
}

function numberOf(text: string): number {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length > most) return wide * 2 ** 24 + (text.codePointAt(0) ?? 0);
  return bytes.length * 2 ** 24 + [...bytes].reduce((value, byte) => value * 256 + byte, 0);
}

/** A piece's text; undefined for a number that is no piece. */
export function textOfPiece(id: number): string | undefined {
  const [length, value] = [Math.floor(id / 2 ** 24), id % 2 ** 24];
  if (length === wide) return value > 0xffff && value <= 0x10ffff ? String.fromCodePoint(value) : undefined;
  if (length < 1 || length > most || value >= 256 ** length) return undefined;
  const bytes = Buffer.from(Array.from({ length }, (_, at) => (value >> (8 * (length - 1 - at))) & 0xff));
  const text = bytes.toString("utf8");
  // Bytes that are no text would come back as another number.
  return Buffer.from(text, "utf8").equals(bytes) && numberOf(text) === id ? text : undefined;
}

/** Output in pieces, as what looks for stop texts reads it. */
export const pieceText = (): TextStream => ({ push: (id) => textOfPiece(id) ?? "" });
