import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

/** A part of one of the files of snarkjs: its number, and its bytes in pieces. */
export interface Section {
  readonly id: number;
  readonly pieces: readonly Uint8Array[];
}

/** Four bytes, the lowest first, for each number. */
export function words(...numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, i) => bytes.writeUInt32LE(number, i * 4));
  return bytes;
}

/**
 * The sections of a file of snarkjs (`r1cs`, `ptau`, `zkey`): a name of four bytes, version, number of sections; then each
 * with its number and its length of eight bytes. Throws RangeError when the file is of another kind or cut off.
 */
export function readSections(file: string, kind: string): Map<number, Uint8Array> {
  const bytes = readFileSync(file);
  if (bytes.toString("latin1", 0, 4) !== kind) throw new RangeError(`${file} is no ${kind} file`);
  const sections = new Map<number, Uint8Array>();
  let at = 12;
  for (let left = bytes.readUInt32LE(8); left > 0; left--) {
    const from = at + 12;
    const length = Number(bytes.readBigUInt64LE(at + 4));
    if (from + length > bytes.length) throw new RangeError(`${file} is cut off`);
    sections.set(bytes.readUInt32LE(at), bytes.subarray(from, from + length));
    at = from + length;
  }
  return sections;
}

/** Writes such a file beside its name and renames it. */
export function writeSections(file: string, kind: string, sections: readonly Section[]): void {
  const draft = `${file}.draft`;
  const target = openSync(draft, "w");
  try {
    // A call may write less than it was given.
    const write = (bytes: Uint8Array): void => {
      for (let done = 0; done < bytes.length;) done += writeSync(target, bytes, done);
    };
    write(Buffer.concat([Buffer.from(kind, "latin1"), words(1, sections.length)]));
    for (const { id, pieces } of sections) {
      const head = Buffer.alloc(12);
      head.writeUInt32LE(id);
      head.writeBigUInt64LE(BigInt(pieces.reduce((sum, { length }) => sum + length, 0)), 4);
      write(head);
      pieces.forEach(write);
    }
    // A name must not stand for less than the whole file after a power failure.
    fsyncSync(target);
  } finally {
    closeSync(target);
  }
  renameSync(draft, file);
}
