import { describe, expect, it } from "vitest";
import { RecentMap } from "../../../coordinator/src/plugins/app/market/recent-map.ts";
import { SlotCount } from "../../../coordinator/src/plugins/app/market/slot-count.ts";
import { digest, hex } from "./markets.ts";

describe("the slots of a model", () => {
  const [one, two] = [hex(1, 20), hex(2, 20)];

  it("are added up as miners come, change and go", () => {
    const slots = new SlotCount();
    slots.set(one, digest(0), { running: 1, concurrency: 2 });
    slots.set(two, digest(0), { running: 5, concurrency: 2 });
    slots.set(two, digest(1), { running: 0, concurrency: 8 });
    // Of five jobs on two slots three wait.
    expect(slots.of(digest(0))).toMatchObject({ total: 4, used: 3, queued: 3 });
    expect([slots.offers(digest(0)), slots.offers(digest(1))]).toEqual([2, 1]);
    slots.set(two, digest(0), { running: 2, concurrency: 2 });
    expect(slots.of(digest(0))).toMatchObject({ total: 4, used: 3, queued: 0 });
    slots.set(one, digest(0), undefined);
    slots.set(one, digest(0), undefined);
    expect(slots.of(digest(0))).toMatchObject({ total: 2, used: 2, queued: 0 });
    slots.set(two, digest(0), undefined);
    expect([slots.of(digest(0)), slots.offers(digest(0))]).toEqual([{ total: 0, used: 0, queued: 0 }, 0]);
    expect(slots.of(digest(1))).toMatchObject({ total: 8, used: 0, queued: 0 });
  });
});

it("a map that is full forgets what was set first, and what is set again is new", () => {
  const map = new RecentMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([3, undefined, 4]);
});
