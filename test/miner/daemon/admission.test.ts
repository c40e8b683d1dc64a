import { beforeEach, describe, expect, it } from "vitest";
import { Admission } from "../../../miner/src/daemon/admission.ts";

let freeBytes: number;
let admission: Admission;
const need = { prefixTokens: 0, deadlineMs: 10_000 };
beforeEach(() => {
  freeBytes = 2 ** 30;
  admission = new Admission({ sequences: 2, contextTokens: 100, freeBytes: () => freeBytes, nowMs: () => 1000 });
});

describe("admission", () => {
  it("takes what fits", () => expect(() => admission.check(need, 0)).not.toThrow());

  it("refuses a prefix that leaves no room for a prompt and an answer", () => {
    expect(() => admission.check({ ...need, prefixTokens: 98 }, 0)).not.toThrow();
    expect(() => admission.check({ ...need, prefixTokens: 99 }, 0)).toThrow(
      expect.objectContaining({ name: "JobRefusal", code: "too_long" }),
    );
  });

  it("refuses while the machine is short of memory, and only then", () => {
    freeBytes = 128 * 2 ** 20 - 1;
    expect(() => admission.check(need, 0)).toThrow(expect.objectContaining({ code: "no_memory" }));
    freeBytes = 128 * 2 ** 20;
    expect(() => admission.check(need, 0)).not.toThrow();
  });

  it("refuses what would get a slot only after its deadline, by what jobs have taken so far", () => {
    // Nothing is known yet.
    expect(() => admission.check(need, 8)).not.toThrow();
    admission.learn(5000);
    // A free slot, one round of waiting, two of them.
    expect(() => admission.check(need, 1)).not.toThrow();
    expect(() => admission.check(need, 2)).not.toThrow();
    expect(() => admission.check(need, 4)).toThrow(expect.objectContaining({ code: "too_late" }));
    // Shorter jobs are believed, little by little.
    for (let job = 0; job < 20; job += 1) admission.learn(100);
    expect(() => admission.check(need, 4)).not.toThrow();
  });

  it("refuses what is late already", () => {
    expect(() => admission.check({ ...need, deadlineMs: 999 }, 0)).toThrow(
      expect.objectContaining({ code: "too_late" }),
    );
  });
});
