import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { goingOn, type Clocks } from "./clocks.ts";

/**
 * The time that a home's coordinators were there for their clients. It begins with the wall clock at the first start, and goes on
 * only while a process runs, by a clock that is never set: what is kept for a day is there for a day, whatever the wall clock
 * says meanwhile and however long nobody was there.
 */
export class LivedClock {
  readonly #file: string;
  /** Unix milliseconds, whole, behind the wall clock by all absences. */
  readonly nowMs: () => number;
  #saving: Promise<void> = Promise.resolve();

  private constructor(file: string, nowMs: () => number) {
    this.#file = file;
    this.nowMs = nowMs;
  }

  static async open(file: string, clocks: Clocks): Promise<LivedClock> {
    const text = await readFile(file, "utf8").catch(() => "");
    const begin = /^\d{1,15}$/.test(text) ? { ...clocks, nowMs: () => Number(text) } : clocks;
    return new LivedClock(file, goingOn(begin));
  }

  /** Writes down how far it is, after what is being written: what a crash loses is lived once more. */
  save(): Promise<void> {
    return (this.#saving = this.#saving.catch(() => undefined).then(() => this.#write()));
  }

  async #write(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    const draft = `${this.#file}.tmp`;
    const handle = await open(draft, "w", 0o600);
    try {
      await handle.writeFile(String(this.nowMs()));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, this.#file);
  }
}
