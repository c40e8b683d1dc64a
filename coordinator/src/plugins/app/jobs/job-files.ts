import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { JobContent, JobRecord } from "./record.ts";

const ivBytes = 12;
const tagBytes = 16;
const name = /^job_[0-9a-f]{24}$/;

/**
 * A file for each job, sealed with a key of this home: a job must go on after a restart, without its client's key. What
 * is written is on the disk when it resolves; writes to one job are in order.
 */
export class JobFiles {
  readonly #folder: string;
  readonly #key: Buffer;
  readonly #last = new Map<string, Promise<void>>();

  constructor(folder: string, key: Buffer) {
    this.#folder = folder;
    this.#key = key;
  }

  /** Every job that can be read; a damaged file is left where it is. */
  async list(warn: (message: string) => void): Promise<JobRecord[]> {
    const records: JobRecord[] = [];
    for (const file of await readdir(this.#folder).catch(() => [])) {
      if (file.endsWith(".tmp")) await rm(join(this.#folder, file), { force: true });
      if (!name.test(file)) continue;
      try {
        records.push((await this.#open(file)).record);
      } catch {
        warn(`the job file ${file} cannot be read`);
      }
    }
    return records.sort((a, b) => a.createdMs - b.createdMs);
  }

  /**
   * Nothing when the file is gone.
   * @param admit is told the file's size before it is opened, and may throw
   */
  async content(id: string, admit?: (bytes: number) => void): Promise<JobContent> {
    await this.#last.get(id);
    try {
      if (admit !== undefined) admit((await stat(join(this.#folder, id))).size);
      return (await this.#open(id)).content;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
      throw error;
    }
  }

  save(record: JobRecord, content: JobContent): Promise<void> {
    return this.#inOrder(record.id, () => this.#write(record, content));
  }

  remove(id: string): Promise<void> {
    return this.#inOrder(id, () => rm(join(this.#folder, id), { force: true }));
  }

  #inOrder(id: string, task: () => Promise<void>): Promise<void> {
    const done = (this.#last.get(id) ?? Promise.resolve()).catch(() => undefined).then(task);
    this.#last.set(id, done);
    const forget = (): void => {
      if (this.#last.get(id) === done) this.#last.delete(id);
    };
    done.then(forget, forget);
    return done;
  }

  async #open(id: string): Promise<{ record: JobRecord; content: JobContent }> {
    const bytes = await readFile(join(this.#folder, id));
    const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, ivBytes)).setAAD(Buffer.from(id));
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    const text = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
    return JSON.parse(text.toString("utf8")) as { record: JobRecord; content: JobContent };
  }

  async #write(record: JobRecord, content: JobContent): Promise<void> {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv).setAAD(Buffer.from(record.id));
    const body = Buffer.concat([cipher.update(JSON.stringify({ record, content }), "utf8"), cipher.final()]);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(this.#folder, record.id);
    const temporary = `${path}.tmp`;
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(Buffer.concat([iv, cipher.getAuthTag(), body]));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    const folder = await open(this.#folder);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
