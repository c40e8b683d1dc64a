import { describe, expect, it } from "vitest";
import { backoffSeconds } from "../../../miner/src/daemon/backoff.ts";

describe("between two tries a miner waits", () => {
  it("1, 2, 4 .. 60 seconds", () => {
    const most = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((attempt) => backoffSeconds(attempt, 1));
    expect(most).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("up to a quarter less, by chance, so that miners that lost a coordinator together do not come back together", () => {
    for (const attempt of [0, 3, 20]) {
      const whole = backoffSeconds(attempt, 1);
      expect(backoffSeconds(attempt, 0)).toBe(whole * 0.75);
      expect(backoffSeconds(attempt, 0.5)).toBe(whole * 0.875);
    }
  });
});
