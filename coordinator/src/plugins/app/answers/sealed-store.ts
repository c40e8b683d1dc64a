import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { StoreFullError } from "./errors.ts";

/** What a client asked to be kept, and until when by the store's clock (milliseconds). JSON values only. */
export interface Kept {
  readonly value: unknown;
  readonly expiresMs: number;
}

/** What may be kept, bytes on the disk. */
export interface StoreBounds {
  readonly total: number;
  /** Of one API key, with those that it was rotated to. */
  readonly ofKey: number;
}

/**
 * Layout of a file: version u8 | expiry u64 | owner 8 | iv 12 | tag 16 | AES-256-GCM of the JSON. Files of version 1 have no owner:
 * they count for all keys together only.
 */
const version = 2;
const ownerBytes = 8;
const headBytes = 1 + 8;
const sealBytes = 12 + 16;
/** Whose the files are that do not say it. */
const nobody = "";
/** What a file takes at least, with its name: without it, small ones would be for nothing. */
const blockBytes = 4096;

/**
 * Files that only the API key which wrote them can read: name and contents are made with the key's secret, of which the
 * coordinator keeps a hash. A write is on the disk when it resolves. One file of a name is written by one at a time. What they
 * take is counted by a mark that all files of a key share, and that leads to no key.
 */
export class SealedStore {
  readonly #folder: string;
  readonly #nowMs: () => number;
  readonly #bounds: StoreBounds;
  /** The last change of each file that runs. */
  readonly #changing = new Map<string, Promise<void>>();
  /** Bytes on the disk by owner. What an earlier process left is known after the first sweep. */
  #used = new Map<string, number>();
  #total = 0;
  /** What changed since the sweep began that runs. */
  #since: Map<string, number> | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(folder: string, nowMs: () => number, bounds: StoreBounds = { total: Infinity, ofKey: Infinity }) {
    this.#folder = folder;
    this.#nowMs = nowMs;
    this.#bounds = bounds;
  }

  /** The time in which expiry is counted. */
  get nowMs(): number {
    return this.#nowMs();
  }

  /** Bytes on the disk that are known of. */
  get usedBytes(): number {
    return this.#total;
  }

  /**
   * Throws StoreFullError where nothing more should be begun whose outcome will be kept. What was begun before is kept
   * all the same: it is promised already.
   */
  refuseFull(secret: string): void {
    const { owner } = this.#place(secret, "");
    if ((this.#used.get(owner) ?? 0) >= this.#bounds.ofKey) throw new StoreFullError("key", this.#bounds.ofKey);
    if (this.#total >= this.#bounds.total) throw new StoreFullError("all", this.#bounds.total);
  }

  /**
   * What is kept under a name; undefined when there is nothing, it has expired, or it cannot be read with this secret.
   * @param admit is told the file's size before it is opened, and may throw
   */
  async read(secret: string, name: string, admit?: (bytes: number) => void): Promise<Kept | undefined> {
    const { key, file } = this.#place(secret, name);
    let handle: FileHandle;
    try {
      handle = await open(join(this.#folder, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    try {
      if (admit !== undefined) admit((await handle.stat()).size);
      return unseal(key, file, await handle.readFile(), this.#nowMs());
    } finally {
      await handle.close();
    }
  }

  /** @returns the file's size in bytes */
  async write(secret: string, name: string, { value, expiresMs }: Kept): Promise<number> {
    const { key, owner, file } = this.#place(secret, name);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(this.#folder, file);
    const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
    const sealed = seal(key, owner, file, value, expiresMs);
    const before = await sizeOf(path);
    try {
      const handle = await open(temporary, "wx", 0o600);
      try {
        await handle.writeFile(sealed);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    } catch (error) {
      // A full disk must not be filled up by what it did not take.
      await rm(temporary, { force: true });
      throw error;
    }
    this.#count(owner, onDisk(sealed.length) - onDisk(before));
    await this.#syncFolder();
    return sealed.length;
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
    const { owner, file } = this.#place(secret, name);
    const path = join(this.#folder, file);
    const isThere = (await this.read(secret, name)) !== undefined;
    const bytes = await sizeOf(path);
    await rm(path, { force: true });
    this.#count(owner, -onDisk(bytes));
    if (isThere) await this.#syncFolder();
    return isThere;
  }

  /** Removes what has expired, and what a crash left half written; counts what is left. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
      this.#since = undefined;
    });
    return this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const since = new Map<string, number>();
    this.#since = since;
    const found = new Map<string, number>();
    const files = await readdir(this.#folder).catch(() => []);
    for (const file of files) {
      const path = join(this.#folder, file);
      if (file.endsWith(".tmp")) {
        if (await this.#isForgotten(path)) await rm(path, { force: true });
        continue;
      }
      const { expiresMs, owner, bytes } = await headOf(path);
      if (expiresMs <= this.#nowMs()) await rm(path, { force: true });
      else add(found, owner, onDisk(bytes));
    }
    // A file that changed meanwhile may count twice or not at all until the next time: the bounds are not that exact.
    for (const [owner, bytes] of since) add(found, owner, bytes);
    this.#used = found;
    this.#total = [...found.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  #count(owner: string, bytes: number): void {
    add(this.#used, owner, bytes);
    this.#total = Math.max(0, this.#total + bytes);
    if (this.#since !== undefined) add(this.#since, owner, bytes);
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

  #place(secret: string, name: string): { key: Buffer; owner: string; file: string } {
    const key = Buffer.from(hkdfSync("sha256", secret, "", "lode sealed answers", 32));
    const owner = hkdfSync("sha256", secret, "", "lode sealed answers' owner", ownerBytes);
    const file = createHmac("sha256", key).update(name).digest("hex");
    return { key, owner: Buffer.from(owner).toString("hex"), file };
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

function seal(key: Buffer, owner: string, file: string, value: unknown, expiresMs: number): Buffer {
  const head = Buffer.alloc(headBytes + ownerBytes);
  head.writeUInt8(version, 0);
  head.writeBigUInt64BE(BigInt(expiresMs), 1);
  head.write(owner, headBytes, "hex");
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.concat([head, Buffer.from(file)]));
  const body = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
  return Buffer.concat([head, iv, cipher.getAuthTag(), body]);
}

function unseal(key: Buffer, file: string, bytes: Buffer, nowMs: number): Kept | undefined {
  const sealAt = sealOf(bytes);
  if (sealAt === undefined || bytes.length < sealAt + sealBytes) return undefined;
  const expiresMs = Number(bytes.readBigUInt64BE(1));
  if (expiresMs <= nowMs) return undefined;
  const [tagAt, bodyAt] = [sealAt + 12, sealAt + sealBytes];
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(sealAt, tagAt));
  decipher.setAAD(Buffer.concat([bytes.subarray(0, sealAt), Buffer.from(file)]));
  decipher.setAuthTag(bytes.subarray(tagAt, bodyAt));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(bodyAt)), decipher.final()]).toString("utf8");
    return { value: JSON.parse(text) as unknown, expiresMs };
  } catch {
    // A damaged file is worth as much as none.
    return undefined;
  }
}

/** Where what is sealed begins; undefined for a layout that is not known. */
function sealOf(head: Buffer): number | undefined {
  const layout = head.length === 0 ? undefined : head.readUInt8(0);
  return layout === version ? headBytes + ownerBytes : layout === 1 ? headBytes : undefined;
}

/** What a file tells to everybody; expired, when it is none of these. */
async function headOf(path: string): Promise<{ expiresMs: number; owner: string; bytes: number }> {
  const none = { expiresMs: 0, owner: nobody, bytes: 0 };
  const handle = await open(path).catch(() => undefined);
  // Gone, or not to be opened now: what stands in it is not known, least of all that its time is up.
  if (handle === undefined) return { ...none, expiresMs: Infinity };
  try {
    const head = Buffer.alloc(headBytes + ownerBytes);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead < head.length) return none;
    const owner = sealOf(head) === head.length ? head.subarray(headBytes).toString("hex") : nobody;
    return { expiresMs: Number(head.readBigUInt64BE(1)), owner, bytes: (await handle.stat()).size };
  } finally {
    await handle.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** What a file of so many bytes takes of the disk, about; nothing where there is none. */
const onDisk = (bytes: number): number => Math.ceil(bytes / blockBytes) * blockBytes;

function add(counts: Map<string, number>, owner: string, bytes: number): void {
  const sum = (counts.get(owner) ?? 0) + bytes;
  if (sum > 0) counts.set(owner, sum);
  else counts.delete(owner);
}
