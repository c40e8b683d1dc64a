import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Files that say which processes hold something: `KEY.PID` for any number of holders, `KEY.lock` for one. A process that ended
 * without taking its mark away holds nothing any more.
 */
export class Marks {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Marks this process as a holder. Returns what takes the mark away. */
  async hold(key: string): Promise<() => Promise<void>> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, `${key}.${process.pid}`);
    await writeFile(file, "");
    return () => rm(file, { force: true });
  }

  /** Processes that hold a key now. */
  async holders(key: string): Promise<number[]> {
    const files = await readdir(this.#folder).catch(() => []);
    const ids = files
      .filter((name) => name.startsWith(`${key}.`))
      .map((name) => Number(name.slice(key.length + 1)))
      .filter(Number.isSafeInteger);
    const [alive, dead] = [ids.filter(isAlive), ids.filter((id) => !isAlive(id))];
    await Promise.all(dead.map((id) => rm(join(this.#folder, `${key}.${id}`), { force: true })));
    return alive;
  }

  /** Takes a key for this process alone, or returns the process that has it. */
  async lock(key: string): Promise<(() => Promise<void>) | number> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, `${key}.lock`);
    for (let tries = 0; ; tries += 1) {
      try {
        await writeFile(file, `${process.pid}`, { flag: "wx" });
        return () => rm(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const owner = Number(await readFile(file, "utf8").catch(() => "0"));
        if (tries > 0 || isAlive(owner)) return owner;
        await rm(file, { force: true });
      }
    }
  }
}

function isAlive(id: number): boolean {
  if (id <= 0) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
