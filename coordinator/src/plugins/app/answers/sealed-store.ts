import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** What a client asked to be kept, and until when (unix milliseconds). JSON values only. */
export interface Kept {
  readonly value: unknown;
  readonly expiresMs: number;
}

const version = 1;
/** Layout of a file: version u8 | expiry u64 | iv 12 | tag 16 | AES-256-GCM of the JSON. */
const headerBytes = 1 + 8 + 12 + 16;

/**
 * Files that only the API key which wrote them can read: name and contents are made with the key's secret, of which the
 * coordinator keeps a hash. A write is on the disk when it resolves. One file of a name is written by one at a time.
 */
export class SealedStore {
  readonly #folder: string;
  readonly #nowMs: () => number;
  /** The last change of each file that runs. */
  readonly #changing = new Map<string, Promise<void>>();

  constructor(folder: string, nowMs: () => number) {
    this.#folder = folder;
    this.#nowMs = nowMs;
  }

  /** What is kept under a name; undefined when there is nothing, it has expired, or it cannot be read with this secret. */
  async read(secret: string, name: string): Promise<Kept | undefined> {
    const { key, file } = this.#place(secret, name);
    let bytes: Buffer;
    try {
      bytes = await readFile(join(this.#folder, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    return unseal(key, file, bytes, this.#nowMs());
  }

  async write(secret: string, name: string, { value, expiresMs }: Kept): Promise<void> {
    const { key, file } = this.#place(secret, name);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(this.#folder, file);
    const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(seal(key, file, value, expiresMs));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await this.#syncFolder();
  }

  /**
   * Puts what `change` makes of what is kept in its place, which is nothing to begin with: one change of a name after the other.
   * Throws what `change` throws.
   */
  async update(secret: string, name: string, change: (kept: Kept | undefined) => Kept): Promise<void> {
    const { file } = this.#place(secret, name);
    const before = this.#changing.get(file);
    const changed = (async () => {
      await before?.catch(() => undefined);
      await this.write(secret, name, change(await this.read(secret, name)));
    })();
    this.#changing.set(file, changed);
    try {
      await changed;
    } finally {
      if (this.#changing.get(file) === changed) this.#changing.delete(file);
    }
  }

  /** Whether there was something to remove. */
  async remove(secret: string, name: string): Promise<boolean> {
    const { file } = this.#place(secret, name);
    const isThere = (await this.read(secret, name)) !== undefined;
    await rm(join(this.#folder, file), { force: true });
    if (isThere) await this.#syncFolder();
    return isThere;
  }

  /** Removes what has expired, and what a crash left half written. */
  async sweep(): Promise<void> {
    const files = await readdir(this.#folder).catch(() => []);
    for (const file of files) {
      const path = join(this.#folder, file);
      const isOld = file.endsWith(".tmp") ? await this.#isForgotten(path) : (await expiryOf(path)) <= this.#nowMs();
      if (isOld) await rm(path, { force: true });
    }
  }

  async #isForgotten(path: string): Promise<boolean> {
    const handle = await open(path).catch(() => undefined);
    if (handle === undefined) return false;
    try {
      return (await handle.stat()).mtimeMs < Date.now() - 60_000;
    } finally {
      await handle.close();
    }
  }

  #place(secret: string, name: string): { key: Buffer; file: string } {
    const key = Buffer.from(hkdfSync("sha256", secret, "", "lode sealed answers", 32));
    return { key, file: createHmac("sha256", key).update(name).digest("hex") };
  }

  async #syncFolder(): Promise<void> {
    const handle = await open(this.#folder);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

function seal(key: Buffer, file: string, value: unknown, expiresMs: number): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt8(version, 0);
  head.writeBigUInt64BE(BigInt(expiresMs), 1);
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.concat([head, Buffer.from(file)]));
  const body = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
  return Buffer.concat([head, iv, cipher.getAuthTag(), body]);
}

function unseal(key: Buffer, file: string, bytes: Buffer, nowMs: number): Kept | undefined {
  if (bytes.length < headerBytes || bytes.readUInt8(0) !== version) return undefined;
  const expiresMs = Number(bytes.readBigUInt64BE(1));
  if (expiresMs <= nowMs) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(9, 21));
  decipher.setAAD(Buffer.concat([bytes.subarray(0, 9), Buffer.from(file)]));
  decipher.setAuthTag(bytes.subarray(21, headerBytes));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(headerBytes)), decipher.final()]).toString("utf8");
    return { value: JSON.parse(text) as unknown, expiresMs };
  } catch {
    // A damaged file is worth as much as none.
    return undefined;
  }
}

/** Unix milliseconds; 0 for a file that is not one of these. */
async function expiryOf(path: string): Promise<number> {
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return 0;
  try {
    const head = Buffer.alloc(9);
    const { bytesRead } = await handle.read(head, 0, 9, 0);
    return bytesRead === 9 ? Number(head.readBigUInt64BE(1)) : 0;
  } finally {
    await handle.close();
  }
}
