import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What the store knows about one file. */
export interface Entry {
  /** In hex; the file's name in the store. */
  sha256: string;
  sizeBytes: number;
  /** What people call it. */
  names: string[];
  /** Where it came from. */
  source: string;
  /** The model's own name, and its architecture. */
  title: string;
  architecture: string;
  addedAtMs: number;
  lastUsedAtMs: number;
  /** The file's state when its digest was last computed; a file in another state is read again before it is used. */
  checked: { sizeBytes: number; mtimeMs: number };
  /** Encrypted for the store's key. */
  isSealed?: boolean;
  /** It came by itself because clients asked for it, and may go by itself. */
  isGuest?: boolean;
}

/** One small file for each entry, written whole or not at all: several processes may use the store. */
export class Entries {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All entries; a damaged one is left out, as if its model had never been added. */
  async all(): Promise<Entry[]> {
    const files = await readdir(this.#folder).catch(() => []);
    const names = files.filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
    const entries = await Promise.all(names.map((name) => this.#read(join(this.#folder, name))));
    return entries.filter((entry) => entry !== undefined);
  }

  get(sha256: string): Promise<Entry | undefined> {
    return this.#read(this.#file(sha256));
  }

  async put(entry: Entry): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#file(entry.sha256);
    const fresh = `${file}.${randomBytes(4).toString("hex")}`;
    await writeFile(fresh, `${JSON.stringify(entry, undefined, 2)}\n`, { mode: 0o600 });
    await rename(fresh, file);
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.#file(sha256), { force: true });
  }

  #file(sha256: string): string {
    return join(this.#folder, `${sha256}.json`);
  }

  async #read(file: string): Promise<Entry | undefined> {
    try {
      const entry = JSON.parse(await readFile(file, "utf8")) as Entry;
      return isEntry(entry) ? entry : undefined;
    } catch {
      return undefined;
    }
  }
}

function isEntry(entry: Partial<Entry>): boolean {
  const { sha256, sizeBytes, names, lastUsedAtMs, checked } = entry;
  const numbers = [sizeBytes, lastUsedAtMs, checked?.sizeBytes, checked?.mtimeMs];
  return (
    typeof sha256 === "string" &&
    Array.isArray(names) &&
    names.every((name) => typeof name === "string") &&
    numbers.every((value) => typeof value === "number")
  );
}
