/** Results of a long bench as they come, so that one that was stopped goes on where it was. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { keccak } from "@lode/sdk/hash";
import { root } from "../../root.ts";

const folder = join(root, ".cache", "bench-verify", "kept");

/** The time that one run was given is over; what it found is kept. */
export class OutOfTimeError extends Error {
  override readonly name = "OutOfTimeError";
}

/** Ends runs at their time, between two results. */
export interface Limit {
  /** Throws OutOfTimeError. */
  check(): void;
}

export function limitOf(minutes: number): Limit {
  const end = performance.now() + 60_000 * minutes;
  return {
    check() {
      if (performance.now() >= end) throw new OutOfTimeError(`${minutes} minutes are over`);
    },
  };
}

/** Forgets everything: the next run measures anew. */
export function forgetKept(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** One list of results, a line of JSON each. `of` names all that they depend on; another value is another list. */
export class Kept<T> {
  readonly results: T[] = [];
  readonly #file: string;

  constructor(name: string, of: unknown) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, `${name}-${keccak(Buffer.from(JSON.stringify(of))).slice(2, 18)}.jsonl`);
    if (!existsSync(this.#file)) return;
    const text = readFileSync(this.#file, "utf8");
    // A line without its end was being written when the run was stopped.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) truncateSync(this.#file, Buffer.byteLength(whole));
    for (const line of whole.split("\n")) if (line !== "") this.results.push(JSON.parse(line) as T);
  }

  add(result: T): void {
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`);
    this.results.push(result);
  }
}

/** One result that takes long: the kept one, or made now. */
export async function keptOnce<T>(name: string, of: unknown, make: () => Promise<T>): Promise<T> {
  const kept = new Kept<T>(name, of);
  const [found] = kept.results;
  if (found !== undefined) return found;
  const made = await make();
  kept.add(made);
  return made;
}
