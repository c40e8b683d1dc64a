import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Reads little-endian values from a file, front to back, without holding it in memory. Throws GgufError at its end. */
export interface ByteSource {
  readonly size: number;
  readonly position: number;
  take(length: number): Buffer;
  close(): void;
}

/** The file is not what it claims to be. The message continues a sentence that names the file. */
export class GgufError extends Error {
  override readonly name = "GgufError";
}

const chunkSize = 1 << 20;

export function openByteSource(path: string): ByteSource {
  const file = openSync(path, "r");
  const { size } = fstatSync(file);
  let chunk: Buffer = Buffer.alloc(0);
  let used = 0;
  let position = 0;
  const fill = (length: number): void => {
    const rest = chunk.subarray(used);
    const next = Buffer.alloc(Math.min(size - position, Math.max(chunkSize, length)));
    rest.copy(next);
    for (let at = rest.length; at < next.length;) {
      const read = readSync(file, next, at, next.length - at, position + at);
      if (read === 0) throw new GgufError("ends while it is read");
      at += read;
    }
    chunk = next;
    used = 0;
  };
  return {
    size,
    get position() {
      return position;
    },
    take(length) {
      if (length > size - position) throw new GgufError("ends too early");
      if (length > chunk.length - used) fill(length);
      const bytes = chunk.subarray(used, used + length);
      used += length;
      position += length;
      return bytes;
    },
    close: () => closeSync(file),
  };
}
