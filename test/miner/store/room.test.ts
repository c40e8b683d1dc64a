import { beforeEach, describe, expect, it } from "vitest";
import { makeRoom, type RoomOptions, type Victim } from "../../../miner/src/store/room.ts";

let freeBytes: number;
let removed: string[];
beforeEach(() => {
  [freeBytes, removed] = [120, []];
});

const victim = (label: string, bytes: number, isModel: boolean): Victim => ({
  ...{ label, bytes, isModel },
  remove: async () => {
    removed.push(label);
    freeBytes += bytes;
  },
});
/** A disk of which 100 bytes stay free, and a store of 90 bytes that may grow to 100 unless something else is said. */
const make = (bytes: number, victims: readonly Victim[], change: Partial<RoomOptions> = {}) =>
  makeRoom(bytes, 90, victims, { capBytes: 100, reserveBytes: 100, freeBytes: async () => freeBytes, ...change });

describe("room for a model", () => {
  it("takes nothing where there is enough, to the byte", async () => {
    freeBytes = 110;
    const victims = [victim("leftover", 40, false), victim("model", 60, true)];
    expect(await make(10, victims)).toEqual({ removed: [], roomBytes: 10 });
    expect((await make(11, victims)).removed).toEqual(["leftover", "model"]);
  });

  it("is made under the cap by models alone, on the disk by leftovers too", async () => {
    // The leftover gives the disk what it lacks, and the store not a byte.
    const victims = [victim("leftover", 40, false), victim("old", 30, true), victim("older", 30, true)];
    expect(await make(40, victims)).toEqual({ removed: ["leftover", "old"], roomBytes: 40 });
    expect(removed).toEqual(["leftover", "old"]);
  });

  it("takes no leftover where only the cap is in the way", async () => {
    freeBytes = 1000;
    const victims = [victim("leftover", 40, false), victim("old", 30, true)];
    expect((await make(40, victims)).removed).toEqual(["old"]);
  });

  it("takes nothing where all of it would not do", async () => {
    const victims = [victim("leftover", 1000, false), victim("old", 30, true)];
    await expect(make(41, victims)).rejects.toMatchObject({ code: "no-space" });
    expect(removed).toEqual([]);
    await expect(make(41, victims, { capBytes: Infinity })).resolves.toMatchObject({ removed: ["leftover"] });
  });
});
