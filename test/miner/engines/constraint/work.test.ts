import { constraintLimits } from "@lode/protocol/json-schema";
import { describe, expect, it } from "vitest";
import type { Machine, State } from "../../../../miner/src/engines/constraint/machine/machine.ts";
import { machineOf } from "./constraint-helper.ts";

/** States behind the beginning that were never met before: whatever is asked of one has to be worked out. */
function* unmet(machine: Machine): Generator<State> {
  for (;;) yield machine.forget(machine.start);
}

/** Works out so many transitions, for masks of so many each. */
function work(machine: Machine, steps: number, ofMask: number): void {
  let done = 0;
  for (const state of unmet(machine)) {
    for (let byte = 0; byte < 256; byte++) {
      if (done === steps) return;
      if (done % ofMask === 0) machine.beginMask();
      machine.next(state, byte);
      done += 1;
    }
  }
}

describe("the work that following a schema may be", () => {
  it("is bounded for each mask, and counted anew for the next", () => {
    const { maskSteps } = constraintLimits;
    const machine = machineOf({ type: "boolean" });
    work(machine, 2 * maskSteps, maskSteps);
    const [state] = unmet(machine);
    expect(() => machine.next(state!, 0)).toThrow("following it costs too much");
    machine.beginMask();
    expect(machine.next(state!, 0)).toBeNull();
  });

  it("is bounded for a whole job, however little each of its masks is", { timeout: 120_000 }, () => {
    const { jobSteps } = constraintLimits;
    const machine = machineOf({ type: "boolean" });
    work(machine, jobSteps, 1000);
    machine.beginMask();
    const [state] = unmet(machine);
    expect(() => machine.next(state!, 0)).toThrow("following it costs too much");
  });

  it("is nothing where a transition was met before", () => {
    const { maskSteps } = constraintLimits;
    const machine = machineOf({ type: "boolean" });
    work(machine, maskSteps - 1, maskSteps);
    const [state] = unmet(machine);
    for (let times = 0; times < 3; times++) expect(machine.next(state!, 0)).toBeNull();
  });
});
