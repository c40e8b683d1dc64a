import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRunning, nameOfProcess } from "@lode/sdk/record-log";

/** How often this process holds what a mark stands for: the last one takes it away. */
const held = new Map<string, number>();
/** The last change of each mark: a hold never comes between a release and what that takes away. */
const turns = new Map<string, Promise<unknown>>();

/**
 * Files that say which processes hold something: `KEY.PID` for any number of holders, `KEY.lock` for one. A process that ended
 * without taking its mark away holds nothing any more.
 */
export class Marks {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Marks this process as a holder, as often as it is called. Returns what takes that back. */
  async hold(key: string): Promise<() => Promise<void>> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, `${key}.${process.pid}`);
    await inTurn(file, async () => {
      await writeFile(file, await nameOfProcess(process.pid));
      held.set(file, (held.get(file) ?? 0) + 1);
    });
    let isReleased = false;
    return async () => {
      if (isReleased) return;
      isReleased = true;
      await inTurn(file, async () => {
        const left = (held.get(file) ?? 1) - 1;
        held.set(file, left);
        if (left > 0) return;
        held.delete(file);
        await rm(file, { force: true });
      });
    };
  }

  /** Processes that hold a key now. */
  async holders(key: string): Promise<number[]> {
    const files = await readdir(this.#folder).catch(() => []);
    const marks = files.filter((name) => name.startsWith(`${key}.`) && /^[0-9]+$/.test(name.slice(key.length + 1)));
    const found = await Promise.all(
      marks.map(async (name) => {
        const file = join(this.#folder, name);
        const id = name.slice(key.length + 1);
        const written = (await readFile(file, "utf8").catch(() => "")).trim();
        if (await isRunning(written === "" ? id : written)) return Number(id);
        await rm(file, { force: true });
        return [];
      }),
    );
    return found.flat();
  }

  /** Takes a key for this process alone, or returns the process that has it. */
  async lock(key: string): Promise<(() => Promise<void>) | number> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, `${key}.lock`);
    for (let tries = 0; ; tries += 1) {
      try {
        await writeFile(file, await nameOfProcess(process.pid), { flag: "wx" });
        return () => rm(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const owner = await readFile(file, "utf8").catch(() => "0");
        if (tries > 0 || (await isRunning(owner))) return Number.parseInt(owner, 10);
        await rm(file, { force: true });
      }
    }
  }
}

/** Does it after what was begun for this file before, however that ended. */
async function inTurn(file: string, work: () => Promise<void>): Promise<void> {
  const done = (turns.get(file) ?? Promise.resolve()).then(work);
  const turn = done.catch(() => undefined);
  turns.set(file, turn);
  try {
    await done;
  } finally {
    if (turns.get(file) === turn) turns.delete(file);
  }
}
