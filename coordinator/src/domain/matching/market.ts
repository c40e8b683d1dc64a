import type { Hex } from "@lode/sdk/hash";
import { figures } from "../figures.ts";
import { latencyTiers } from "../pricing/tier.ts";
import { Frontier } from "./frontier.ts";
import { House, isAlike, type Entry, type Group } from "./house.ts";
import { columns, limitsOf, mayHold, measure, rowLength, tiers, width, type Limits } from "./columns.ts";
import { fitsBesides, isFull, isWanted, wayCost, weights, type Demand, type Offer } from "./objective.ts";
import { offerLevel } from "./offer-tree.ts";

/** Round trips between places by index, as the market asks for them. */
export interface Ways {
  roundTripMs(from: number, to: number): number;
}

/** An offer that a job can have, and what it would cost. */
export interface Found {
  readonly offer: Offer;
  /** The objective's value: smaller is better. */
  readonly cost: number;
  readonly roundTripMs: number;
}

/** An offer as it stands in the market. */
export interface Listed {
  readonly offer: Offer;
  /** When it last got a job, counted in jobs and arrivals. */
  readonly turn: number;
  readonly isAsked: boolean;
}

interface Hit extends Found {
  readonly turn: number;
}

/** A search that runs. */
interface Search {
  readonly house: House;
  readonly demand: Demand;
  readonly tier: number;
  readonly limits: Limits;
  /** Whether groups of a kind may hold an offer for the job, by the kind's number. */
  readonly kinds: readonly boolean[];
  /** What was met of other engine classes. */
  readonly aside: { readonly cost: number; readonly group: number; readonly level: number; readonly index: number }[];
}

const turnsMost = figures.objective.turnsMost.value;

/** Stands for a whole group in the frontier, above every level of its tree. */
const rootOf = 127;
/** Added to a level it stands for what comes behind a child of a block: looked for only when its turn comes. */
const behind = 64;

/**
 * All offers, so arranged that the best one for a job is found without looking at most of them, and is exactly the one that a full scan
 * would find. Offers of one kind and place form a group with a tree of their own: within it the way to the client is
 * the same, so the order does not depend on the job. A search takes the best heads of few groups and goes down only where it must.
 */
export class Market {
  readonly #ways: Ways;
  readonly #houses = new Map<Hex, House>();
  readonly #frontier = new Frontier();
  readonly #values = new Float64Array(rowLength);
  /** Groups that the running search has opened, and the round trips to them. */
  readonly #opened: Group[] = [];
  readonly #trips: number[] = [];
  /** What each place of the running search offers at best; Infinity for those that it has opened. */
  #siteBounds = new Float64Array(64);
  /** The best of those that are left. */
  #nextSite = 0;
  #nextBound = Infinity;
  #turn = 0;

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  /** Offers, those that cannot be asked now included. */
  get size(): number {
    return [...this.#houses.values()].reduce((sum, { entries }) => sum + entries.size, 0);
  }

  /** Bytes in the trees of those that can be asked. */
  get treeBytes(): number {
    return [...this.#houses.values()].reduce((sum, house) => sum + house.treeBytes, 0);
  }

  /** Adds an offer or replaces it. O(log n). @param isAsked false keeps it, but finds it for nobody */
  set(offer: Offer, isAsked = true): void {
    const house = this.#houseOf(offer.modelDigest);
    let entry = house.entries.get(offer.miner);
    if (entry === undefined) {
      entry = { offer, turn: ++this.#turn, group: undefined, leaf: 0 };
      house.entries.set(offer.miner, entry);
    }
    // Turns far back count no more than the most that count, so that their weight stays that of a tie.
    entry.turn = Math.max(entry.turn, this.#turn - turnsMost);
    this.#place(house, entry, offer, isAsked);
  }

  /** As `set`, for a miner that just got a job: among equals it comes last now. */
  setServed(offer: Offer): void {
    const house = this.#houses.get(offer.modelDigest);
    const entry = house?.entries.get(offer.miner);
    if (house === undefined || entry === undefined) return this.set(offer);
    entry.turn = ++this.#turn;
    this.#place(house, entry, offer, true);
  }

  get(miner: Hex, modelDigest: Hex): Offer | undefined {
    return this.#houses.get(modelDigest)?.entries.get(miner)?.offer;
  }

  delete(miner: Hex, modelDigest: Hex): void {
    const house = this.#houses.get(modelDigest);
    const entry = house?.entries.get(miner);
    if (house === undefined || entry === undefined) return;
    house.take(entry);
    house.entries.delete(miner);
    if (house.entries.size === 0) this.#houses.delete(modelDigest);
  }

  /** Every offer of a model in no order, with its turn and whether it can be asked. */
  *offersOf(modelDigest: Hex): Generator<Listed> {
    for (const { offer, turn, group } of this.#houses.get(modelDigest)?.entries.values() ?? []) {
      yield { offer, turn, isAsked: group !== undefined };
    }
  }

  /**
   * The best offers for a job, best first. The first would do it, the others are its fallbacks: those of the first one's engine
   * class come before the rest, because only they continue a stream exactly.
   */
  find(demand: Demand, count: number): Found[] {
    const search = this.#begin(demand, false);
    if (search === undefined) return [];
    const best: Hit[] = [];
    this.#take(search, best, 1, undefined);
    const [first, ...equals] = best;
    if (first === undefined || count === 1) return best.slice(0, 1);
    const { engineClass } = first.offer;
    const isSame = ({ offer }: Found): boolean => offer.engineClass === engineClass;
    const same = [first, ...equals.filter(isSame)];
    this.#take(search, same, count, engineClass);
    if (same.length >= count) return same.slice(0, count);
    // Its class has too few, so the frontier is empty: what was put aside is all there is.
    const others = equals.filter((hit) => !isSame(hit));
    for (const { cost, group, level, index } of search.aside) this.#frontier.push(cost, group, level, index);
    this.#take(search, others, count - same.length, undefined);
    return [...same, ...others].slice(0, count);
  }

  /** The best offer of a miner whose trust is not earned yet. */
  findNewcomer(demand: Demand): Found | undefined {
    const search = this.#begin(demand, true);
    const best: Hit[] = [];
    if (search !== undefined) this.#take(search, best, 1, undefined);
    return best[0];
  }

  #begin(demand: Demand, isNew: boolean): Search | undefined {
    const house = this.#houses.get(demand.modelDigest);
    if (house === undefined) return undefined;
    const tier = latencyTiers.indexOf(demand.latency);
    const { second } = weights[demand.latency];
    this.#frontier.clear();
    this.#opened.length = 0;
    this.#trips.length = 0;
    const { places, crowns } = house;
    // Few places are opened by a search, so that looking through all of them again costs less than keeping them in order.
    if (this.#siteBounds.length < places.length) this.#siteBounds = new Float64Array(2 * places.length);
    for (let index = 0; index < places.length; index++) {
      const tripMs = this.#ways.roundTripMs(demand.origin, places[index] ?? 0);
      this.#siteBounds[index] = (crowns[index * columns + tier] ?? Infinity) + (second * tripMs) / 1000;
    }
    this.#seekSite(places.length);
    const kinds = house.samples.map((kind) => isWanted(kind, demand) && !(isNew && kind.isTrusted));
    return { house, demand, tier, limits: limitsOf(demand), kinds, aside: [] };
  }

  /** Finds the best of the places that are left. Nobody is found at one whose bound is Infinity. */
  #seekSite(sites: number): void {
    this.#nextBound = Infinity;
    for (let index = 0; index < sites; index++) {
      const bound = this.#siteBounds[index] ?? Infinity;
      if (bound >= this.#nextBound) continue;
      this.#nextBound = bound;
      this.#nextSite = index;
    }
  }

  /**
   * Goes on until `found` holds the best `count`, or nothing is left. Best first over places, groups and trees: what is taken out next is
   * never worse than anything left. @param engineClass what belongs to others is put aside
   */
  #take(search: Search, found: Hit[], count: number, engineClass: Hex | undefined): void {
    const frontier = this.#frontier;
    const { house, aside } = search;
    for (;;) {
      const cost = frontier.bound;
      const isSite = this.#nextBound <= cost;
      const bound = isSite ? this.#nextBound : cost;
      // Equals of the last one are looked at too: who of them comes first is not decided by the tree's shape.
      if (bound === Infinity || (found.length >= count && bound > (found[count - 1]?.cost ?? Infinity))) return;
      if (isSite) {
        const site = this.#nextSite;
        this.#siteBounds[site] = Infinity;
        this.#seekSite(house.places.length);
        this.#openSite(search, site);
        continue;
      }
      frontier.pop();
      const { group: number, level, index } = frontier;
      const group = this.#opened[number];
      if (group === undefined) continue;
      if (engineClass !== undefined && group.engineClass !== engineClass) {
        aside.push({ cost, group: number, level, index });
        continue;
      }
      if (level === rootOf) {
        this.#push(search, group, number, group.tree.topLevel, 0, -1);
        continue;
      }
      if (level >= behind + offerLevel) {
        this.#push(search, group, number, level - behind, Math.floor(index / width), index);
        continue;
      }
      if (level === offerLevel) this.#weigh(search, group, number, index, found);
      else this.#push(search, group, number, level - 1, index, -1);
    }
  }

  #openSite({ house, demand, tier, limits, kinds }: Search, site: number): void {
    const { places, crowns, roots, starts, groups } = house;
    const tripMs = this.#ways.roundTripMs(demand.origin, places[site] ?? 0);
    if (!mayHold(crowns, site * columns + tiers, tripMs, limits)) return;
    const way = wayCost(demand.latency, tripMs);
    const end = starts[site + 1] ?? 0;
    for (let index = starts[site] ?? 0; index < end; index++) {
      if (kinds[house.kinds[index] ?? 0] !== true || !mayHold(roots, index * columns + tiers, tripMs, limits)) continue;
      const group = groups[index];
      if (group === undefined) continue;
      this.#opened.push(group);
      this.#trips.push(tripMs);
      this.#frontier.push((roots[index * columns + tier] ?? Infinity) + way, this.#opened.length - 1, rootOf, 0);
    }
  }

  /** The best of a block's children that come after `before` becomes a candidate. */
  #push(
    { demand, tier, limits }: Search,
    { tree }: Group,
    number: number,
    level: number,
    block: number,
    before: number,
  ): void {
    const tripMs = this.#trips[number] ?? 0;
    const child = tree.next(level, block, tier, before, tripMs, limits);
    if (child < 0) return;
    const way = wayCost(demand.latency, tripMs);
    const { cost, following } = tree;
    this.#frontier.push(cost + way, number, level, child);
    // Only the best of a block waits in the frontier, and a word that there are others.
    if (following !== Infinity) this.#frontier.push(following + way, number, level + behind, child);
  }

  /** An offer that is within the limits of its row: what it costs to the last bit, if nothing else speaks against it. */
  #weigh({ demand, tier, limits }: Search, { members, tree }: Group, number: number, leaf: number, found: Hit[]): void {
    const entry = members[leaf];
    if (entry === undefined) return;
    const { offer, turn } = entry;
    const roundTripMs = this.#trips[number] ?? 0;
    // Its row says all the rest: an offer itself lies far away in the memory.
    const isOpen = demand.without !== undefined || tree.isAtCeiling(leaf, limits);
    if (isOpen && !fitsBesides(offer, demand, roundTripMs)) return;
    const cost = tree.exactCost(leaf, tier) + wayCost(demand.latency, roundTripMs);
    insert(found, { offer, cost, roundTripMs, turn });
  }

  #place(house: House, entry: Entry, offer: Offer, isAsked: boolean): void {
    const before = entry.offer;
    entry.offer = offer;
    if (!isAsked || isFull(offer)) return house.take(entry);
    // No order holds with what is no number: it would come before everybody, or hide whoever stands beside it.
    if (!measure(this.#values, offer, entry.turn)) return house.take(entry);
    // Compared with its last offer, which shares its texts: those of a group are others', and would be read to their ends.
    if (entry.group !== undefined && isAlike(before, offer)) house.update(entry, entry.group, this.#values);
    else house.put(entry, this.#values);
  }

  #houseOf(modelDigest: Hex): House {
    let house = this.#houses.get(modelDigest);
    if (house === undefined) {
      house = new House();
      this.#houses.set(modelDigest, house);
    }
    return house;
  }
}

/** Keeps the few best in order. */
function insert(found: Hit[], hit: Hit): void {
  let at = found.length;
  found.push(hit);
  for (; at > 0; at--) {
    const before = found[at - 1];
    if (before === undefined || before.cost < hit.cost || (before.cost === hit.cost && before.turn < hit.turn)) break;
    found[at] = before;
  }
  found[at] = hit;
}
