import { describe, expect, it } from "vitest";
import { Calendar } from "../../../coordinator/src/domain/bookings/calendar.ts";
import { explain } from "../../../coordinator/src/domain/matching/explain.ts";
import { Registry } from "../../../coordinator/src/domain/reliability/history.ts";
import { Floor } from "../../../coordinator/src/plugins/app/market/floor.ts";
import { Rounds } from "../../../coordinator/src/plugins/app/market/rounds.ts";
import { MinerSession } from "../../../coordinator/src/plugins/app/relay/session.ts";
import { demoModel } from "../edge/scripted-miner.ts";
import { client, nowMs, prices } from "../fixture.ts";
import { demand, hex, offer } from "./markets.ts";

const floor = (): Floor =>
  new Floor({
    registry: new Registry(),
    calendar: new Calendar(),
    list: prices,
    pricing: "dynamic",
    place: "frankfurt",
    tenancy: new Map(),
    firstTokenMs: 60_000,
    nowMs: () => nowMs,
    random: () => 0.99,
  });

/** A miner that can be asked. The higher its number, the dearer it is. */
function linked(number: number, outputPriceWei: number, contextTokens = demoModel.contextTokens): MinerSession {
  const ask = { inputPriceWei: "1", outputPriceWei: `${outputPriceWei}` };
  const models = [{ ...demoModel, contextTokens }];
  const session = new MinerSession(
    {
      ...{ id: `${number}`, miner: hex(number + 1, 20), pending: [], seenMs: nowMs, heardMs: 0 },
      capabilities: { version: "test", concurrency: 1, hardware: {}, models, ask },
    },
    { send: () => undefined, ping: () => undefined, close: () => undefined },
  );
  session.isResumed = true;
  return session;
}

/** Explanations of so many jobs of one market, of which nobody is given away. */
function explained(sessions: readonly MinerSession[], jobs: number) {
  const market = floor();
  for (const session of sessions) market.refresh(session);
  return Array.from({ length: jobs }, (_, i) => {
    const jobId = `job ${i}`;
    const asked = { jobId, client: client.address, model: demoModel, tier: 1, maxTokens: 500, isConstrained: false };
    const decision = market.choose({ ...asked, wishes: {} });
    return { decision: decision!, explanation: market.explanations.get(jobId)! };
  });
}

describe("the explanation of a decision", () => {
  it("names the best of a large market with their costs, and counts why the others lost, everybody in turn", () => {
    const able = Array.from({ length: 120 }, (_, i) => linked(i, 100 + i));
    const dear = Array.from({ length: 50 }, (_, i) => linked(200 + i, 1001));
    const small = Array.from({ length: 30 }, (_, i) => linked(300 + i, 100, 499));
    const sums: Record<string, number> = {};
    for (const { decision, explanation } of explained([...dear, ...able, ...small], 26)) {
      const { candidates, chosen, considered, others } = explanation;
      expect(candidates.map(({ miner }) => miner)).toEqual(able.slice(0, 16).map(({ miner }) => miner));
      expect(chosen).toEqual(decision.found.map(({ offer }) => offer.miner));
      expect(candidates[0]!.miner).toBe(chosen[0]);
      expect(candidates[0]!.cost).toBeCloseTo(decision.found[0]!.cost);
      expect(considered).toBe(16 + Object.values(others).reduce((sum, count) => sum + count, 0));
      for (const [reason, count] of Object.entries(others)) sums[reason] = (sums[reason] ?? 0) + count;
    }
    expect(Object.keys(sums).sort()).toEqual(["context", "cost", "price"]);
    // 832 looks are four rounds of two hundred, and the first 32 once more: all of these are too dear.
    expect([sums["price"], sums["context"]]).toEqual([4 * 50 + 32, 4 * 30]);
  });

  it("looks at everybody of a small market, and counts those that it has no room to name", () => {
    const sessions = [
      ...Array.from({ length: 20 }, (_, i) => linked(i, 100 + i)),
      ...Array.from({ length: 44 }, (_, i) => linked(100 + i, 1001)),
    ];
    for (const { explanation } of explained(sessions, 3)) {
      expect(explanation).toMatchObject({ considered: 64, others: { cost: 4, price: 44 } });
      expect(explanation.candidates).toHaveLength(16);
    }
    const [few] = explained(sessions.slice(16, 24), 1);
    expect(few!.explanation).toMatchObject({ considered: 8, others: {} });
    expect(few!.explanation.candidates.filter(({ broken }) => broken.includes("price"))).toHaveLength(4);
  });
});

it("names whoever was chosen to be tried, wherever it stands", () => {
  const offers = Array.from({ length: 40 }, (_, i) => ({ offer: offer(i, { priceRatio: i }), turn: 0, isAsked: true }));
  const [best, newcomer] = [hex(1, 20), hex(40, 20)];
  const { candidates, others } = explain(offers, demand(), [newcomer, best], true, () => 10);
  expect(candidates.map(({ miner }) => miner)).toEqual([
    ...offers.slice(0, 16).map((one) => one.offer.miner),
    newcomer,
  ]);
  expect(others).toEqual({ cost: 23 });
});

describe("rounds", () => {
  it("take up where they stopped, and begin anew at the end", () => {
    const rounds = new Rounds<string, number>();
    const next = (count: number, of: readonly number[]): number[] => rounds.next("a", count, () => of.values());
    const seven = [1, 2, 3, 4, 5, 6, 7];
    expect([next(3, seven), next(3, seven), next(3, seven)]).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 1, 2],
    ]);
    expect(rounds.next("b", 3, () => seven.values())).toEqual([1, 2, 3]);
    // Fewer than are asked for come once each.
    expect([rounds.next("c", 9, () => seven.values()), rounds.next("c", 9, () => seven.values())]).toEqual([
      seven,
      seven,
    ]);
    expect(rounds.next("d", 3, () => [].values())).toEqual([]);
  });
});
