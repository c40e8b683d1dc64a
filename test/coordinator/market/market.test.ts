import { describe, expect, it } from "vitest";
import { Market } from "../../../coordinator/src/domain/matching/market.ts";
import { localTerms, type Demand, type Offer } from "../../../coordinator/src/domain/matching/objective.ts";
import { figures } from "../../../coordinator/src/domain/figures.ts";
import { Dice } from "../../../scripts/bench/market/dice.ts";
import { demand, digest, hex, offer, randomDemand, randomOffer } from "./markets.ts";

const trips = [0, 12, 35, 90, 160, 280];
const ways = { roundTripMs: (from: number, to: number): number => trips[Math.abs(from - to)] ?? 500 };

const placeMarket = (...offers: Offer[]): Market => {
  const market = new Market(ways);
  for (const one of offers) market.set(one);
  return market;
};
const minersOf = (market: Market, wanted: Demand, count = 4): number[] =>
  market.find(wanted, count).map(({ offer: { miner } }) => Number(miner) - 1);

/** The objective and the constraints once more, written from their description and sharing no code with the market. */
function costByHand(one: Offer, job: Demand, turn: number): number | undefined {
  const rtt = ways.roundTripMs(job.origin, one.place);
  const queued = one.running - one.concurrency + 1;
  const local =
    one.accessMs + one.firstTokenMs + one.loadMs + (queued > 0 ? (queued * one.usualJobMs) / one.concurrency : 0);
  const isTaken =
    one.modelDigest === job.modelDigest &&
    one.running < 4 * one.concurrency &&
    one.inputAskWei <= job.inputCeilingWei &&
    one.outputAskWei <= job.outputCeilingWei &&
    rtt + local <= job.budgetMs &&
    one.loadMs <= job.loadBudgetMs &&
    (job.regions === undefined || job.regions.has(one.region)) &&
    job.pools.has(one.pool) &&
    [1, 2, 4][job.verification]! === (one.tiers & [1, 2, 4][job.verification]!) &&
    (job.abilities === 1 || one.abilities === job.abilities) &&
    one.privacy >= job.privacy &&
    one.contextTokens >= job.contextTokens &&
    one.trust >= job.leastTrust &&
    !(job.without?.has(one.miner) ?? false);
  if (!isTaken) return undefined;
  const second = { realtime: 18, fast: 6, standard: 1.5, economy: 0.1 }[job.latency];
  const price = { realtime: 0.5, fast: 0.75, standard: 1, economy: 2 }[job.latency];
  return (
    price * one.priceRatio +
    (second * (local + rtt)) / 1000 +
    (1 - one.trust) +
    0.3 * (one.running / one.concurrency + one.strain) +
    0.25 * (1 - one.capability) +
    0.1 * one.energy +
    1e-12 * turn
  );
}

interface Listed {
  readonly offer: Offer;
  readonly isAsked: boolean;
  readonly turn: number;
}

/** What a market must answer: best first; from the second on those of the first one's engine class before others. */
function byHand(offers: Iterable<Listed>, job: Demand): { offer: Offer; cost: number }[] {
  const costs = [...offers].flatMap(({ offer: one, turn, isAsked }) => {
    const cost = isAsked ? costByHand(one, job, turn) : undefined;
    return cost === undefined ? [] : [{ offer: one, cost }];
  });
  costs.sort((a, b) => a.cost - b.cost);
  return costs;
}

describe("the best match", () => {
  it("is the one of a full scan on 10,000 random markets that change, and breaks no constraint", () => {
    const dice = new Dice(20261121);
    let answers = 0;
    for (let number = 0; number < 10_000; number++) {
      const market = new Market(ways);
      const listed = new Map<string, Listed>();
      const count = number % 100 === 0 ? 300 : 1 + dice.below(30);
      let turn = 0;
      for (let i = 0; i < count; i++) {
        const one = randomOffer(dice, i);
        market.set(one);
        listed.set(one.miner + one.modelDigest, { offer: one, turn: ++turn, isAsked: true });
      }
      for (let step = 0; step < 6; step++) {
        const victim = dice.pick([...listed.values()]);
        const key = victim.offer.miner + victim.offer.modelDigest;
        const kind = dice.below(6);
        if (kind === 0 && listed.size > 1) {
          market.delete(victim.offer.miner, victim.offer.modelDigest);
          listed.delete(key);
        } else if (kind === 1) {
          const busier = { ...victim.offer, running: dice.below(10) };
          market.setServed(busier);
          listed.set(key, { offer: busier, turn: ++turn, isAsked: true });
        } else if (kind === 4) {
          // Its model was loaded, or left.
          const shelved = { ...victim.offer, loadMs: dice.pick([0, 400, 3000]) };
          market.set(shelved, victim.isAsked);
          listed.set(key, { ...victim, offer: shelved });
        } else if (kind === 5) {
          // Its other models leave no room for this one any more, or do again.
          market.set(victim.offer, !victim.isAsked);
          listed.set(key, { ...victim, isAsked: !victim.isAsked });
        } else {
          const { miner, modelDigest } = victim.offer;
          const changed = { ...randomOffer(dice, 0), miner, modelDigest };
          market.set(changed);
          listed.set(key, { offer: changed, turn: victim.turn, isAsked: true });
        }
      }
      const job = randomDemand(dice, count);
      const expected = byHand(listed.values(), job);
      const found = market.find(job, 4);
      // The best is the best; then its engine class; then the others, each in order.
      const engineClass = expected[0]?.offer.engineClass;
      const ordered = [
        ...expected.filter((one) => one.offer.engineClass === engineClass),
        ...expected.filter((one) => one.offer.engineClass !== engineClass),
      ].slice(0, 4);
      const names = found.map(({ offer: one }) => one.miner);
      const hint = `market ${number}`;
      expect(names, hint).toEqual(ordered.map(({ offer: one }) => one.miner));
      for (const [i, { cost }] of found.entries()) expect(cost, hint).toBeCloseTo(ordered[i]!.cost, 9);
      answers += found.length;
    }
    // Most markets have somebody for the job: an empty answer everywhere would prove nothing.
    expect(answers).toBeGreaterThan(10_000);
  }, 120_000);

  it.each<[string, Partial<Offer>, Partial<Demand>]>([
    ["another model", { modelDigest: digest(1) }, {}],
    ["a full queue", { running: 8 }, {}],
    ["an ask for input above the ceiling", { inputAskWei: 11n }, {}],
    ["an ask for output above the ceiling", { outputAskWei: 101n }, {}],
    [
      "an ask that only exact numbers tell from the ceiling",
      { outputAskWei: 2n ** 60n + 1n },
      { outputCeilingWei: 2n ** 60n },
    ],
    ["a way beyond the budget", { place: 2 }, { budgetMs: 94 }],
    ["a queue beyond the budget", { running: 2 }, { budgetMs: 2059 }],
    ["a model that takes too long to load", { loadMs: 5001 }, { loadBudgetMs: 5000 }],
    ["another region", { region: "na" }, { regions: new Set(["eu"]) }],
    ["somebody else's pool", { pool: "acme" }, {}],
    ["a tier that it does not serve", { tiers: 1 }, {}],
    ["a model without what is asked of it", { abilities: 1 }, { abilities: 9 }],
    ["less privacy", { privacy: 1 }, { privacy: 2 }],
    ["too short a context", { contextTokens: 4096 }, { contextTokens: 4097 }],
    ["too little trust", { trust: 0.79 }, { leastTrust: 0.8 }],
    ["being asked before", {}, { without: new Set([hex(1, 20)]) }],
  ])("is nobody with %s", (_name, change, wanted) => {
    // The same job goes to the same miner without that one change.
    const others: Partial<Demand> = { ...wanted, without: undefined, privacy: 0, abilities: 1 };
    expect(minersOf(placeMarket(offer(0)), demand(others))).toEqual([0]);
    expect(minersOf(placeMarket(offer(0, change)), demand(wanted))).toEqual([]);
  });

  it("takes what lies exactly on a boundary", () => {
    const exact = offer(0, { place: 2, running: 7, loadMs: 5000, trust: 0.8 });
    const job = demand({
      budgetMs: 35 + 10 + 50 + 5000 + 12_000,
      loadBudgetMs: 5000,
      leastTrust: 0.8,
      contextTokens: 8192,
    });
    expect(minersOf(placeMarket(exact), job)).toEqual([0]);
    expect(minersOf(placeMarket(exact), { ...job, budgetMs: job.budgetMs - 1 })).toEqual([]);
  });

  it("is nobody that must not be asked", () => {
    const market = placeMarket(offer(0), offer(1));
    market.set(offer(0), false);
    expect(minersOf(market, demand())).toEqual([1]);
    market.set(offer(0));
    expect(minersOf(market, demand())).toEqual([0, 1]);
    expect(market.size).toBe(2);
  });
});

describe("who comes first", () => {
  it.each<[string, Partial<Offer>, Partial<Offer>, Partial<Demand>]>([
    ["the nearer one", { place: 1 }, { place: 2 }, {}],
    ["the cheaper one", { priceRatio: 0.8 }, {}, {}],
    ["the more reliable one", { trust: 0.95 }, {}, {}],
    ["the less busy one", {}, { running: 1 }, {}],
    ["the more capable one", { capability: 0.9 }, {}, {}],
    ["the cooler one", {}, { strain: 0.25 }, {}],
    ["the one that needs less energy", {}, { energy: 1 }, {}],
    ["the one with the steadier line", {}, { accessMs: 60 }, {}],
    ["the one that has the model loaded", {}, { loadMs: 3000 }, {}],
    ["the cheap one, far away, for economy", { priceRatio: 0.8, place: 5 }, {}, { latency: "economy" }],
    ["the near one, dearer, for realtime", {}, { priceRatio: 0.8, place: 3 }, { latency: "realtime" }],
  ])("%s", (_name, better, worse, wanted) => {
    expect(minersOf(placeMarket(offer(0, worse), offer(1, better)), demand(wanted))).toEqual([1, 0]);
    expect(minersOf(placeMarket(offer(0, better), offer(1, worse)), demand(wanted))).toEqual([0, 1]);
  });

  it("is, among equals, whoever waits longest", () => {
    const market = placeMarket(...Array.from({ length: 20 }, (_, i) => offer(i)));
    const order: number[] = [];
    for (let job = 0; job < 40; job++) {
      const [first] = market.find(demand(), 1);
      order.push(Number(first!.offer.miner) - 1);
      market.setServed(first!.offer);
    }
    expect(order).toEqual([...Array(20).keys(), ...Array(20).keys()]);
  });

  it("is decided by the turn between equals only, however long somebody waited", () => {
    const { turnsMost } = figures.objective;
    expect(localTerms(offer(0), "standard", turnsMost.value).turn).toBeLessThanOrEqual(0.001);
  });

  it("prefers fallbacks that continue a stream exactly, however far down they stand", () => {
    const other = { engineClass: digest(101), trust: 0.89 };
    const crowd = [offer(0), ...Array.from({ length: 9 }, (_, i) => offer(1 + i, other)), offer(10, { trust: 0.3 })];
    expect(minersOf(placeMarket(...crowd), demand())).toEqual([0, 10, 1, 2]);
  });

  it("leaves newcomers to be explored, nearest and best first", () => {
    const fresh = { isTrusted: false, trust: 0.2 };
    const market = placeMarket(offer(0), offer(1, { ...fresh, place: 3 }), offer(2, fresh));
    expect(Number(market.findNewcomer(demand())!.offer.miner) - 1).toBe(2);
    expect(market.findNewcomer(demand({ leastTrust: figures.reliability.earned.value }))).toBeUndefined();
    expect(minersOf(market, demand(), 1)).toEqual([0]);
  });
});

describe("an offer whose figures are no numbers", () => {
  const numbers = Object.entries(offer(0)).flatMap(([name, value]) =>
    typeof value === "number" && !["place", "tiers", "abilities", "privacy"].includes(name) ? [name] : [],
  );

  it.each(numbers)("is found for nobody and hides nobody: %s", (name) => {
    const crowd = Array.from({ length: 20 }, (_, i) => offer(i, { trust: 0.9 - i / 100, running: 2 }));
    const market = placeMarket(...crowd);
    expect(minersOf(market, demand())).toEqual([0, 1, 2, 3]);
    for (const odd of [0, 2, 11]) market.set({ ...crowd[odd]!, [name]: NaN });
    expect(minersOf(market, demand(), 20)).toEqual([...Array(20).keys()].filter((i) => ![0, 2, 11].includes(i)));
    market.set(crowd[0]!);
    expect(minersOf(market, demand(), 2)).toEqual([0, 1]);
  });
});

describe("a market that changes", () => {
  it("keeps nothing of those who left", () => {
    const market = new Market(ways);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 500; i++) market.set(offer(i, { place: i % 6, pool: `pool ${i % 50}` }));
      for (let i = 0; i < 500; i++) market.delete(hex(i + 1, 20), digest(0));
    }
    expect(market.size).toBe(0);
    expect([...market.offersOf(digest(0))]).toEqual([]);
    expect(market.treeBytes).toBe(0);
  });

  it("ignores leaving twice", () => {
    const market = placeMarket(offer(0));
    market.delete(hex(9, 20), digest(0));
    market.delete(hex(1, 20), digest(5));
    expect(market.size).toBe(1);
  });
});
