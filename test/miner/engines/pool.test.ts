import { describe, expect, it } from "vitest";
import { EngineError, openPool, type Engine, type EngineErrorCode } from "../../../miner/src/engines/index.ts";
import { until } from "../../helpers/books.ts";
import { hanging, letters, scriptedEngine, type Script } from "../daemon/scripted-engine.ts";
import { ask, run } from "./engine-helper.ts";

interface Worker {
  readonly engine: Engine;
  readonly die: () => void;
  started: number;
  isClosed: boolean;
}

/** Workers that a test can kill. */
function workers(
  script: Script,
  fails: (number: number) => boolean = () => false,
  code: EngineErrorCode = "out-of-memory",
) {
  const all: Worker[] = [];
  let opened = 0;
  const open = async (): Promise<Engine> => {
    opened += 1;
    if (fails(opened)) throw new EngineError(code, "It cannot be.");
    const { promise: stopped, resolve } = Promise.withResolvers<EngineError | undefined>();
    const base = scriptedEngine(
      (request, signal) => {
        worker.started += 1;
        return script(request, signal);
      },
      { sequences: 2 },
    );
    const close = async (): Promise<void> => {
      worker.isClosed = true;
      resolve(undefined);
    };
    const die = (): void => resolve(new EngineError("engine-crashed", "Killed."));
    const worker: Worker = { engine: { ...base, stopped, close }, die, started: 0, isClosed: false };
    all.push(worker);
    return worker.engine;
  };
  return { all, open };
}

describe("a pool of workers", () => {
  it("gives each job to the worker with the fewest, and has all slots", async () => {
    const { all, open } = workers(hanging(() => undefined));
    const pool = await openPool({ workers: 3, open, warn: () => undefined });
    expect(pool.info.sequences).toBe(6);
    const stop = new AbortController();
    const jobs = Array.from({ length: 6 }, () => run(pool, ask("Hi"), stop.signal));
    await until("all run", async () => all.every(({ started }) => started === 2));
    stop.abort();
    const ends = await Promise.allSettled(jobs);
    expect(ends.every(({ status }) => status === "rejected")).toBe(true);
    await pool.close();
    expect(all.every(({ isClosed }) => isClosed)).toBe(true);
    expect(await pool.stopped).toBeUndefined();
  });

  it("goes on with the others where one dies, and opens it again", async () => {
    const { all, open } = workers(letters(3));
    const said: string[] = [];
    const pool = await openPool({ workers: 2, open, warn: (sentence) => said.push(sentence) });
    all[0]!.die();
    await until("another is open", async () => all.length === 3);
    expect((await run(pool, ask("Hi"))).text).toBe("xxx");
    expect(said).toEqual(["A worker was lost and is opened again: Killed."]);
    await pool.close();
  });

  it("has a job wait where the last one is opened again, also when that takes more than one try", async () => {
    const { all, open } = workers(letters(3), (number) => number === 2);
    const rooms: boolean[] = [];
    const onRoom = (): void => void rooms.push(pool.hasRoom === true && pool.isLoaded === true);
    const pool = await openPool({ workers: 1, open, onRoom, retryMs: 1, warn: () => undefined });
    expect([pool.hasRoom, pool.isLoaded]).toEqual([true, true]);
    all[0]!.die();
    await all[0]!.engine.stopped;
    // Meanwhile it takes no more.
    expect([pool.hasRoom, pool.isLoaded]).toEqual([false, false]);
    const gone = AbortSignal.abort();
    await expect(run(pool, ask("Hi"), gone)).rejects.toMatchObject({ code: "aborted" });
    expect((await run(pool, ask("Hi"))).text).toBe("xxx");
    expect(all).toHaveLength(2);
    expect(rooms).toEqual([false, true]);
    await pool.close();
    await expect(run(pool, ask("Hi"))).rejects.toMatchObject({ code: "engine-closed" });
  });

  it("loses one worker once, however many tries it takes until there is room for it", async () => {
    const { all, open } = workers(letters(3), (number) => number > 1 && number < 8);
    const pool = await openPool({ workers: 1, open, retryMs: 1, warn: () => undefined });
    all[0]!.die();
    for (const number of [1, 2]) {
      await until("it is open", async () => all.length === number + 1);
      all[number]!.die();
    }
    await until("it is open", async () => all.length === 4);
    expect((await run(pool, ask("Hi"))).text).toBe("xxx");
    await pool.close();
  });

  it("waits for no worker that is being opened when it is closed", async () => {
    const { all, open } = workers(letters(3));
    const opening = Promise.withResolvers<undefined>();
    const openOnce = async (signal: AbortSignal): Promise<Engine> => {
      if (all.length === 0) return open();
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(new EngineError("aborted", "Closed.")));
      opening.resolve(undefined);
      return promise;
    };
    const said: string[] = [];
    const pool = await openPool({ workers: 1, open: openOnce, warn: (sentence) => said.push(sentence) });
    all[0]!.die();
    await opening.promise;
    await pool.close();
    expect(await pool.stopped).toBeUndefined();
    expect(said).toEqual(["A worker was lost and is opened again: Killed."]);
  });

  it("forgets what it lost an hour ago", async () => {
    const { all, open } = workers(letters(3));
    let nowMs = 0;
    const pool = await openPool({ workers: 1, open, now: () => nowMs, warn: () => undefined });
    for (let number = 0; number < 8; number += 1) {
      await until("it is open", async () => all.length === number + 1);
      all[number]!.die();
      nowMs += 1_200_001;
    }
    await until("it is open", async () => all.length === 9);
    expect((await run(pool, ask("Hi"))).text).toBe("xxx");
    await pool.close();
  });

  it("does not wait for what no try will mend", async () => {
    let opened = 0;
    const { all, open } = workers(letters(3));
    const changed = async (): Promise<Engine> => {
      if ((opened += 1) > 1) throw new EngineError("model-corrupt", "The file changed.");
      return open();
    };
    const pool = await openPool({ workers: 1, open: changed, retryMs: 1e9, warn: () => undefined });
    all[0]!.die();
    expect(await pool.stopped).toMatchObject({ code: "model-corrupt" });
  });

  it("has stopped when the last worker is gone for good, with the reason", async () => {
    const { all, open } = workers(letters(3), (number) => number > 2, "model-corrupt");
    const pool = await openPool({ workers: 2, open, retryMs: 1, warn: () => undefined });
    all[0]!.die();
    all[1]!.die();
    expect(await pool.stopped).toMatchObject({ code: "model-corrupt" });
    await expect(run(pool, ask("Hi"))).rejects.toMatchObject({ code: "engine-crashed" });
  });

  it("does not open the same thing for ever", async () => {
    const { all, open } = workers(letters(3));
    const pool = await openPool({ workers: 1, open, warn: () => undefined });
    for (let number = 0; number < 4; number += 1) {
      await until("it is open", async () => all.length === number + 1);
      all[number]!.die();
    }
    expect(await pool.stopped).toMatchObject({ code: "engine-crashed" });
    expect(all).toHaveLength(4);
  });

  it("leaves nothing open where one cannot be opened", async () => {
    const { all, open } = workers(letters(3), (number) => number === 2);
    await expect(openPool({ workers: 3, open, warn: () => undefined })).rejects.toMatchObject({
      code: "out-of-memory",
    });
    expect(all.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });
});
