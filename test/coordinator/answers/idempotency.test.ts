import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../../../coordinator/src/errors.ts";
import { Idempotency, type KeyedRequest } from "../../../coordinator/src/plugins/app/answers/idempotency.ts";
import { SealedStore, type Kept } from "../../../coordinator/src/plugins/app/answers/sealed-store.ts";
import type { JobState } from "../../../coordinator/src/plugins/app/ledger/types.ts";
import { temporaryHome } from "../fixture.ts";

const keyed: KeyedRequest = { secret: "lode_x", key: "k", route: "/v1/x", body: { a: 1, b: [2] }, id: "job-1" };

let folder: ReturnType<typeof temporaryHome>;
let store: SealedStore;
let state: JobState;
let nowMs: number;
beforeEach(() => {
  folder = temporaryHome();
  nowMs = 1_000_000;
  store = new SealedStore(join(folder.home, "answers"), () => nowMs);
  state = "free";
});
afterEach(() => folder.remove());

/** The process's own; another one is what comes after a crash. */
const open = (on: SealedStore = store): Idempotency => new Idempotency(on, { jobState: () => state }, () => nowMs);

/** Work that counts how often it is done. */
function counted(value: unknown = "answer") {
  const work = async (): Promise<unknown> => {
    work.times += 1;
    if (value instanceof Error) throw value;
    return value;
  };
  work.times = 0;
  return work;
}

describe("a key", () => {
  it("runs its request once, and gives everybody the same", async () => {
    const work = counted({ text: "x" });
    const idempotency = open();
    const first = await idempotency.run(keyed, work);
    expect(first).toEqual({ value: { text: "x" }, id: "job-1", created: 1000, isReplay: false });
    nowMs += 3_600_000;
    for (const again of [idempotency, open()]) {
      expect(await again.run({ ...keyed, body: { b: [2], a: 1 }, id: "job-2" }, work)).toEqual({
        ...first,
        isReplay: true,
      });
    }
    expect(work.times).toBe(1);
  });

  it("gives what was worked for also where the disk does not take it, and never bills it again", async () => {
    const full = new Error("no space left");
    const told: unknown[] = [];
    class FullStore extends SealedStore {
      override async write(secret: string, name: string, one: Kept): Promise<number> {
        if ((one.value as { state: string }).state !== "begun") throw full;
        return super.write(secret, name, one);
      }
    }
    const disk = new FullStore(join(folder.home, "answers"), () => nowMs);
    const gate = Promise.withResolvers<string>();
    const idempotency = new Idempotency(
      disk,
      { jobState: () => state },
      () => nowMs,
      (error) => told.push(error),
    );
    const [first, other] = [idempotency.run(keyed, () => gate.promise), idempotency.run(keyed, counted())];
    state = "settled";
    gate.resolve("x");
    expect(await first).toMatchObject({ value: "x", isReplay: false });
    expect(await other).toMatchObject({ value: "x", isReplay: true });
    expect(told).toEqual([full]);
    const work = counted();
    for (const again of [idempotency, open()]) {
      await expect(again.run(keyed, work)).rejects.toMatchObject({ code: "idempotency_interrupted" });
    }
    expect(work.times).toBe(0);
  });

  it("holds those back who come while it runs", async () => {
    const gate = Promise.withResolvers<string>();
    const idempotency = open();
    const first = idempotency.run(keyed, () => gate.promise);
    const work = counted();
    const others = [idempotency.run(keyed, work), idempotency.run(keyed, work)];
    gate.resolve("x");
    expect((await first).isReplay).toBe(false);
    for (const other of others) expect(await other).toMatchObject({ value: "x", isReplay: true });
    expect(work.times).toBe(0);
  });

  it("is another one for another API key, and ends after a day", async () => {
    const work = counted();
    const idempotency = open();
    await idempotency.run(keyed, work);
    await idempotency.run({ ...keyed, secret: "lode_y" }, work);
    expect(work.times).toBe(2);
    nowMs += 24 * 3_600_000;
    await idempotency.run(keyed, work);
    expect(work.times).toBe(3);
  });

  it.each<[string, Partial<KeyedRequest>]>([
    ["body", { body: { a: 1, b: [3] } }],
    ["route", { route: "/v1/y" }],
  ])("is refused for another %s", async (_name, change) => {
    const work = counted();
    const idempotency = open();
    await idempotency.run(keyed, work);
    const refused = { status: 422, code: "idempotency_mismatch" };
    await expect(idempotency.run({ ...keyed, ...change }, work)).rejects.toMatchObject(refused);
    await expect(open().run({ ...keyed, ...change }, work)).rejects.toMatchObject(refused);
    expect(work.times).toBe(1);
  });
});

describe("a known answer", () => {
  it("tells how much it takes before it is given again, to those who waited too, and is not given to who is refused", async () => {
    const [told, work]: [number[], ReturnType<typeof counted>] = [[], counted("x".repeat(5000))];
    const again = { ...keyed, onReplay: (bytes: number) => void told.push(bytes) };
    const idempotency = open();
    await Promise.all([idempotency.run(again, work), idempotency.run(again, work)]);
    await open().run(again, work);
    expect(told).toHaveLength(2);
    for (const bytes of told) expect(bytes).toBeGreaterThan(5000);
    const refused = new ApiError(429, "rate_limit_exceeded", "No.");
    const asking = open().run({ ...keyed, onReplay: () => { throw refused; } }, work); // prettier-ignore
    await expect(asking).rejects.toBe(refused);
    expect(work.times).toBe(1);
  });
});

describe("a store that is full", () => {
  it("lets nothing new begin, and gives what it has", async () => {
    store = new SealedStore(join(folder.home, "answers"), () => nowMs, { total: Infinity, ofKey: 4096 });
    const work = counted();
    await open().run(keyed, work);
    const other = { ...keyed, key: "another" };
    await expect(open().run(other, work)).rejects.toMatchObject({ code: "kept_answers_full" });
    expect(await open().run(keyed, work)).toMatchObject({ value: "answer", isReplay: true });
    expect(await open().run({ ...other, secret: "lode_y" }, work)).toMatchObject({ isReplay: false });
    expect(work.times).toBe(2);
  });
});

describe("a request that fails", () => {
  const error = new ApiError(502, "upstream_failed", "No.", { param: "x" });

  it("for nothing may be tried again, by those who wait too", async () => {
    const idempotency = open();
    const failing = counted(error);
    const work = counted();
    const first = idempotency.run(keyed, failing);
    const second = idempotency.run(keyed, work);
    await expect(first).rejects.toBe(error);
    expect(await second).toMatchObject({ value: "answer", isReplay: false });
    expect([failing.times, work.times]).toEqual([1, 1]);
  });

  it.each<JobState>(["settled", "open"])("and is %s stays failed, in the same words", async (left) => {
    state = left;
    const idempotency = open();
    const failing = counted(error);
    const refused = { ...error.problem, headers: { "x-should-retry": "false" } };
    for (const again of [idempotency, idempotency, open()]) {
      await expect(again.run(keyed, failing)).rejects.toMatchObject(refused);
    }
    expect(failing.times).toBe(1);
  });
});

describe("a crash", () => {
  /** A process that died while it ran the request. */
  async function crash(): Promise<void> {
    const begun = Promise.withResolvers<undefined>();
    void open().run(keyed, () => {
      begun.resolve(undefined);
      return new Promise(() => undefined);
    });
    await begun.promise;
  }

  it.each<[JobState, object | undefined]>([
    ["free", undefined],
    [
      "open",
      { status: 409, code: "idempotency_unresolved", headers: { "x-should-retry": "true", "retry-after": "30" } },
    ],
    ["settled", { status: 409, code: "idempotency_interrupted", headers: { "x-should-retry": "false" } }],
  ])("leaves a job %s", async (left, refusal) => {
    await crash();
    state = left;
    const work = counted();
    const asking = open().run({ ...keyed, id: "job-2" }, work);
    if (refusal === undefined) expect(await asking).toMatchObject({ id: "job-2", isReplay: false });
    else await expect(asking).rejects.toMatchObject(refusal);
    expect(work.times).toBe(refusal === undefined ? 1 : 0);
  });

  it("cannot come between an answer and its record", async () => {
    const order: string[] = [];
    class Slow extends SealedStore {
      override async write(secret: string, name: string, kept: Kept): Promise<number> {
        await new Promise((resolve) => setImmediate(resolve));
        const bytes = await super.write(secret, name, kept);
        order.push((kept.value as { state: string }).state);
        return bytes;
      }
    }
    const slow = new Slow(join(folder.home, "answers"), () => nowMs);
    await open(slow).run(keyed, async () => order.push("work"));
    order.push("told");
    expect(order).toEqual(["begun", "work", "done", "told"]);
  });
});
