import { open, readFile, rename, rm, mkdir, writeFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { LodeError } from "../errors/lode-error.ts";
import { explainSystemError } from "../errors/system-error.ts";
import { isRunning, nameOfProcess } from "./process-name.ts";

export { isRunning, nameOfProcess };

/** Frame of a record: payload length, crc32 of the payload, crc32 of the eight bytes before it. */
const frameBytes = 12;
/** No append is larger; a longer length is damage. */
const maximumPayload = 64 * 1024 * 1024;

/** A write that took so much shows that many append: the next one waits a little, because an fsync costs the same for all. */
const busyBytes = 16 * 1024;
const gatherMs = 3;

/** Records that the next fsync takes, as JSON. */
class Group {
  readonly texts: string[] = [];
  readonly #written = Promise.withResolvers<undefined>();

  get written(): Promise<void> {
    return this.#written.promise;
  }

  end(failure?: RecordLogError): void {
    if (failure === undefined) this.#written.resolve(undefined);
    else this.#written.reject(failure);
  }
}

/** The records cannot be read or written. */
export class RecordLogError extends LodeError {
  override readonly name = "RecordLogError";
  constructor(code: string, message: string, cause?: unknown) {
    super(`log_${code}`, message, { cause });
  }
}

/**
 * JSON records in an append-only, checksummed file. What waits while one fsync runs is written by the next one together, and
 * where much comes each fsync gathers for a few milliseconds.
 * After a failed write nothing is acknowledged any more: what the disk holds is then unknown until a restart reads it.
 */
export class RecordLog<T> {
  readonly #path: string;
  readonly #lock: string;
  #file: FileHandle;
  #next: Group | undefined;
  #flushing: Promise<void> | undefined;
  /** Whether somebody waits for what is not written yet, or did for as long as it may take. */
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;
  #lastBytes = 0;
  #failure: RecordLogError | undefined;

  private constructor(path: string, file: FileHandle, lock: string) {
    this.#path = path;
    this.#file = file;
    this.#lock = lock;
  }

  /**
   * Opens a log, hands every record in it to `apply` in order, waiting for its promises, and cuts off a torn last one.
   * @throws {RecordLogError} when another process has it open, or when it is damaged before its end
   */
  static async open<T>(
    path: string,
    apply: (record: T) => unknown,
    warn: (message: string) => void = () => undefined,
  ): Promise<RecordLog<T>> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const lock = await takeLock(`${path}.lock`);
    let file: FileHandle | undefined;
    try {
      file = await open(path, "a+", 0o600);
      const { size } = await file.stat();
      const good = await readRecords(new Window(file, size), path, (record) => apply(record as T));
      if (good < size) {
        warn(`the log's last record was cut short by a crash; ${size - good} bytes of it are dropped`);
        await file.truncate(good);
        await file.sync();
      }
      await syncFolder(path);
      return new RecordLog<T>(path, file, lock);
    } catch (error) {
      await file?.close();
      await rm(lock, { force: true });
      throw error;
    }
  }

  /** Hands the whole records of a log to `apply`, without its lock: another process may be writing it. */
  static async read(path: string, apply: (record: unknown) => unknown): Promise<void> {
    const file = await open(path, "r").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    });
    if (file === undefined) return;
    try {
      await readRecords(new Window(file, (await file.stat()).size), path, apply);
    } finally {
      await file.close();
    }
  }

  /** As `rewrite`, with these values in the place of all that are there. */
  replace<V = T>(values: Iterable<V>, encode: (value: V) => unknown = (value) => value): Promise<void> {
    return this.rewrite(async (put) => {
      for (const value of values) await put(encode(value));
    });
  }

  /**
   * Puts other records in the place of all that are there: written beside the log and renamed, so that a crash leaves the old
   * ones or the new ones. To be awaited before anything else is appended. Where it fails the old ones are still there and the
   * log goes on, unless nobody knows which of the two the folder names: then nothing is acknowledged any more.
   * @param write hands over the new ones in their order; what is there may be read meanwhile
   * @throws {RecordLogError} when something waits to be written, or a record is too large; else what the file system says
   */
  async rewrite(write: (put: (value: unknown) => Promise<void>) => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#next !== undefined || this.#flushing !== undefined) {
      throw new RecordLogError("busy", "Records that wait to be written would be lost.");
    }
    const draft = `${this.#path}.new`;
    await rm(draft, { force: true });
    const file = await open(draft, "ax", 0o600);
    try {
      const gathered = new Gatherer(file);
      await write((value) => {
        const text = textOf(value);
        return text instanceof RecordLogError ? Promise.reject(text) : gathered.put(framed([text]));
      });
      await gathered.flush();
      await file.sync();
      await rename(draft, this.#path);
    } catch (error) {
      await file.close();
      await rm(draft, { force: true });
      throw error;
    }
    const old = this.#file;
    this.#file = file;
    try {
      await old.close();
      await syncFolder(this.#path);
    } catch (cause) {
      throw (this.#failure = unwritten(cause));
    }
  }

  /**
   * Resolves when the record is on the disk; the whole of it or nothing is there after a crash.
   * @param lagMs how long it may wait for others where nobody waits for it; it never falls behind what is appended later
   */
  append(value: T, lagMs = 0): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const text = textOf(value);
    if (text instanceof RecordLogError) return Promise.reject(text);
    const group = (this.#next ??= new Group());
    group.texts.push(text);
    return this.#written(group, lagMs);
  }

  /** Resolves when everything that was appended before is on the disk. */
  flushed(): Promise<void> {
    return this.#failure === undefined ? this.#written((this.#next ??= new Group()), 0) : Promise.reject(this.#failure);
  }

  #written(group: Group, lagMs: number): Promise<void> {
    if (lagMs > 0) this.#timer ??= setTimeout(() => this.#due(), lagMs);
    else this.#due();
    return group.written;
  }

  async close(): Promise<void> {
    if (this.#next !== undefined) this.#due();
    await this.#flushing;
    await this.#file.close();
    await rm(this.#lock, { force: true });
  }

  #due(): void {
    this.#isDue = true;
    this.#flushing ??= this.#flush();
  }

  async #flush(): Promise<void> {
    // What comes in the same turn goes with it.
    await nextTurn();
    while (this.#isDue) {
      if (this.#lastBytes >= busyBytes) await wait(gatherMs);
      this.#isDue = false;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      const group = this.#next;
      this.#next = undefined;
      if (group === undefined) continue;
      try {
        if (this.#failure !== undefined) throw this.#failure;
        const bytes = framed(group.texts);
        this.#lastBytes = bytes.length;
        await writeAll(this.#file, bytes);
        await this.#file.datasync();
        group.end();
      } catch (cause) {
        this.#failure ??= unwritten(cause);
        group.end(this.#failure);
      }
    }
    this.#flushing = undefined;
  }
}

function unwritten(cause: unknown): RecordLogError {
  const why = explainSystemError(cause)?.message ?? "";
  const message = `The log cannot be written; restart after mending the disk. ${why}`.trim();
  return new RecordLogError("write_failed", message, cause);
}

/** A record's JSON; an error when it has more bytes than any record may have. */
function textOf(value: unknown): string | RecordLogError {
  const text = JSON.stringify(value);
  // A character has three bytes at most, so that most texts need not be counted.
  const isTooLarge = 3 * text.length > maximumPayload && Buffer.byteLength(text) > maximumPayload;
  return isTooLarge ? new RecordLogError("too_large", "The append is too large.") : text;
}

/** A new or renamed file is there after a crash only when its folder was written too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), "r");
  await folder.sync();
  await folder.close();
}

/** Records behind each other, each in its frame: one buffer for all of them. */
function framed(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + frameBytes + length, 0));
  let at = 0;
  texts.forEach((text, index) => {
    const length = lengths[index] ?? 0;
    const end = at + frameBytes + length;
    bytes.write(text, at + frameBytes, length, "utf8");
    bytes.writeUInt32LE(length, at);
    bytes.writeUInt32LE(crc32(bytes.subarray(at + frameBytes, end)), at + 4);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 8)), at + 8);
    at = end;
  });
  return bytes;
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

/** Records that are written together: a call for each would take longer than the rest. */
class Gatherer {
  readonly #file: FileHandle;
  #records: Buffer[] = [];
  #bytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async put(record: Buffer): Promise<void> {
    this.#records.push(record);
    this.#bytes += record.length;
    if (this.#bytes >= windowBytes) await this.flush();
  }

  async flush(): Promise<void> {
    await writeAll(this.#file, Buffer.concat(this.#records));
    [this.#records, this.#bytes] = [[], 0];
  }
}

/** So much of a log is in memory while it is read: a whole one may be larger than any buffer. */
const windowBytes = 8 * 1024 * 1024;

/** Bytes of a file that is read from its beginning to its end. */
class Window {
  readonly size: number;
  readonly #file: FileHandle;
  #bytes = Buffer.alloc(0);
  #start = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** What there is of so many bytes from a place on; undefined where they must be read first. */
  at(from: number, length: number): Buffer | undefined {
    const end = Math.min(from + length, this.size);
    if (from < this.#start || end > this.#start + this.#bytes.length) return undefined;
    return this.#bytes.subarray(from - this.#start, end - this.#start);
  }

  async read(from: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(Math.min(Math.max(length, windowBytes), this.size - from));
    let held = 0;
    while (held < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, held, bytes.length - held, from + held);
      if (bytesRead === 0) break;
      held += bytesRead;
    }
    [this.#bytes, this.#start] = [bytes.subarray(0, held), from];
    return this.#bytes.subarray(0, length);
  }

  async isZeroFrom(from: number): Promise<boolean> {
    const zeros = Buffer.alloc(windowBytes);
    for (let at = from; at < this.size; at += windowBytes) {
      const bytes = await this.read(at, windowBytes);
      if (!bytes.equals(zeros.subarray(0, bytes.length))) return false;
    }
    return true;
  }
}

/** Applies whole records and returns where they end. Damage that is not a torn end throws. */
async function readRecords(file: Window, path: string, apply: (record: unknown) => unknown): Promise<number> {
  const { size } = file;
  let at = 0;
  while (at < size) {
    const head = file.at(at, frameBytes) ?? (await file.read(at, frameBytes));
    if (head.length < frameBytes) return at;
    const length = head.readUInt32LE(0);
    const isFramed = crc32(head.subarray(0, 8)) === head.readUInt32LE(8) && length <= maximumPayload;
    // A crash can leave the file longer than what was written to it, filled with zeros.
    if (!isFramed && (await file.isZeroFrom(at))) return at;
    if (!isFramed) throw damaged(path, at);
    const end = at + frameBytes + length;
    if (end > size) return at;
    const record = file.at(at, frameBytes + length) ?? (await file.read(at, frameBytes + length));
    const payload = record.subarray(frameBytes);
    if (crc32(payload) !== record.readUInt32LE(4)) {
      const isLast = end === size || (await file.isZeroFrom(end));
      if (isLast) return at;
      throw damaged(path, at);
    }
    const applied = apply(JSON.parse(payload.toString("utf8")));
    // Most need nothing waited for, and a turn for each would take longer than the rest.
    if (applied instanceof Promise) await applied;
    at = end;
  }
  return at;
}

function damaged(path: string, at: number): RecordLogError {
  return new RecordLogError(
    "damaged",
    `${path} is damaged at byte ${at}; restore it from a copy before starting again.`,
  );
}

/** Tries to take a lock, at most 10 ms apart; for the first half of them one without a name may be one that is just being written. */
const lockTries = 200;

/** One process writes a log. A lock whose process is gone is taken over. */
async function takeLock(path: string): Promise<string> {
  const own = await nameOfProcess(process.pid);
  for (let tries = 0; tries < lockTries; tries++) {
    if (await make(path, own)) return path;
    const holder = await readFile(path, "utf8").catch(() => undefined);
    if (holder === undefined) continue;
    if (holder === "" && tries < lockTries / 2) await wait(10);
    else if (await isHeld(holder)) {
      const message = `Process ${Number.parseInt(holder, 10)} has ${dirname(path)} open; stop it first.`;
      throw new RecordLogError("locked", message);
    } else await removeDead(path, holder, own, tries);
  }
  throw new RecordLogError("locked", `${path} cannot be taken.`);
}

/** Whether a file was made that was not there; it holds `text` a moment later. */
async function make(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes a dead process's lock, by one process at a time: whoever looked at it before another one took it must not remove
 * that one's.
 */
async function removeDead(path: string, holder: string, own: string, tries: number): Promise<void> {
  const guard = `${path}.taking`;
  if (await make(guard, own)) {
    try {
      if ((await readFile(path, "utf8").catch(() => undefined)) === holder) await rm(path, { force: true });
    } finally {
      await rm(guard, { force: true });
    }
    return;
  }
  const taker = await readFile(guard, "utf8").catch(() => undefined);
  // One that died in the middle of this.
  const isDead = taker === "" ? tries >= lockTries / 2 : taker !== undefined && !(await isHeld(taker));
  if (isDead) await rm(guard, { force: true });
  else await wait(10);
}

async function isHeld(holder: string): Promise<boolean> {
  return Number.parseInt(holder, 10) !== process.pid && isRunning(holder);
}
