import { finishReason } from "@lode/sdk/typed-data";
import { describe, expect, it } from "vitest";
import { Job, type AttemptResult } from "../../../coordinator/src/domain/jobs/job.ts";
import { Race } from "../../../coordinator/src/domain/jobs/race.ts";
import { Dice } from "../../../scripts/bench/market/dice.ts";
import { hex } from "../market/markets.ts";

/** A miner of the race: when it has its first token, how many it writes: it breaks off when those are too few. */
interface Runner {
  readonly number: number;
  readonly startMs: number;
  readonly firstMs: number;
  readonly count: number;
  delivered: number[];
  paid: number;
  end: "running" | "outrun" | "failed" | "settled";
}

const tokenMs = 5;
const wanted = 30;

/** Plays a job that starts on one miner and, half a budget later, on a second one; lost output is gone on with by others. */
function play(dice: Dice): { job: Job; runners: Runner[]; cost: number; outcome: string } {
  const events: { atMs: number; run: () => void }[] = [];
  const at = (atMs: number, run: () => void): void => void events.push({ atMs, run });
  const job = new Job(wanted);
  const runners: Runner[] = [];
  let outcome = "running";
  const begin = (nowMs: number, offset: number, race: Race<number>, ended: (nowMs: number) => void): Runner => {
    const most = wanted - offset;
    const runner: Runner = {
      number: runners.length,
      startMs: nowMs,
      firstMs: nowMs + 5 + dice.below(120),
      count: dice.below(3) === 0 ? dice.below(most) : most,
      ...{ delivered: [], paid: 0, end: "running" },
    };
    const isBroken = runner.count < most;
    runners.push(runner);
    job.start(hex(runner.number + 1, 20));
    const end = (atMs: number, how: Runner["end"]): void => {
      if (runner.end !== "running") return;
      runner.end = how;
      if (how === "settled") runner.paid = runner.delivered.length;
      // Whoever broke off comes back with its proof, twice.
      if (how === "failed")
        for (let copy = 0; copy < 2; copy++)
          at(atMs + dice.below(500), () => (runner.paid ||= runner.delivered.length));
      race.leave(runner.number);
      ended(atMs);
    };
    let nowOut = nowMs;
    race.enter(runner.number, () => end(nowOut, "outrun"));
    for (let i = 0; i < runner.count; i++) {
      const atMs = runner.firstMs + i * tokenMs;
      at(atMs, () => {
        if (runner.end !== "running") return;
        nowOut = atMs;
        if (runner.delivered.length === 0) race.lead(runner.number);
        if (race.leader !== runner.number) throw new Error("two lead");
        runner.delivered.push(offset + i);
      });
    }
    at(runner.firstMs + runner.count * tokenMs, () =>
      end(runner.firstMs + runner.count * tokenMs, isBroken ? "failed" : "settled"),
    );
    return runner;
  };
  const result = (runner: Runner): AttemptResult | undefined => {
    const { delivered: tokens } = runner;
    if (runner.end === "outrun") return undefined;
    if (runner.end === "failed") return { kind: "failed", tokens, code: "link_closed" };
    const [digest, amountWei] = [hex(runner.number + 1, 32), BigInt(tokens.length)];
    return { kind: "settled", tokens, digest, inputTokens: 5, amountWei, finishReason: finishReason.length };
  };
  const round = (nowMs: number, isFirst: boolean): void => {
    const race = new Race<number>();
    const field: Runner[] = [];
    const offset = job.delivered.length;
    const ended = (endMs: number): void => {
      if (field.some(({ end }) => end === "running")) return;
      const results = field.flatMap((runner) => result(runner) ?? []);
      // Failures come first: the job hears last of what it has.
      results.sort((a, b) => Number(a.kind === "settled") - Number(b.kind === "settled"));
      let step = job.end(results.shift()!);
      for (const next of results) step = job.end(next);
      if (step.kind === "attempt") round(endMs, false);
      else outcome = step.kind;
    };
    field.push(begin(nowMs, offset, race, ended));
    if (!isFirst) return;
    at(nowMs + 50, () => {
      const isOver = race.leader !== undefined || field.every(({ end }) => end !== "running");
      if (!isOver) field.push(begin(nowMs + 50, offset, race, ended));
    });
  };
  round(0, true);
  while (events.length > 0) {
    events.sort((a, b) => b.atMs - a.atMs);
    events.pop()!.run();
  }
  return { job, runners, cost: runners.reduce((sum, { paid }) => sum + paid, 0), outcome };
}

describe("starting twice", () => {
  it("delivers each token once, pays whoever delivered it, and whoever was outrun nothing, on random schedules", () => {
    const seen = { outrun: 0, second: 0, alone: 0, failedOver: 0 };
    for (let seed = 1; seed <= 500; seed++) {
      const { job, runners, cost, outcome } = play(new Dice(seed));
      const hint = `seed ${seed}`;
      expect(outcome, hint).not.toBe("running");
      expect(job.delivered, hint).toEqual([...job.delivered.keys()]);
      if (outcome === "done") expect(job.delivered.length, hint).toBe(wanted);
      expect(cost, hint).toBe(job.delivered.length);
      for (const { end, delivered, paid } of runners) {
        expect(end, hint).not.toBe("running");
        expect(paid, hint).toBe(delivered.length);
        if (end === "outrun") expect(delivered, hint).toEqual([]);
      }
      const [first, second] = runners;
      seen.outrun += runners.filter(({ end }) => end === "outrun").length;
      if (first?.end === "outrun") seen.second += 1;
      if (second === undefined) seen.alone += 1;
      if (runners.length > 2) seen.failedOver += 1;
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
  });

  it("tells whoever comes too late at once, and counts no lead twice", () => {
    const race = new Race<string>();
    const told: string[] = [];
    const enter = (name: string): void => race.enter(name, () => told.push(name));
    for (const name of ["a", "b", "c"]) enter(name);
    race.leave("c");
    race.lead("c");
    expect(race.leader).toBeUndefined();
    race.lead("b");
    race.lead("a");
    enter("d");
    expect([race.leader, told]).toEqual(["b", ["a", "d"]]);
  });
});
