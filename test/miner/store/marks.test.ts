import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Marks } from "../../../miner/src/store/marks.ts";

describe("marks of who holds something", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lode-marks-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("last until the last hold of a process is taken back, however often each is", async () => {
    const marks = new Marks(folder);
    const [first, second] = [await marks.hold("key"), await new Marks(folder).hold("key")];
    expect(await marks.holders("key")).toEqual([process.pid]);
    await first();
    await first();
    expect(await marks.holders("key")).toEqual([process.pid]);
    await second();
    expect(await marks.holders("key")).toEqual([]);
  });

  it("stay where a hold comes while the last one is taken back", async () => {
    const marks = new Marks(folder);
    const first = await marks.hold("key");
    const [, second] = await Promise.all([first(), marks.hold("key")]);
    expect(await marks.holders("key")).toEqual([process.pid]);
    await second();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("that could not be written hold nothing", async () => {
    const marks = new Marks(folder);
    const file = join(folder, `key.${process.pid}`);
    mkdirSync(file);
    await expect(marks.hold("key")).rejects.toThrow("EISDIR");
    rmSync(file, { recursive: true });
    const release = await marks.hold("key");
    await release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("are not mixed up where one key begins another", async () => {
    const marks = new Marks(folder);
    const release = await marks.hold("key.more");
    expect(await marks.holders("key")).toEqual([]);
    await release();
  });

  it("of a dead process hold nothing", async () => {
    writeFileSync(join(folder, "key.999999999"), "");
    writeFileSync(join(folder, "key.lock"), "999999999");
    expect(await new Marks(folder).holders("key")).toEqual([]);
    expect(typeof (await new Marks(folder).lock("key"))).toBe("function");
    expect(readdirSync(folder)).toEqual(["key.lock"]);
  });

  // In a container each start has the same numbers, and a miner that was killed there comes back as its own successor.
  it.runIf(existsSync("/proc/self/stat")).each([
    ["this process", process.pid],
    ["another one", process.ppid],
  ])("of a dead process whose number %s has hold nothing either", async (_name, pid) => {
    const marks = new Marks(folder);
    writeFileSync(join(folder, `key.${pid}`), `${pid} 1`);
    writeFileSync(join(folder, "key.lock"), `${pid} 1`);
    expect(await marks.holders("key")).toEqual([]);
    const unlock = await marks.lock("key");
    if (typeof unlock === "number") throw new Error(`process ${unlock} has it`);
    expect(await new Marks(folder).lock("key")).toBe(process.pid);
    await unlock();
    expect(readdirSync(folder)).toEqual([]);
  });
});
