import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { EngineError } from "../../engines/errors.ts";

/**
 * A sealed file: the content in AES-256-GCM, piece by piece and in place, then the pieces' tags, then how to get the key. In place, because
 * a disk that holds a model may not hold it twice, and because the plain text is overwritten on the way.
 */
const pieceBytes = 4 * 2 ** 20;
const tagBytes = 16;
const magic = Buffer.from("LODESEA1");
/** More than this is no trailer of ours. */
const mostTrailerBytes = 4096;

export interface Content {
  sha256: string;
  sizeBytes: number;
}

interface Trailer extends Content {
  /** One side of the key agreement, X25519; the other one is the store's. */
  readonly ephemeral: string;
  readonly nonce: string;
  readonly key: string;
  readonly tag: string;
}

/** Seals a file where it lies, for the holder of the private key. Until it returns, the file is neither the one nor the other. */
export async function sealFile(path: string, content: Content, to: KeyObject, signal?: AbortSignal): Promise<void> {
  const key = randomBytes(32);
  const file = await open(path, "r+");
  try {
    const tags: Buffer[] = [];
    const piece = Buffer.alloc(Math.min(pieceBytes, content.sizeBytes));
    for (let at = 0; at < content.sizeBytes; at += pieceBytes) {
      signal?.throwIfAborted();
      const plain = piece.subarray(0, Math.min(pieceBytes, content.sizeBytes - at));
      await readAll(file, plain, at);
      const cipher = createCipheriv("aes-256-gcm", key, nonceOf(tags.length), { authTagLength: tagBytes });
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      await file.write(text, 0, text.length, at);
      tags.push(cipher.getAuthTag());
    }
    const trailer = Buffer.from(JSON.stringify(wrap(key, content, to)));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(trailer.length);
    const end = Buffer.concat([...tags, trailer, length, magic]);
    await file.write(end, 0, end.length, content.sizeBytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes the content of a sealed file to `target`, which must not exist, and checks every piece and the whole. Throws EngineError
 * `model-corrupt` where anything was changed, cut or moved, or where it is another content than expected.
 */
export async function openSealed(
  path: string,
  target: string,
  sha256: string,
  key: KeyObject,
  signal?: AbortSignal,
): Promise<void> {
  const source = await open(path, "r");
  try {
    const { size } = await source.stat();
    const { trailer, tagsAt } = await readTrailer(source, size);
    if (trailer.sha256 !== sha256) throw damaged(path);
    const fileKey = unwrap(trailer, key, path);
    const tags = Buffer.alloc(Math.ceil(trailer.sizeBytes / pieceBytes) * tagBytes);
    await readAll(source, tags, tagsAt);
    const out = await open(target, "wx", 0o600);
    const hash = createHash("sha256");
    try {
      const piece = Buffer.alloc(Math.min(pieceBytes, trailer.sizeBytes));
      for (let index = 0; index * pieceBytes < trailer.sizeBytes; index += 1) {
        signal?.throwIfAborted();
        const at = index * pieceBytes;
        const text = piece.subarray(0, Math.min(pieceBytes, trailer.sizeBytes - at));
        await readAll(source, text, at);
        const plain = openPiece(fileKey, index, text, tags.subarray(index * tagBytes, (index + 1) * tagBytes), path);
        hash.update(plain);
        await writeAll(out, plain);
      }
    } finally {
      await out.close();
    }
    // Who has the public key could have sealed something else.
    if (hash.digest("hex") !== sha256) throw damaged(path);
  } finally {
    await source.close();
  }
}

function openPiece(key: Buffer, index: number, text: Buffer, tag: Buffer, path: string): Buffer {
  try {
    const cipher = createDecipheriv("aes-256-gcm", key, nonceOf(index), { authTagLength: tagBytes }).setAuthTag(tag);
    return Buffer.concat([cipher.update(text), cipher.final()]);
  } catch (cause) {
    throw damaged(path, cause);
  }
}

async function readTrailer(file: FileHandle, size: number): Promise<{ trailer: Trailer; tagsAt: number }> {
  const end = Buffer.alloc(4 + magic.length);
  try {
    await readAll(file, end, size - end.length);
    const length = end.readUInt32LE(0);
    if (!end.subarray(4).equals(magic) || length > mostTrailerBytes) throw new RangeError("no trailer");
    const text = Buffer.alloc(length);
    await readAll(file, text, size - end.length - length);
    const trailer = JSON.parse(text.toString("utf8")) as Trailer;
    const tagsLength = Math.ceil(trailer.sizeBytes / pieceBytes) * tagBytes;
    const whole = trailer.sizeBytes + tagsLength + length + end.length;
    if (!Number.isSafeInteger(trailer.sizeBytes) || whole !== size) throw new RangeError("another size");
    return { trailer, tagsAt: trailer.sizeBytes };
  } catch (cause) {
    throw damaged("a sealed model", cause);
  }
}

/** The file's key, for whoever can agree with the ephemeral one. Content and key belong together. */
function wrap(key: Buffer, content: Content, to: KeyObject): Trailer {
  const own = generateKeyPairSync("x25519");
  const ephemeral = own.publicKey.export({ format: "der", type: "spki" });
  const shared = agree(own.privateKey, to, ephemeral);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", shared, nonce, { authTagLength: tagBytes }).setAAD(identity(content));
  const text = Buffer.concat([cipher.update(key), cipher.final()]);
  const { sha256, sizeBytes } = content;
  const sealed = { nonce: textOf(nonce), key: textOf(text), tag: textOf(cipher.getAuthTag()) };
  return { sha256, sizeBytes, ephemeral: textOf(ephemeral), ...sealed };
}

function unwrap(trailer: Trailer, key: KeyObject, path: string): Buffer {
  try {
    const ephemeral = bytesOf(trailer.ephemeral);
    const shared = agree(key, createPublicKey({ key: ephemeral, format: "der", type: "spki" }), ephemeral);
    const cipher = createDecipheriv("aes-256-gcm", shared, bytesOf(trailer.nonce), { authTagLength: tagBytes });
    cipher.setAAD(identity(trailer)).setAuthTag(bytesOf(trailer.tag));
    return Buffer.concat([cipher.update(bytesOf(trailer.key)), cipher.final()]);
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function agree(privateKey: KeyObject, publicKey: KeyObject, ephemeral: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", diffieHellman({ privateKey, publicKey }), ephemeral, "lode model file", 32));
}

const identity = ({ sha256, sizeBytes }: Content): Buffer => Buffer.from(`${sha256} ${sizeBytes}`);

/** No key seals a second file, so that a piece's place is all that has to differ. */
function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 4);
  return nonce;
}

async function readAll(file: FileHandle, into: Buffer, at: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) throw new RangeError("the file ends too early");
    done += bytesRead;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

function damaged(path: string, cause?: unknown): EngineError {
  const sentence = `The encrypted file ${path} is damaged; remove the model and add it again.`;
  return new EngineError("model-corrupt", sentence, { cause });
}

const textOf = (bytes: Buffer): string => bytes.toString("base64");
const bytesOf = (text: string): Buffer => Buffer.from(text, "base64");
