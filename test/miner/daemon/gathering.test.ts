import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Gathering } from "../../../miner/src/daemon/gathering.ts";

describe("jobs that come about together", () => {
  let gathering: Gathering;
  let started: string[];
  beforeEach(() => {
    vi.useFakeTimers();
    [gathering, started] = [new Gathering(), []];
  });
  afterEach(() => vi.useRealTimers());

  const hint = { size: 3, windowMs: 10 };
  const signal = new AbortController().signal;
  async function come(name: string, told: typeof hint | "nobody" = hint, room = 8, by = signal): Promise<void> {
    await gathering.enter(told === "nobody" ? undefined : told, room, by);
    started.push(name);
  }
  /** Comes, and lets whoever may start do so. */
  async function comes(...job: Parameters<typeof come>): Promise<void> {
    void come(...job);
    await vi.advanceTimersByTimeAsync(0);
  }

  it("start when all of them are there", async () => {
    await comes("a");
    await comes("b");
    expect(started).toEqual([]);
    await comes("c");
    expect(started.toSorted()).toEqual(["a", "b", "c"]);
    // What comes next is no company of theirs.
    await comes("d");
    expect(started).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(1);
  });

  it("wait no longer than the first one's window", async () => {
    await comes("a");
    await vi.advanceTimersByTimeAsync(6);
    await comes("b");
    await vi.advanceTimersByTimeAsync(3);
    expect(started).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toEqual(["a", "b"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("start at once with one that expects nobody", async () => {
    await comes("a");
    await comes("b", "nobody");
    expect(started.toSorted()).toEqual(["a", "b"]);
    await comes("c", "nobody");
    expect(started).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("wait for nobody who would have no slot", async () => {
    await comes("a", hint, 1);
    expect(started).toEqual(["a"]);
    await comes("b", hint, 2);
    expect(started).toEqual(["a"]);
    await comes("c", hint, 1);
    expect(started.toSorted()).toEqual(["a", "b", "c"]);
  });

  it("are not waited for once they are given up", async () => {
    const gone = new AbortController();
    await comes("a", hint, 8, gone.signal);
    await comes("b");
    gone.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toEqual(["a"]);
    await comes("late", hint, 8, gone.signal);
    expect(started).toEqual(["a", "late"]);
    await vi.advanceTimersByTimeAsync(10);
    expect(started).toEqual(["a", "late", "b"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
