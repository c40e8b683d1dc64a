import type { Hex } from "@lode/sdk/hash";
import { expect, it } from "vitest";
import { Calendar } from "../../../coordinator/src/domain/bookings/calendar.ts";
import { Registry } from "../../../coordinator/src/domain/reliability/history.ts";
import { Floor } from "../../../coordinator/src/plugins/app/market/floor.ts";
import { MinerSession } from "../../../coordinator/src/plugins/app/relay/session.ts";
import { Dice } from "../../../scripts/bench/market/dice.ts";
import { demoModel } from "../edge/scripted-miner.ts";
import { client, nowMs, prices } from "../fixture.ts";
import { hex } from "./markets.ts";

/** A market on a clock of its own, in which some miners do their jobs and others lose their lines in each. */
class World {
  readonly registry = new Registry();
  readonly #dice: Dice;
  #nowMs = nowMs;
  readonly #floor: Floor;
  readonly #sessions = new Map<Hex, MinerSession>();
  readonly #failing = new Set<Hex>();

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.#floor = new Floor({
      ...{ registry: this.registry, calendar: new Calendar(), list: prices, pricing: "fixed", place: "frankfurt" },
      ...{ tenancy: new Map(), firstTokenMs: 60_000, nowMs: () => this.#nowMs, random: () => this.#dice.next() },
    });
  }

  add(number: number, outputPriceWei: number, fails = false): Hex {
    const miner = hex(number, 20);
    const ask = { inputPriceWei: "1", outputPriceWei: `${outputPriceWei}` };
    const session = new MinerSession(
      {
        ...{ id: `${number}`, miner, pending: [], seenMs: nowMs, heardMs: 0 },
        capabilities: { version: "test", concurrency: 4, hardware: {}, models: [demoModel], ask },
      },
      { send: () => undefined, ping: () => undefined, close: () => undefined },
    );
    session.isResumed = true;
    this.#sessions.set(miner, session);
    if (fails) this.#failing.add(miner);
    this.#floor.refresh(session);
    return miner;
  }

  earn(miner: Hex): void {
    for (let job = 0; job < 60; job++) this.#note(miner, true);
  }

  isTrusted(miner: Hex): boolean {
    return this.registry.standing(miner, this.#nowMs).isTrusted;
  }

  /** Jobs one after the other, each moving on from whoever fails. Returns how often each miner was tried. */
  play(jobs: number): Map<Hex, number> {
    const tried = new Map<Hex, number>();
    for (let job = 0; job < jobs; job++) {
      this.#nowMs += 1000;
      const asked = { client: client.address, model: demoModel, tier: 1, maxTokens: 10, isConstrained: false };
      for (const { offer } of this.#floor.choose({ ...asked, wishes: {} })?.found ?? []) {
        tried.set(offer.miner, (tried.get(offer.miner) ?? 0) + 1);
        const isGood = !this.#failing.has(offer.miner);
        this.#note(offer.miner, isGood);
        if (isGood) break;
      }
    }
    return tried;
  }

  #note(miner: Hex, isGood: boolean): void {
    this.registry.apply(miner, { event: isGood ? "completed_request" : "failed_request", atMs: this.#nowMs });
    const session = this.#sessions.get(miner);
    if (session !== undefined) this.#floor.served(session, demoModel.digest);
  }
}

it.each([1, 2, 3])("newcomers earn their trust beside one that is cheaper and always fails (schedule %i)", (seed) => {
  const world = new World(seed);
  const proven = world.add(1, 400);
  world.earn(proven);
  const cheat = world.add(2, 300, true);
  const good = [world.add(3, 500), world.add(4, 510), world.add(5, 520)];
  const tried = world.play(4000);
  // About two hundred tries go to newcomers, of which each needs fifty.
  expect(good.map((miner) => world.isTrusted(miner))).toEqual([true, true, true]);
  // Once all others are trusted it is the only newcomer that is left to be tried.
  expect(tried.get(cheat)).toBeLessThan(100);
});

it("one that failed is tried again where there is no other newcomer", () => {
  const world = new World(4);
  world.earn(world.add(1, 400));
  const unlucky = world.add(2, 900);
  world.registry.apply(unlucky, { event: "failed_request", atMs: nowMs });
  world.play(4000);
  expect(world.isTrusted(unlucky)).toBe(true);
});
