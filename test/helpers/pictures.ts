import { crc32, deflateSync } from "node:zlib";

/** A whole PNG, black, that every viewer opens. @param padding bytes of a comment that make it longer */
export function pngOf(width: number, height: number, padding = 0): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits of grey.
  header.writeUInt8(8, 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("tEXt", Buffer.concat([Buffer.from("Comment\0"), Buffer.alloc(padding, "x")])),
    chunk("IDAT", deflateSync(Buffer.alloc(height * (width + 1)))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(name, 4, "latin1");
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

/** The beginning of a JPEG: a comment, a table, and the frame that tells its size. */
export function jpegOf(width: number, height: number, frame = 0xc2): Buffer {
  const size = Buffer.from([0xff, frame, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  size.writeUInt16BE(height, 5);
  size.writeUInt16BE(width, 7);
  // A comment of two letters, and a table behind a byte that only fills.
  return Buffer.concat([Buffer.from("ffd8fffe00046869ffffc400040102", "hex"), size]);
}

/** The beginning of a WebP of each kind: lossy, lossless, extended. */
export function webpOf(kind: "VP8 " | "VP8L" | "VP8X", width: number, height: number): Buffer {
  const out = Buffer.alloc(30);
  out.write("RIFF", 0, "latin1");
  out.write(`WEBP${kind}`, 8, "latin1");
  if (kind === "VP8 ") {
    out.writeUInt16LE(width, 26);
    out.writeUInt16LE(height, 28);
  } else if (kind === "VP8L") {
    out.writeUInt8(0x2f, 20);
    out.writeUInt32LE(((height - 1) << 14) | (width - 1), 21);
  } else {
    out.writeUIntLE(width - 1, 24, 3);
    out.writeUIntLE(height - 1, 27, 3);
  }
  return out;
}
