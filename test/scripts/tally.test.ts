import { describe, expect, it } from "vitest";
import { add, closingLine, isGood, judge, nothing } from "../../scripts/test/tally.ts";

const counted = { passed: 3, failed: 0, skipped: 1 };

describe("judge", () => {
  it("takes a clean run as it is", () => {
    expect(judge("Runner", counted, 0)).toEqual({ ...counted, broken: [] });
  });

  it("takes failed tests with a non-zero exit as they are", () => {
    expect(judge("Runner", { ...counted, failed: 2 }, 1)).toEqual({ ...counted, failed: 2, broken: [] });
  });

  it.each([
    ["left no count", undefined, 0, "left no count"],
    ["crashed after its last test", counted, 1, "outside any test"],
    ["ran no test", { passed: 0, failed: 0, skipped: 0 }, 0, "ran no test"],
  ])("counts a failure when the runner %s", (_, count, exitCode, reason) => {
    const tally = judge("Runner", count, exitCode);
    expect(tally.failed).toBe(1);
    expect(tally.broken[0]).toContain(reason);
    expect(isGood(tally)).toBe(false);
  });
});

describe("the closing line", () => {
  it("adds the runners up", () => {
    const total = add(add(nothing, judge("A", counted, 0)), judge("B", { passed: 4, failed: 1, skipped: 0 }, 1));
    expect(closingLine(total)).toBe("7 passed, 1 failed, 1 skipped");
    expect(isGood(total)).toBe(false);
  });
});
