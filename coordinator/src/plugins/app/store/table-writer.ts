import type { Database } from "./database.ts";
import { Projection, type PlacedFact } from "./projector.ts";
import { oneStatement } from "./tables.ts";

/** How far the tables may lag behind the facts: what is written together costs little more than one row, milliseconds. */
const lagMs = 100;
/** Facts in one statement at most: the embedded database holds up everything else of this process while it runs one. */
const mostAtOnce = 500;

/**
 * Writes what facts change in the tables that people query, a little later than the facts: they lose nothing when the process
 * dies before, because the next start goes on where the cursor stands.
 */
export class TableWriter {
  readonly #database: Database;
  readonly #facts: "none" | "entries";
  readonly #onFailure: (error: unknown) => void;
  readonly #waiting: PlacedFact[] = [];
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param facts which facts are written too: those that log entries are made of, or none where they are there already
   * @param onFailure called when something cannot be written: then nothing is any more
   */
  constructor(database: Database, facts: "none" | "entries", onFailure: (error: unknown) => void) {
    this.#database = database;
    this.#facts = facts;
    this.#onFailure = onFailure;
  }

  /** Takes facts that are durable, in their order. */
  add(facts: readonly PlacedFact[]): void {
    for (const placed of facts) this.#waiting.push(placed);
    if (this.#waiting.length >= mostAtOnce) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), lagMs).unref();
  }

  /** Resolves when everything handed over so far is in the tables. */
  settle(): Promise<void> {
    if (this.#waiting.length > 0) this.#flush();
    return this.#running;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#running.then(async () => {
      while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, mostAtOnce));
    });
    this.#running.catch(this.#onFailure);
  }

  async #commit(group: readonly PlacedFact[]): Promise<void> {
    const last = group.at(-1);
    if (last === undefined) return;
    const projection = new Projection();
    for (const placed of group) projection.add(placed);
    const writes = projection.writes();
    if (this.#facts === "entries") writes.set("facts", group.flatMap(entryRows));
    // What leaves no row is placed anew at the next start, and leaves none again.
    if ([...writes.values()].every((rows) => rows.length === 0)) return;
    writes.set("cursor", [{ seq: Number(last.seq) }]);
    const { sql, args } = oneStatement(writes);
    await this.#database.follow(sql, args);
  }
}

/** The two facts of a log entry come together, when it is one. */
function entryRows({ seq, fact, closing }: PlacedFact): object[] {
  if (closing?.settled === undefined) return [];
  const { assigned } = closing;
  return [
    { seq: Number(assigned.seq), body: assigned.fact },
    { seq: Number(seq), body: fact },
  ];
}
