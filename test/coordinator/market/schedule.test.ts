import { describe, expect, it } from "vitest";
import { finishReason } from "@lode/sdk/typed-data";
import type { FailureCode } from "../../../coordinator/src/domain/jobs/failure.ts";
import { Job, maximumAttempts, type Step } from "../../../coordinator/src/domain/jobs/job.ts";
import { Market } from "../../../coordinator/src/domain/matching/market.ts";
import { Dice } from "../../../scripts/bench/market/dice.ts";
import { demand, hex, offer } from "./markets.ts";

/** What one attempt delivered, and what is paid for it. */
interface Part {
  readonly from: number;
  readonly count: number;
  paid: number;
}

interface Run {
  readonly job: Job;
  readonly wanted: number;
  readonly choices: string[];
  readonly parts: Part[];
  ends: number;
  state: "running" | "done" | "failed";
}

/** Works through random schedules on a clock of its own. Jobs, fallbacks and the market are the coordinator's code; miners are dice. */
class World {
  readonly #dice: Dice;
  readonly #market = new Market({ roundTripMs: (from, to) => 10 + 30 * Math.abs(from - to) });
  readonly #events: { atMs: number; run: () => void }[] = [];
  readonly #online = new Map<string, number>();
  readonly runs: Run[] = [];
  #nowMs = 0;
  /** Jobs that ended without ever having a miner. */
  refused = 0;
  failovers = 0;

  constructor(seed: number, miners: number, jobs: number) {
    this.#dice = new Dice(seed);
    for (let i = 0; i < miners; i++) this.#at(this.#dice.below(2000), () => this.#join(i));
    for (let i = 0; i < jobs; i++) this.#at(1000 + this.#dice.below(60_000), () => this.#begin());
  }

  play(): void {
    while (this.#events.length > 0) {
      this.#events.sort((a, b) => b.atMs - a.atMs);
      const { atMs, run } = this.#events.pop()!;
      this.#nowMs = atMs;
      run();
    }
  }

  get load(): number {
    return [...this.#market.offersOf(offer(0).modelDigest)].reduce((sum, one) => sum + one.offer.running, 0);
  }

  #at(inMs: number, run: () => void): void {
    this.#events.push({ atMs: this.#nowMs + inMs, run });
  }

  #join(index: number): void {
    const miner = hex(index + 1, 20);
    this.#online.set(miner, (this.#online.get(miner) ?? 0) + 1);
    this.#market.set(offer(index, { place: index % 4, concurrency: 1 + (index % 3) }));
    if (this.#dice.below(3) === 0) return;
    this.#at(500 + this.#dice.below(20_000), () => {
      this.#online.set(miner, (this.#online.get(miner) ?? 0) + 1);
      this.#market.delete(miner, offer(0).modelDigest);
      if (this.#nowMs < 60_000) this.#at(this.#dice.below(5000), () => this.#join(index));
    });
  }

  #begin(): void {
    const found = this.#market.find(demand({ origin: this.#dice.below(4) }), maximumAttempts);
    if (found.length === 0) return void (this.refused += 1);
    const wanted = 1 + this.#dice.below(60);
    const choices = found.map(({ offer: { miner } }) => miner as string);
    const run: Run = { job: new Job(wanted), wanted, choices, parts: [], ends: 0, state: "running" };
    this.runs.push(run);
    this.#next(run, { kind: "attempt", outputOffset: 0, maxOutputTokens: wanted });
  }

  #next(run: Run, step: Step): void {
    if (step.kind !== "attempt") return this.#end(run, step.kind);
    const miner = run.choices.shift();
    if (miner === undefined) return this.#end(run, "failed");
    const now = this.#market.get(miner as `0x${string}`, offer(0).modelDigest);
    // Gone since the list was made: the next one is asked.
    if (now === undefined) return this.#next(run, step);
    if (run.job.attempts > 0) this.failovers += 1;
    run.job.start(now.miner);
    this.#market.setServed({ ...now, running: now.running + 1 });
    const session = this.#online.get(miner);
    const { outputOffset: from, maxOutputTokens: most } = step;
    expect(from).toBe(run.job.delivered.length);
    const fate = this.#dice.below(10);
    const count = fate < 6 ? most : this.#dice.below(most + 1);
    const codes: readonly FailureCode[] = ["link_closed", "silent", "busy", "engine_failed"];
    const code = this.#dice.pick(codes);
    this.#at(50 + count * 20 + (code === "silent" && fate >= 6 ? 2000 : 0), () => {
      // A link that closed meanwhile took the attempt with it, wherever it stood.
      const isLost = this.#online.get(miner) !== session;
      const after = this.#market.get(miner as `0x${string}`, offer(0).modelDigest);
      if (after !== undefined && !isLost) this.#market.set({ ...after, running: Math.max(0, after.running - 1) });
      const came = isLost ? Math.min(count, this.#dice.below(most + 1)) : count;
      const tokens = Array.from({ length: came }, (_, i) => from + i);
      const part: Part = { from, count: came, paid: 0 };
      run.parts.push(part);
      const isCancelled = fate === 9 && !isLost;
      if (!isLost && (fate < 6 || isCancelled)) {
        part.paid += came;
        const reason = isCancelled ? finishReason.cancelled : finishReason.length;
        const shared = { digest: hex(run.parts.length, 32), inputTokens: 5, amountWei: BigInt(came) };
        return this.#next(run, run.job.end({ kind: "settled", tokens, finishReason: reason, ...shared }));
      }
      // A lost miner comes back later with its proof, sometimes twice: the second settles nothing.
      if (came > 0) {
        for (let copy = 0; copy < 2; copy++) {
          this.#at(this.#dice.below(10_000), () => {
            if (part.paid === 0) part.paid += came;
          });
        }
      }
      this.#next(run, run.job.end({ kind: "failed", tokens, code: isLost ? "link_closed" : code }));
    });
  }

  #end(run: Run, state: "done" | "failed"): void {
    run.ends += 1;
    run.state = state;
  }
}

describe("random schedules of joins, leaves, stalls and cancels", () => {
  it("lose no job, deliver each token once, and pay each once", { timeout: 180_000 }, () => {
    const seen = { done: 0, failed: 0, failovers: 0, several: 0 };
    for (let seed = 1; seed <= 60; seed++) {
      const world = new World(seed, 2 + (seed % 12), 60);
      world.play();
      expect(world.runs.length + world.refused, `seed ${seed}`).toBe(60);
      for (const run of world.runs) {
        expect(run.ends, `seed ${seed}`).toBe(1);
        expect(run.job.attempts).toBeLessThanOrEqual(maximumAttempts);
        const { delivered } = run.job;
        expect(delivered).toEqual([...delivered.keys()]);
        expect(delivered.length).toBeLessThanOrEqual(run.wanted);
        expect(run.parts.reduce((sum, { count }) => sum + count, 0)).toBe(delivered.length);
        for (const [i, part] of run.parts.entries()) {
          expect(part.from).toBe(run.parts.slice(0, i).reduce((sum, { count }) => sum + count, 0));
          expect(part.paid).toBe(part.count);
        }
        const summary = run.job.summary();
        if (run.state === "done" && summary.finish !== "cancelled") expect(delivered.length).toBe(run.wanted);
        if (run.state === "done") seen.done += 1;
        else seen.failed += 1;
        if (run.parts.length > 1) seen.several += 1;
      }
      seen.failovers += world.failovers;
      // Nobody keeps a slot for a job that is over.
      expect(world.load, `seed ${seed}`).toBe(0);
    }
    expect(Math.min(seen.done, seen.failovers, seen.several, seen.failed)).toBeGreaterThan(10);
  });
});
