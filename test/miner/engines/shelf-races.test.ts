import { describe, expect, it } from "vitest";
import { Shelf, type Engine } from "../../../miner/src/engines/index.ts";
import { until } from "../../helpers/books.ts";
import { word } from "../../coordinator/fixture.ts";
import { hanging, letters, scriptedEngine, type Script } from "../daemon/scripted-engine.ts";
import { ask, run } from "./engine-helper.ts";

/** Models on a shelf whose processes end only when a test lets them. */
class Bench {
  readonly shelf: Shelf;
  /** Models whose processes were told to end, in order. */
  readonly ending: string[] = [];
  readonly loads = new Map<string, number>();
  readonly #mayEnd = Promise.withResolvers<undefined>();

  constructor(budgetBytes: number) {
    this.shelf = new Shelf({ budgetBytes, warn: () => undefined, onChange: () => undefined });
  }

  letEnd(): void {
    this.#mayEnd.resolve(undefined);
  }

  async add(name: string, script: Script, bytes: number): Promise<Engine> {
    const open = async (): Promise<Engine> => {
      this.loads.set(name, (this.loads.get(name) ?? 0) + 1);
      const close = async (): Promise<void> => {
        this.ending.push(name);
        await this.#mayEnd.promise;
      };
      return { ...scriptedEngine(script, { modelDigest: word(name), modelName: name }), close };
    };
    return this.shelf.add(await open(), { bytes, loadMs: 0, open });
  }
}

describe("while one model leaves for a job", () => {
  it("another that was to leave behind it stays when a job comes for it", async () => {
    const bench = new Bench(2);
    const started = Promise.withResolvers<undefined>();
    await bench.add("a", letters(3), 1);
    const b = await bench.add(
      "b",
      hanging(() => started.resolve(undefined)),
      1,
    );
    const large = bench.shelf.takeIn({ name: "c", bytes: 2 }, () => Promise.reject(new Error("there is no room")));
    await until("a is told to end", async () => bench.ending.includes("a"));
    const stop = new AbortController();
    const working = run(b, ask("Hi"), stop.signal);
    await started.promise;
    bench.letEnd();
    await expect(large).rejects.toMatchObject({ code: "out-of-memory" });
    expect(bench.ending).toEqual(["a"]);
    stop.abort();
    await expect(working).rejects.toMatchObject({ code: "aborted" });
    expect(bench.loads.get("b")).toBe(1);
  });

  it("a job that comes for the one that leaves gets it loaded again, and not what is about to end", async () => {
    const bench = new Bench(1);
    const a = await bench.add("a", letters(3), 1);
    const leaving = bench.shelf.relieve();
    await until("it is told to end", async () => bench.ending.includes("a"));
    const answer = run(a, ask("Hi"));
    bench.letEnd();
    expect(await leaving).toBe(true);
    expect((await answer).text).toBe("xxx");
    expect([bench.loads.get("a"), a.isLoaded]).toEqual([2, true]);
  });
});
