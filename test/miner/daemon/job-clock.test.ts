import { describe, expect, it } from "vitest";
import { jobClock } from "../../../miner/src/daemon/job-clock.ts";

describe("a job's clock", () => {
  it.each([-3_600_000, 0, 86_400_000])("goes on as time does where the wall clock is set by %d ms", (setByMs) => {
    const clocks = { wallMs: 1_790_000_000_000, steadyMs: 77.25 };
    const nowMs = jobClock({ nowMs: () => clocks.wallMs, steadyMs: () => clocks.steadyMs });
    expect(nowMs()).toBe(1_790_000_000_000);
    clocks.wallMs += setByMs;
    clocks.steadyMs += 1_500.5;
    expect(nowMs()).toBe(1_790_000_001_501);
  });
});
