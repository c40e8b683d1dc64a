import type { Hex } from "@lode/sdk/hash";
import { expect, it } from "vitest";
import { LatencyMinutes } from "../../../coordinator/src/domain/qos/latency-minutes.ts";

const miner = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;
const minuteMs = 60_000;

it("means what came in each minute, and forgets what is older than its window", () => {
  const latencies = new LatencyMinutes(3);
  latencies.add(miner(1), 100, 0);
  latencies.add(miner(1), 300, minuteMs - 1);
  latencies.add(miner(1), 50, 2 * minuteMs);
  expect(latencies.rows(2 * minuteMs)).toEqual({
    fromMs: 0,
    minuteCount: 3,
    rows: [{ miner: miner(1), cells: [{ meanMs: 200, jobs: 2 }, null, { meanMs: 50, jobs: 1 }] }],
  });
  expect(latencies.rows(4 * minuteMs).rows[0]!.cells).toEqual([{ meanMs: 50, jobs: 1 }, null, null]);
  expect(latencies.rows(5 * minuteMs).rows).toEqual([]);
});

it("adds to the last minute when the clock goes back", () => {
  const latencies = new LatencyMinutes(3);
  latencies.add(miner(1), 100, 5 * minuteMs);
  latencies.add(miner(1), 200, 4 * minuteMs);
  expect(latencies.rows(5 * minuteMs).rows[0]!.cells.at(-1)).toEqual({ meanMs: 150, jobs: 2 });
});

it("holds as many miners as it may, and no more", () => {
  const latencies = new LatencyMinutes(3, 2);
  for (const n of [1, 2, 3]) latencies.add(miner(n), 100, 0);
  expect(latencies.rows(0).rows.map((row) => row.miner)).toEqual([miner(2), miner(3)]);
});
