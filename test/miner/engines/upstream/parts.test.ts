import { samplerLimits } from "@lode/protocol";
import { describe, expect, it } from "vitest";
import { Calls, deltaOf } from "../../../../miner/src/engines/upstream/answer.ts";
import { createGate } from "../../../../miner/src/engines/upstream/gate.ts";

describe("an event of a server's answer", () => {
  const finishOf = (reason: unknown): unknown => deltaOf({ choices: [{ finish_reason: reason }] }).finish;

  it("says why the answer ends: at its length, or by itself, whatever the server calls that", () => {
    expect([null, undefined, "length", "stop", "tool_calls", "eos"].map(finishOf)).toEqual([
      ...[undefined, undefined, "length"],
      ...["stop", "stop", "stop"],
    ]);
  });

  it("adds the text of either kind of completion, and nothing where it is none", () => {
    expect(deltaOf({ choices: [{ delta: { content: "a" } }] }).text).toBe("a");
    expect(deltaOf({ choices: [{ text: "b" }] }).text).toBe("b");
    for (const none of [null, 5, {}, { choices: "x" }, { choices: [{ delta: { content: 5 } }] }]) {
      expect(deltaOf(none)).toEqual({ text: "", calls: [], finish: undefined });
    }
    expect(() => deltaOf({ error: { message: "no" } })).toThrow("error in its stream");
  });
});

describe("tool calls in parts", () => {
  const part = (index: number) => ({ index, name: "f", arguments: "{}" });

  it("are as many as one answer may hold, and no more", () => {
    const calls = new Calls(1e6);
    calls.add(Array.from({ length: samplerLimits.toolCalls }, (_, index) => part(index)));
    calls.add([{ index: 0, name: "", arguments: " " }]);
    expect(() => calls.add([part(samplerLimits.toolCalls)])).toThrow("calls too many tools");
  });

  it("are as long as the answer may be, together, and no longer", () => {
    const calls = new Calls(6);
    calls.add([part(0), part(1)]);
    expect(() => calls.add([{ index: 1, name: "", arguments: " " }])).toThrow("longer than the answer");
  });
});

describe("a gate", () => {
  const never = new AbortController().signal;

  it("lets so many in at a time, first come, first served", async () => {
    const gate = createGate(1);
    const order: number[] = [];
    const leave = await gate.enter(never);
    const others = [1, 2].map(async (number) => {
      const done = await gate.enter(never);
      order.push(number);
      done();
    });
    expect(order).toEqual([]);
    leave();
    // Whoever leaves twice makes no second place.
    leave();
    await Promise.all(others);
    expect(order).toEqual([1, 2]);
  });

  it("keeps no place for who gave up in the line, or before it", async () => {
    const gate = createGate(1);
    const leave = await gate.enter(never);
    const gone = new AbortController();
    const waiting = gate.enter(gone.signal);
    const next = gate.enter(never);
    gone.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    await expect(gate.enter(gone.signal)).rejects.toThrow("gone");
    leave();
    (await next)();
    expect(await gate.enter(never)).toBeTypeOf("function");
  });
});
