import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LivedClock } from "../../../coordinator/src/plugins/app/lived-clock.ts";
import { temporaryHome } from "../fixture.ts";

let folder: ReturnType<typeof temporaryHome>;
let file: string;
let wall: number;
let steady: number;
beforeEach(() => {
  folder = temporaryHome();
  file = join(folder.home, "lived");
  [wall, steady] = [1_790_000_000_000, 5.25];
});
afterEach(() => folder.remove());

const start = (): Promise<LivedClock> => LivedClock.open(file, { nowMs: () => wall, steadyMs: () => steady });

describe("the time that a home lived", () => {
  it("begins with the wall clock, and goes on by the other one", async () => {
    const clock = await start();
    expect(clock.nowMs()).toBe(1_790_000_000_000);
    wall += 86_400_000;
    steady += 1000;
    expect(clock.nowMs()).toBe(1_790_000_001_000);
  });

  it.each([86_400_000, -86_400_000])("goes on at the next start, with a wall clock that is %i ms off", async (off) => {
    const first = await start();
    steady += 1000;
    await first.save();
    // What no process wrote down was not lived.
    steady += 1000;
    wall += off;
    const second = await start();
    expect(second.nowMs()).toBe(1_790_000_001_000);
  });

  it("is the latest of saves that overlap", async () => {
    const clock = await start();
    const saves = [clock.save(), clock.save()];
    steady += 7;
    saves.push(clock.save());
    await Promise.all(saves);
    expect((await start()).nowMs()).toBe(1_790_000_000_007);
  });

  it.each(["", "soon", "-5", "1e9", "9".repeat(16)])("begins anew where its file says %j", async (text) => {
    writeFileSync(file, text);
    expect((await start()).nowMs()).toBe(wall);
  });
});
