import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { word } from "../fixture.ts";

/** How all of them begin. */
const mark = "canary7w2q";

/** Words for places of requests, which must never be met anywhere else. */
export class Canaries {
  readonly words: string[] = [];

  /** @param most characters that the place takes; in one that is too short for a mark nothing can be looked for */
  at(place: string, most = Infinity): string {
    const text = `${mark}${this.words.length}${word(place).slice(2, 22)}`.slice(0, most);
    if (text.startsWith(mark)) this.words.push(text);
    return text;
  }

  /** Those that some bytes hold, however written; a part of one counts too. */
  in(bytes: Buffer): string[] {
    if (!formsOf(mark).some((form) => bytes.includes(form))) return [];
    const whole = this.words.filter((text) => formsOf(text).some((form) => bytes.includes(form)));
    return whole.length > 0 ? whole : [mark];
  }
}

/** A text as it may lie in a file: plain, wide, in hexadecimal, or within base64 at any alignment. */
function formsOf(text: string): Buffer[] {
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from("x".repeat(shift) + text).toString("base64");
    return Buffer.from(encoded.slice(4, -4));
  });
  const hex = Buffer.from(Buffer.from(text).toString("hex"));
  return [Buffer.from(text), Buffer.from(text, "utf16le"), hex, ...base64];
}

/** What a file holds; nothing where it is gone since it was listed: a database's own files come and go. */
export function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return Buffer.alloc(0);
  }
}

export function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
