import { afterEach, describe, expect, it } from "vitest";
import { EngineError, openEngine, Shelf, type Engine, type ShelfOptions } from "../../../miner/src/engines/index.ts";
import { until } from "../../helpers/books.ts";
import { word } from "../../coordinator/fixture.ts";
import { hanging, letters, scriptedEngine, type Script } from "../daemon/scripted-engine.ts";
import { ask, models, run } from "./engine-helper.ts";

/** Models of size 1 on a shelf, and how often each was loaded. */
class Bench {
  readonly said: string[] = [];
  readonly changes: string[] = [];
  readonly loads = new Map<string, number>();
  readonly shelf: Shelf;
  /** Each load takes a quarter of a second of it. */
  clockMs = 0;
  /** Who had room each time that this changed. */
  readonly rooms: (boolean | undefined)[][] = [];
  readonly engines: Engine[] = [];
  readonly #deaths = new Map<string, () => void>();
  /** Loading waits for it. */
  gate: Promise<unknown> = Promise.resolve();
  /** Loading fails with it. */
  failure: EngineError | undefined;

  constructor(budgetBytes: number, change: Partial<ShelfOptions> = {}) {
    this.shelf = new Shelf({
      ...{ budgetBytes, warn: (sentence) => this.said.push(sentence), now: () => this.clockMs, ...change },
      onRoom: () => this.rooms.push(this.engines.map(({ hasRoom }) => hasRoom)),
      onChange: (digest, isLoaded) => this.changes.push(`${isLoaded ? "+" : "-"}${this.#nameOf(digest)}`),
    });
  }

  async add(name: string, script: Script = letters(3), cardBytes = 0): Promise<Engine> {
    const engine = await this.shelf.add(await this.#open(name, script), {
      ...{ bytes: 1, cardBytes, loadMs: 40 },
      open: async () => {
        await this.gate;
        this.clockMs += 250;
        if (this.failure !== undefined) throw this.failure;
        return this.#open(name, script);
      },
    });
    this.engines.push(engine);
    return engine;
  }

  die(name: string): void {
    this.#deaths.get(name)?.();
  }

  async #open(name: string, script: Script): Promise<Engine> {
    this.loads.set(name, (this.loads.get(name) ?? 0) + 1);
    const { promise: stopped, resolve } = Promise.withResolvers<EngineError | undefined>();
    this.#deaths.set(name, () => resolve(new EngineError("engine-crashed", "Killed.")));
    const base = scriptedEngine(script, { modelDigest: word(name), modelName: name });
    return { ...base, stopped, close: async () => resolve(undefined) };
  }

  #nameOf(digest: string): string {
    return [...this.loads.keys()].find((name) => word(name) === digest) ?? digest;
  }
}

const loadedOf = (...engines: Engine[]): unknown[] => engines.map(({ isLoaded }) => isLoaded);

describe("a shelf of models", () => {
  it("loads what a job needs, and lets go of what was used the longest ago", async () => {
    const bench = new Bench(2);
    const [a, b] = [await bench.add("a"), await bench.add("b")];
    await bench.shelf.clear();
    const c = await bench.add("c");
    expect(loadedOf(a, b, c)).toEqual([false, false, true]);
    for (const engine of [a, c, b]) expect((await run(engine, ask("Hi"))).text).toBe("xxx");
    expect(loadedOf(a, b, c)).toEqual([false, true, true]);
    expect(bench.changes).toEqual(["-a", "-b", "+a", "-a", "+b"]);
    await run(b, ask("Hi"));
    expect(bench.loads.get("b")).toBe(2);
    // What opening it took, until it was loaded again.
    expect([a, b, c].map(({ loadMs }) => loadMs)).toEqual([250, 250, 40]);
    await bench.shelf.close();
    expect(await bench.shelf.stopped).toBeUndefined();
  });

  it("counts a card's memory beside the machine's: where that is short, only those on the card leave", async () => {
    const bench = new Bench(4, { cardBytes: 10 });
    const [a, b] = [await bench.add("a", undefined, 6), await bench.add("b")];
    await bench.shelf.clear();
    const c = await bench.add("c", undefined, 6);
    await run(b, ask("Hi"));
    // There is room for all three in memory, and for one of two on the card.
    expect(loadedOf(a, b, c)).toEqual([false, true, true]);
    expect([a, b, c].map(({ hasRoom }) => hasRoom)).toEqual([true, true, true]);
    await run(a, ask("Hi"));
    expect(loadedOf(a, b, c)).toEqual([true, true, false]);
    // What is wanted waits for the card's memory as for the machine's.
    await bench.shelf.prefer([word("c")]);
    expect(loadedOf(a, b, c)).toEqual([true, true, false]);
    // Somebody else takes the card: b is used the longest ago, and not on it.
    expect(await bench.shelf.relieve("card")).toBe(true);
    expect(loadedOf(a, b, c)).toEqual([false, true, false]);
    expect(await bench.shelf.relieve("card")).toBe(false);
    expect(await bench.shelf.relieve()).toBe(true);
    expect(loadedOf(a, b, c)).toEqual([false, false, false]);
  });

  it("has room for a model that needs no card where the card holds more than it should", async () => {
    const bench = new Bench(4, { cardBytes: 10 });
    const started = Promise.withResolvers<undefined>();
    const a = await bench.add(
      "a",
      hanging(() => started.resolve(undefined)),
      12,
    );
    const stop = new AbortController();
    const working = run(a, ask("Hi"), stop.signal).catch((error: unknown) => error);
    await started.promise;
    const b = await bench.add("b");
    expect(b.hasRoom).toBe(true);
    expect((await run(b, ask("Hi"))).text).toBe("xxx");
    stop.abort();
    await working;
  });

  it("takes no card from a model that works", async () => {
    const bench = new Bench(4, { cardBytes: 10 });
    const started = Promise.withResolvers<undefined>();
    const a = await bench.add(
      "a",
      hanging(() => started.resolve(undefined)),
      6,
    );
    await bench.shelf.clear();
    const b = await bench.add("b", undefined, 6);
    const stop = new AbortController();
    const working = run(a, ask("Hi"), stop.signal).catch((error: unknown) => error);
    await started.promise;
    expect(b.hasRoom).toBe(false);
    await expect(run(b, ask("Hi"))).rejects.toMatchObject({ code: "out-of-memory" });
    expect(await bench.shelf.relieve("card")).toBe(false);
    stop.abort();
    await working;
    expect((await run(b, ask("Hi"))).text).toBe("xxx");
  });

  it("lets go of what is wanted last, however long ago it was used", async () => {
    const bench = new Bench(2);
    const [a, b] = [await bench.add("a"), await bench.add("b")];
    await bench.shelf.clear();
    const c = await bench.add("c");
    await run(a, ask("Hi"));
    await run(c, ask("Hi"));
    await bench.shelf.prefer([word("a")]);
    await run(b, ask("Hi"));
    expect(loadedOf(a, b, c)).toEqual([true, true, false]);
  });

  it("loads what is wanted by itself, while nothing has to leave for it", async () => {
    const bench = new Bench(2);
    const a = await bench.add("a");
    await bench.shelf.clear();
    const b = await bench.add("b");
    await bench.shelf.clear();
    const c = await bench.add("c");
    await bench.shelf.prefer([word("nobody's"), word("b"), word("a")]);
    expect(loadedOf(a, b, c)).toEqual([false, true, true]);
  });

  it("never takes memory from a model that works, and says that there is no room", async () => {
    const bench = new Bench(1);
    const a = await bench.add("a");
    await bench.shelf.clear();
    const [started, stop] = [Promise.withResolvers<undefined>(), new AbortController()];
    const b = await bench.add(
      "b",
      hanging(() => started.resolve(undefined)),
    );
    const working = run(b, ask("Hi"), stop.signal);
    await started.promise;
    expect([a.hasRoom, b.hasRoom]).toEqual([false, true]);
    await expect(run(a, ask("Hi"))).rejects.toMatchObject({
      code: "out-of-memory",
      message: "The models that work leave no room for a.",
    });
    stop.abort();
    await expect(working).rejects.toMatchObject({ code: "aborted" });
    expect(a.hasRoom).toBe(true);
    // Each change was told: it decides where jobs go.
    expect(bench.rooms.slice(-2)).toEqual([
      [false, true],
      [true, true],
    ]);
    expect((await run(a, ask("Hi"))).text).toBe("xxx");
    expect(loadedOf(a, b)).toEqual([true, false]);
  });

  it("loads once for jobs that come together, one model at a time", async () => {
    const bench = new Bench(3);
    const engines = [await bench.add("a"), await bench.add("b")];
    await bench.shelf.clear();
    const answers = await Promise.all([...engines, ...engines].map((engine) => run(engine, ask("Hi"))));
    expect(answers.map(({ text }) => text)).toEqual(["xxx", "xxx", "xxx", "xxx"]);
    expect([...bench.loads.values()]).toEqual([2, 2]);
  });

  it("answers an abort while the model is loaded, and keeps it for the next job", async () => {
    const bench = new Bench(1);
    const a = await bench.add("a");
    await bench.shelf.clear();
    const [gate, stop] = [Promise.withResolvers<undefined>(), new AbortController()];
    bench.gate = gate.promise;
    const waiting = run(a, ask("Hi"), stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    gate.resolve(undefined);
    await until("it is loaded", async () => a.isLoaded === true);
    expect((await run(a, ask("Hi"))).text).toBe("xxx");
    expect(bench.loads.get("a")).toBe(2);
    await bench.add("b").then((b) => run(b, ask("Hi")));
  });

  it("loads a lost model again for its next job, and gives up after the fourth time", async () => {
    const bench = new Bench(1);
    const a = await bench.add("a");
    for (let lost = 1; lost <= 3; lost += 1) {
      bench.die("a");
      await until("it is lost", async () => bench.said.length === lost);
      expect(a.isLoaded).toBe(false);
      expect((await run(a, ask("Hi"))).text).toBe("xxx");
    }
    expect(bench.said[0]).toBe("a was lost and is loaded again for its next job: Killed.");
    bench.die("a");
    expect(await bench.shelf.stopped).toMatchObject({ code: "engine-crashed" });
  });

  it("hands a failed load to the job, and tries again for the next", async () => {
    const bench = new Bench(1);
    const a = await bench.add("a");
    await bench.shelf.clear();
    bench.failure = new EngineError("out-of-memory", "No room.");
    await expect(run(a, ask("Hi"))).rejects.toBe(bench.failure);
    bench.failure = undefined;
    expect((await run(a, ask("Hi"))).text).toBe("xxx");
  });

  it("gives memory back where the machine is short of it: first what nobody asks for, never what works", async () => {
    const bench = new Bench(3);
    const [started, stop] = [Promise.withResolvers<undefined>(), new AbortController()];
    const a = await bench.add(
      "a",
      hanging(() => started.resolve(undefined)),
    );
    const [b, c] = [await bench.add("b"), await bench.add("c")];
    const working = run(a, ask("Hi"), stop.signal);
    await started.promise;
    await bench.shelf.prefer([word("b")]);
    expect(await bench.shelf.relieve()).toBe(true);
    expect(loadedOf(a, b, c)).toEqual([true, true, false]);
    expect(await bench.shelf.relieve()).toBe(true);
    expect(await bench.shelf.relieve()).toBe(false);
    expect(loadedOf(a, b, c)).toEqual([true, false, false]);
    expect(bench.changes).toEqual(["-c", "-b"]);
    stop.abort();
    await expect(working).rejects.toMatchObject({ code: "aborted" });
    // The next job brings it back.
    expect((await run(b, ask("Hi"))).text).toBe("xxx");
  });

  it("takes another in while the others serve, with room made as for a job, and not where they work", async () => {
    const bench = new Bench(1);
    const [started, stop] = [Promise.withResolvers<undefined>(), new AbortController()];
    const a = await bench.add(
      "a",
      hanging(() => started.resolve(undefined)),
    );
    const takeIn = (name: string): Promise<Engine> =>
      bench.shelf.takeIn({ name, bytes: 1 }, async () => {
        const engine = scriptedEngine(letters(2), { modelDigest: word(name), modelName: name });
        return { engine, shelving: { bytes: 1, loadMs: 9, open: async () => engine } };
      });
    const working = run(a, ask("Hi"), stop.signal);
    await started.promise;
    await expect(takeIn("b")).rejects.toThrow("The models that work leave no room for b.");
    stop.abort();
    await expect(working).rejects.toMatchObject({ code: "aborted" });
    const b = await takeIn("b");
    expect(loadedOf(a, b)).toEqual([false, true]);
    expect((await run(b, ask("Hi"))).text).toBe("xx");
    await bench.shelf.close();
    await expect(takeIn("c")).rejects.toMatchObject({ code: "engine-closed" });
  });

  it("makes room for another on the card, as in memory, and nobody leaves where that would not do", async () => {
    const bench = new Bench(4, { cardBytes: 10 });
    const started = Promise.withResolvers<undefined>();
    const a = await bench.add(
      "a",
      hanging(() => started.resolve(undefined)),
      6,
    );
    const [b, c] = [await bench.add("b", undefined, 3), await bench.add("c")];
    const takeIn = (name: string, cardBytes: number): Promise<Engine> =>
      bench.shelf.takeIn({ name, bytes: 1, cardBytes }, async () => {
        const engine = scriptedEngine(letters(2), { modelDigest: word(name), modelName: name });
        return { engine, shelving: { bytes: 1, cardBytes, loadMs: 9, open: async () => engine } };
      });
    const stop = new AbortController();
    const working = run(a, ask("Hi"), stop.signal).catch((error: unknown) => error);
    await started.promise;
    expect([4, 5].map((cardBytes) => bench.shelf.couldHold({ bytes: 1, cardBytes }))).toEqual([true, false]);
    await expect(takeIn("d", 5)).rejects.toMatchObject({ code: "out-of-memory" });
    expect(loadedOf(a, b, c)).toEqual([true, true, true]);
    const d = await takeIn("d", 4);
    expect(loadedOf(a, b, c, d)).toEqual([true, false, true, true]);
    stop.abort();
    await working;
    await takeIn("e", 10);
    expect(loadedOf(a, b, c, d)).toEqual([false, false, true, false]);
  });

  it("counts what somebody else has of the card, until that is gone", async () => {
    const bench = new Bench(4, { cardBytes: 10 });
    const [a, b] = [await bench.add("a", undefined, 4), await bench.add("b", undefined, 4)];
    // Both are there, and 2 are free, as planned.
    bench.shelf.seeCard(2);
    expect(bench.shelf.cardBytes).toBe(10);
    // A game takes what is free; what is loaded stays, and only one of the two would be loaded again.
    bench.shelf.seeCard(-3);
    expect(bench.shelf.cardBytes).toBe(5);
    await bench.shelf.clear();
    await run(a, ask("Hi"));
    expect(loadedOf(a, b)).toEqual([true, false]);
    await run(b, ask("Hi"));
    expect(loadedOf(a, b)).toEqual([false, true]);
    bench.shelf.seeCard(6);
    await run(a, ask("Hi"));
    expect(loadedOf(a, b)).toEqual([true, true]);
    // A look while a model comes says nothing.
    const gate = Promise.withResolvers<undefined>();
    await bench.shelf.clear();
    bench.gate = gate.promise;
    const coming = run(a, ask("Hi"));
    await until("it comes", async () => bench.shelf.isMoving);
    bench.shelf.seeCard(0);
    gate.resolve(undefined);
    await coming;
    expect(bench.shelf.cardBytes).toBe(10);
  });

  it("takes what its own models' drivers have of the card for nobody else's", async () => {
    const bench = new Bench(4, { cardBytes: 10, driverBytes: 2 });
    const b = await bench.add("b", undefined, 10);
    await bench.shelf.clear();
    const a = await bench.add("a", undefined, 6);
    // Of 10 it has 6, and its driver 1.
    bench.shelf.seeCard(3);
    expect(bench.shelf.cardBytes).toBe(10);
    expect((await run(b, ask("Hi"))).text).toBe("xxx");
    expect(loadedOf(a, b)).toEqual([false, true]);
    // What is more than that is somebody's.
    bench.shelf.seeCard(-4);
    expect(bench.shelf.cardBytes).toBe(8);
  });

  it("has no room for a loaded model whose processes are all being opened again", async () => {
    const bench = new Bench(1);
    let hasRoom = true;
    const engine = scriptedEngine(letters(3), { modelDigest: word("a"), modelName: "a" });
    const pool = Object.defineProperties(
      { ...engine },
      { hasRoom: { get: () => hasRoom }, isLoaded: { get: () => hasRoom } },
    );
    const a = await bench.shelf.add(pool, { bytes: 1, loadMs: 1, open: async () => pool });
    expect(a.hasRoom).toBe(true);
    hasRoom = false;
    expect([a.hasRoom, a.isLoaded]).toEqual([false, false]);
  });

  it("forgets what it lost an hour ago", async () => {
    const bench = new Bench(1);
    const a = await bench.add("a");
    for (let lost = 1; lost <= 8; lost += 1) {
      bench.die("a");
      await until("it is lost", async () => bench.said.length === lost);
      expect((await run(a, ask("Hi"))).text).toBe("xxx");
      bench.clockMs += 1_200_001;
    }
    expect(bench.changes.slice(0, 3)).toEqual(["-a", "+a", "-a"]);
    await bench.shelf.close();
    expect(await bench.shelf.stopped).toBeUndefined();
  });

  it("takes no model twice", async () => {
    const bench = new Bench(2);
    await bench.add("a");
    await expect(bench.add("a")).rejects.toMatchObject({ message: "The model a is named twice." });
  });
});

describe("a shelf of real models", () => {
  const opened: Shelf[] = [];
  afterEach(async () => {
    for (const shelf of opened.splice(0)) await shelf.close();
  });

  it("answers as each model alone, with room for one", async () => {
    const shelf = new Shelf({ budgetBytes: 1, warn: () => undefined, onChange: () => undefined });
    opened.push(shelf);
    const engines: Engine[] = [];
    const alone: number[][] = [];
    for (const modelPath of [models.demo, models.pieces]) {
      await shelf.clear();
      const open = (): Promise<Engine> => openEngine({ modelPath });
      const engine = await open();
      alone.push((await run(engine, ask("Hi", { maxTokens: 12 }))).ids);
      engines.push(await shelf.add(engine, { bytes: 1, loadMs: 1, open }));
    }
    for (const round of [0, 1]) {
      const answer = await run(engines[round]!, ask("Hi", { maxTokens: 12 }));
      expect(answer.ids).toEqual(alone[round]);
      expect(loadedOf(...engines)).toEqual([round === 0, round === 1]);
    }
  });
});
