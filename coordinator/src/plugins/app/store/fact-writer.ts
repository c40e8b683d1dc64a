import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "./database.ts";
import type { PlacedFact } from "./projector.ts";
import { factsSql, jsonOf } from "./tables.ts";

/** A commit of so many facts shows that much goes on: the next one waits a little, because each costs the same for all in it. */
const busyFacts = 8;
const gatherMs = 3;

/**
 * Makes facts durable in PostgreSQL, in groups: one commit takes all that came while the last one ran, and where much comes it
 * gathers for a few milliseconds.
 */
export class FactWriter {
  readonly #database: Database;
  readonly #onStored: (facts: readonly PlacedFact[]) => void;
  #waiting: PlacedFact[] = [];
  #running: Promise<void> = Promise.resolve();
  /** The commit that takes what waits; undefined when nothing waits. */
  #next: Promise<void> | undefined;
  #lastCount = 0;

  /** @param onStored called with what was committed, in order, before anybody is told */
  constructor(database: Database, onStored: (facts: readonly PlacedFact[]) => void) {
    this.#database = database;
    this.#onStored = onStored;
  }

  /** Resolves when everything handed over so far is committed. After a failure nothing is written any more. */
  write(facts: readonly PlacedFact[]): Promise<void> {
    for (const placed of facts) this.#waiting.push(placed);
    this.#next ??= this.#running.then(async () => {
      if (this.#lastCount >= busyFacts) await wait(gatherMs);
      this.#next = undefined;
      return (this.#running = this.#commit());
    });
    return this.#next;
  }

  /** Resolves when everything handed over so far is committed. */
  settle(): Promise<void> {
    return this.#next ?? this.#running;
  }

  async #commit(): Promise<void> {
    const group = this.#waiting;
    this.#waiting = [];
    this.#lastCount = group.length;
    const [first] = group;
    if (first === undefined) return;
    await this.#database.execute(factsSql, [`${first.seq}`, jsonOf(group.map(({ fact }) => fact))]);
    this.#onStored(group);
  }
}
