import type { Hex } from "@lode/sdk/hash";
import type { OfferedModel } from "@lode/protocol";
import type { Calendar } from "../../../domain/bookings/calendar.ts";
import { cardOf, numberIn } from "../../../domain/capability/card.ts";
import { ineligibility, type Ineligible } from "../../../domain/capability/eligibility.ts";
import { capabilityScore } from "../../../domain/capability/score.ts";
import { figures } from "../../../domain/figures.ts";
import { abilitiesFor, abilitiesOf } from "../../../domain/matching/abilities.ts";
import { explain, mostNamed, type Explanation } from "../../../domain/matching/explain.ts";
import { findNewcomer, isExploring } from "../../../domain/matching/explore.ts";
import { Market, type Found, type Listed } from "../../../domain/matching/market.ts";
import { localMs, poolText, publicPool, type Demand, type Offer } from "../../../domain/matching/objective.ts";
import { isPossible, LatencyMap } from "../../../domain/places/latency.ts";
import { places, type Place } from "../../../domain/places/places.ts";
import { baseOf, priceOf, priceRatio, type PriceBreakdown, type TokenPrices } from "../../../domain/pricing/price.ts";
import { tierTerms, type LatencyTier } from "../../../domain/pricing/tier.ts";
import { breaches, strainOf } from "../../../domain/qos/thresholds.ts";
import type { Quality } from "../../../domain/qos/score.ts";
import type { Registry } from "../../../domain/reliability/history.ts";
import { takesWork } from "../../../domain/reliability/status.ts";
import { trustOverLine } from "../../../domain/reliability/trust.ts";
import type { BatchHint } from "../../../domain/scheduling/batching.ts";
import { energyTerm, joulesPerToken, type Energy } from "../../../domain/scheduling/energy.ts";
import { Shortage } from "../../../domain/scheduling/wanted.ts";
import { poolsOf, type Tenancy } from "../../../domain/tenancy.ts";
import type { MinerSession } from "../relay/session.ts";
import { PriceCeilingError } from "./errors.ts";
import { RecentMap } from "./recent-map.ts";
import { Rounds } from "./rounds.ts";
import { SlotCount } from "./slot-count.ts";
import type { Wishes } from "./wishes.ts";

export interface FloorOptions {
  readonly registry: Registry;
  readonly calendar: Calendar;
  readonly list: TokenPrices;
  /** "fixed" takes the list price whatever the market is like. */
  readonly pricing: "dynamic" | "fixed";
  /** Id of the place where this coordinator stands. */
  readonly place: string;
  readonly tenancy: Tenancy;
  /** Versions of cards' drivers that compute wrongly; none unless given. */
  readonly badDrivers?: ReadonlySet<string> | undefined;
  /** How long an attempt may be without a first token, milliseconds: loading a model for it must not take longer. */
  readonly firstTokenMs: number;
  readonly nowMs: () => number;
  /** 0..1, evenly. */
  readonly random: () => number;
}

/** What a claimed place is judged by. */
type Claimant = Pick<MinerSession, "miner" | "capabilities" | "roundTripMs" | "isMeasured">;

/** A job as the market sees it. */
export interface MarketRequest {
  /** Under which the decision is explained; nothing is kept without one. */
  readonly jobId?: string;
  readonly client: Hex;
  readonly model: OfferedModel;
  readonly tier: number;
  readonly maxTokens: number;
  readonly isConstrained: boolean;
  /** What its miner's model must be offered with beside reading texts, or making pictures where that is what it does. */
  readonly abilities?: number;
  readonly wishes: Wishes;
}

/** Who gets a job, in order, and at which price. */
export interface Decision {
  readonly found: readonly Found[];
  readonly price: PriceBreakdown;
  readonly latency: LatencyTier;
}

/** A miner's offer as a visitor sees it. */
export interface Offering {
  readonly offer: Offer;
  readonly place: Place;
  readonly price: TokenPrices;
}

/** An explanation is for whoever asked for the job. */
export interface KeptExplanation extends Explanation {
  readonly client: Hex;
  readonly price: PriceBreakdown;
  /** What the miner that got it last was told of the company that it has there; undefined where it has none. */
  readonly batchHint?: BatchHint & { readonly miner: Hex };
}

const { stepMs: stepOfMs, trustStep, energyStep } = figures.objective;
const mostRemembered = 10_000;
const none: ReadonlySet<string> = new Set();
const mostExplanations = 10_000;
/** Of models with more offers the best are explained, and some of all of them, in turn: it is done for every job. */
const mostExplained = 64;
const mostSampled = 32;
const bothTiers = 3;
/** Offers whose prices are made out to find one below a ceiling: a price is known only with its miner. */
const mostPriced = 64;

/** The market as this coordinator sees it: who offers what where, at which price, and who gets the next job. */
export class Floor {
  readonly shortage = new Shortage();
  readonly latencies = new LatencyMap(places);
  readonly explanations = new RecentMap<string, KeptExplanation>(mostExplanations);
  readonly #options: FloorOptions;
  readonly #market = new Market(this.latencies);
  readonly #slots = new SlotCount();
  /** When each miner's card grew hot, unix milliseconds, and whether it is: a new link does not cool it. */
  readonly #heat = new RecentMap<Hex, { readonly isHot: boolean; readonly atMs: readonly number[] }>(mostRemembered);
  readonly #rounds = new Rounds<Hex, Listed>();
  /** Why miners that could be asked get no work with a model, by miner and model. */
  readonly #ineligible = new Map<string, readonly Ineligible[]>();
  readonly #here: number;
  /** Of whom something changed, and who got jobs, since the market was looked at last. */
  readonly #changed = new Set<MinerSession>();
  #served: { readonly miner: Hex; readonly modelDigest: Hex }[] = [];
  /** The miner with the quickest line at each place. */
  readonly #quickest = new Map<number, { readonly miner: Hex; readonly roundTripMs: number }>();
  /** Jobs of a client with a model that run now. */
  readonly #running = new Map<string, number>();

  constructor(options: FloorOptions) {
    this.#options = options;
    this.#here = Math.max(
      0,
      places.findIndex(({ id }) => id === options.place),
    );
  }

  /** Where this coordinator stands. */
  get place(): Place {
    const place = places[this.#here];
    if (place === undefined) throw new Error("there are no places");
    return place;
  }

  /** Takes in whatever changed about a miner, before anybody looks at the market again: jobs begin and end many at a time. */
  refresh(session: MinerSession): void {
    if (session.isGone) return;
    this.#noteHeat(session);
    this.#changed.add(session);
  }

  /** The market as it stands now. Whoever looks at it, or at what is added up with it, takes it from here. */
  #now(): Market {
    if (this.#changed.size === 0) return this.#market;
    for (const session of this.#changed) if (!session.isGone) this.#list(session);
    this.#changed.clear();
    // Only who can be asked now: whatever took it from the market since counts, not what it was when it got the job.
    for (const { miner, modelDigest } of this.#served) {
      const offer = this.#slots.has(miner, modelDigest) ? this.#market.get(miner, modelDigest) : undefined;
      if (offer !== undefined) this.#market.setServed(offer);
    }
    this.#served = [];
    return this.#market;
  }

  #list(session: MinerSession): void {
    const isAsked = session.isResumed && !session.isQuiet && takesWork(session.status);
    for (const model of session.capabilities.models) {
      const offer = this.#offerOf(session, model);
      const canServe = isAsked && Number.isFinite(offer.loadMs) && this.#isEligible(session, model);
      this.#market.set(offer, canServe);
      this.#slots.set(session.miner, model.digest, canServe ? offer : undefined);
    }
  }

  /** As `refresh`, for a miner that just got a job with this model: among equals it comes last now. */
  served(session: MinerSession, modelDigest: Hex): void {
    this.refresh(session);
    if (!session.isGone) this.#served.push({ miner: session.miner, modelDigest });
  }

  /** Why a miner gets no work with a model now, whatever a job asks for; empty when it may. */
  ineligibility(miner: Hex, modelDigest: Hex): readonly Ineligible[] {
    this.#now();
    return this.#ineligible.get(miner + modelDigest) ?? [];
  }

  remove(session: MinerSession): void {
    this.#changed.delete(session);
    for (const [place, { miner }] of this.#quickest) if (miner === session.miner) this.#quickest.delete(place);
    for (const { digest } of session.capabilities.models) {
      this.#market.delete(session.miner, digest);
      this.#slots.set(session.miner, digest, undefined);
      this.#ineligible.delete(session.miner + digest);
    }
  }

  /**
   * A round trip to a miner was measured. Its place explains what its quickest line takes, and only that is learnt for its neighbours: what
   * somebody's takes beyond it is that one's own, and a slow line must not make all of a city look far away.
   */
  learn(session: Claimant): void {
    const place = this.#claimOf(session);
    if (place === undefined || place === this.#here) return;
    const { miner, roundTripMs } = session;
    const quickest = this.#quickest.get(place);
    if (quickest !== undefined && quickest.miner !== miner && quickest.roundTripMs < roundTripMs) return;
    this.#quickest.set(place, { miner, roundTripMs });
    this.latencies.learn(this.#here, place, roundTripMs);
  }

  begin(client: Hex, modelDigest: Hex): void {
    const key = client + modelDigest;
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
  }

  end(client: Hex, modelDigest: Hex): void {
    const key = client + modelDigest;
    const left = (this.#running.get(key) ?? 0) - 1;
    if (left > 0) this.#running.set(key, left);
    else this.#running.delete(key);
  }

  /** Slots of a model among miners that can be asked. */
  slots(modelDigest: Hex): { readonly total: number; readonly used: number; readonly queued: number } {
    this.#now();
    return this.#slots.of(modelDigest);
  }

  /** Who offers a model and can be asked now, each with its place and what a job of that many tokens costs there. */
  *offers(model: OfferedModel, maxTokens: number): Generator<Offering> {
    for (const { offer, isAsked } of this.#now().offersOf(model.digest)) {
      const place = places[offer.place];
      if (!isAsked || place === undefined) continue;
      const roundTripMs = this.latencies.roundTripMs(this.#here, offer.place);
      const price = this.#priceOf({ model, maxTokens, isConstrained: false }, "standard", { offer, roundTripMs });
      yield { offer, place, price };
    }
  }

  /** Where a miner stands, as far as its claim is believed. */
  placeOf(session: MinerSession): Place {
    return places[this.#placeOf(session)] ?? this.place;
  }

  /**
   * Decides who gets a job; undefined when nobody can have it. Throws PriceCeilingError when it is only too dear.
   * @param bound prices of a quote that binds it
   */
  choose(request: MarketRequest, bound?: TokenPrices): Decision | undefined {
    const market = this.#now();
    const demand = this.#demandOf(request, bound);
    if (demand === undefined || !this.hasRoom(request)) return undefined;
    const isExploration = isExploring(this.#options.random());
    const newcomer = isExploration ? findNewcomer(market, demand) : undefined;
    const best = market.find(demand, hasCeiling(request.wishes) ? mostPriced : figures.objective.fallbacks.value);
    const all = newcomer === undefined ? best : withFirst(newcomer, best);
    const priceFor = (one: Found): PriceBreakdown => this.#priceOf(request, demand.latency, one, bound);
    const first = all.find((one) => isWithin(priceFor(one), request.wishes));
    if (first === undefined) {
      // The asks are within the ceilings already, so that the first of them all may be dearer than who was found.
      const [dear] = all.length > 0 ? all : market.find(this.#demandOf(request, bound, {}) ?? demand, 1);
      if (dear !== undefined && hasCeiling(request.wishes)) throw new PriceCeilingError(priceFor(dear));
      return undefined;
    }
    const found = first === all[0] ? all : withFirst(first, all);
    const price = priceFor(first);
    // The price is fixed for the whole job, so that only those who accept it can go on with it.
    const willing = found.filter(
      ({ offer }) => offer.inputAskWei <= price.inputPriceWei && offer.outputAskWei <= price.outputPriceWei,
    );
    const chosen = willing.slice(0, figures.objective.fallbacks.value);
    this.#explain(request, demand, chosen, first === newcomer, price);
    return { found: chosen, price, latency: demand.latency };
  }

  /** Whether a slot of a model is free for a client, beside those that others booked. */
  hasRoom({ client, model: { digest } }: Pick<MarketRequest, "client" | "model">): boolean {
    const { calendar, nowMs } = this.#options;
    if (calendar.size === 0) return true;
    const runningOf = (other: Hex): number => this.#running.get(other + digest) ?? 0;
    const kept = calendar.keptFrom(client, digest, nowMs(), runningOf);
    const { total, used } = this.slots(digest);
    return kept === 0 || total - used > kept;
  }

  /** Who else can go on with a job at its price, when all of its list were asked: best first. @param without those who were */
  others(request: MarketRequest, price: TokenPrices, without: ReadonlySet<Hex>): readonly Found[] {
    const demand = this.#demandOf(request, price);
    return demand === undefined ? [] : this.#now().find({ ...demand, without }, figures.objective.fallbacks.value);
  }

  /** A job's miner was told to wait for others of its model. */
  noteHint(jobId: string, hint: BatchHint & { readonly miner: Hex }): void {
    const kept = this.explanations.get(jobId);
    // Several answers to one request are jobs under one id: the first of them to be sent has the most company.
    const isLess = kept?.batchHint?.miner === hint.miner && kept.batchHint.size >= hint.size;
    if (kept !== undefined && !isLess) this.explanations.set(jobId, { ...kept, batchHint: hint });
  }

  #explain(
    { jobId, client, model }: MarketRequest,
    demand: Demand,
    chosen: readonly Found[],
    isExploration: boolean,
    price: PriceBreakdown,
  ): void {
    if (jobId === undefined) return;
    const named = chosen.map(({ offer }) => offer.miner);
    const count = this.#slots.offers(model.digest) > mostExplained ? mostSampled : mostExplained;
    const all = this.#rounds.next(model.digest, count, () => this.#market.offersOf(model.digest));
    if (all.length === count) {
      const best = [...chosen, ...this.#market.find(demand, mostNamed)];
      all.unshift(...best.map(({ offer }) => ({ offer, turn: 0, isAsked: true })));
    }
    const ways = (place: number): number => this.latencies.roundTripMs(this.#here, place);
    const against = (miner: Hex): readonly string[] => this.ineligibility(miner, model.digest);
    const explanation = explain(all, demand, named, isExploration, ways, against);
    this.explanations.set(jobId, { client, price, ...explanation });
  }

  #demandOf(
    { client, model, tier, maxTokens, abilities, wishes }: MarketRequest,
    bound?: TokenPrices,
    ceilings: Pick<Wishes, "maxInputPriceWei" | "maxOutputPriceWei"> = wishes,
  ): Demand | undefined {
    const latency = wishes.latency ?? "standard";
    const pools = poolsOf(this.#options.tenancy, client, wishes.pool);
    if (pools === undefined) return undefined;
    const { list } = this.#options;
    // Who asks for more than the tier's list price would be dear for a client that named no ceiling.
    const factor = BigInt(Math.round(Math.max(1, tierTerms[latency].factor) * 100));
    return {
      modelDigest: model.digest,
      origin: this.#here,
      latency,
      inputCeilingWei: least(bound?.inputPriceWei ?? (list.inputPriceWei * factor) / 100n, ceilings.maxInputPriceWei),
      outputCeilingWei: least(
        bound?.outputPriceWei ?? (list.outputPriceWei * factor) / 100n,
        ceilings.maxOutputPriceWei,
      ),
      budgetMs: wishes.latency === undefined ? Infinity : tierTerms[latency].budgetMs,
      loadBudgetMs: wishes.latency === undefined ? this.#options.firstTokenMs : tierTerms[latency].budgetMs,
      regions: wishes.regions,
      pools,
      verification: tier,
      abilities: abilities ?? abilitiesFor({ isPicture: model.images === true }),
      privacy: 0,
      contextTokens: Math.min(maxTokens, model.contextTokens),
      leastTrust: 0,
    };
  }

  #priceOf(
    { model, maxTokens, isConstrained }: Pick<MarketRequest, "model" | "maxTokens" | "isConstrained">,
    latency: LatencyTier,
    { offer, roundTripMs }: Pick<Found, "offer" | "roundTripMs">,
    bound?: TokenPrices,
  ): PriceBreakdown {
    const { list, pricing, nowMs, registry } = this.#options;
    const ask = { inputPriceWei: offer.inputAskWei, outputPriceWei: offer.outputAskWei };
    const { total, used, queued } = this.#slots.of(model.digest);
    const price = priceOf({
      base: baseOf(ask, list),
      ask,
      latency,
      capability: offer.capability,
      expectedMs: roundTripMs + localMs(offer),
      queued,
      utilisation: total === 0 ? 0 : used / total,
      nowMs: nowMs(),
      contextShare: maxTokens / model.contextTokens,
      isConstrained,
      lateness: registry.lateness(offer.miner),
    });
    if (bound !== undefined) return { ...price, ...bound };
    return pricing === "fixed" ? { ...price, ...list } : price;
  }

  /** Where a miner says it is, by index; undefined where it does not say, nobody knows the name, or the line disproves it. */
  #claimOf({ capabilities: { place: claimed }, roundTripMs, isMeasured }: Claimant): number | undefined {
    if (claimed === undefined || !isMeasured) return undefined;
    const index = places.findIndex(({ id }) => id === claimed);
    const place = places[index];
    return place !== undefined && isPossible(this.place, place, roundTripMs) ? index : undefined;
  }

  /** Whoever is at no known place is counted from here: then the whole way is the miner's own. */
  #placeOf(session: MinerSession): number {
    return this.#claimOf(session) ?? this.#here;
  }

  #offerOf(session: MinerSession, model: OfferedModel): Offer {
    const { miner, capabilities, streams, company, roundTripMs, swingMs } = session;
    const { concurrency, hardware } = capabilities;
    const claim = this.#claimOf(session);
    const place = claim ?? this.#here;
    const { list, registry, tenancy, nowMs } = this.#options;
    const asked = askOf(session);
    const { trust, isTrusted } = registry.standing(miner, nowMs());
    const wayMs = place === this.#here ? 0 : this.latencies.roundTripMs(this.#here, place);
    const vramMb = numberIn(hardware, "gpu_vram_mb");
    const { tokensPerSecond } = session;
    return {
      miner,
      modelDigest: model.digest,
      engineClass: model.engineClass,
      place,
      // Whoever does not say where it is may be anywhere: no job that must stay in a region goes there.
      region: claim === undefined ? "" : (places[claim]?.region ?? ""),
      pool: poolText(tenancy.get(miner) ?? [publicPool]),
      tiers: bothTiers,
      abilities: abilitiesOf(model),
      privacy: 0,
      contextTokens: model.contextTokens,
      inputAskWei: asked.inputPriceWei,
      outputAskWei: asked.outputPriceWei,
      priceRatio: priceRatio(baseOf(asked, list), list),
      running: streams.size + company.onTheirWay,
      concurrency,
      usualJobMs: session.usualJobMs ?? figures.objective.usualJobMs.value,
      firstTokenMs: steps(session.firstTokenMs ?? 0),
      accessMs: steps(Math.max(0, roundTripMs + 2 * swingMs - wayMs)),
      loadMs: session.loadMsOf(model),
      // In steps: a single job more must not bring somebody all of those that follow.
      trust: Math.round(trustOverLine(trust, steps(swingMs)) / trustStep.value) * trustStep.value,
      isTrusted,
      capability: capabilityScore({
        vramGb: vramMb === undefined ? undefined : vramMb / 1024,
        bandwidthGbs: numberIn(hardware, "gpu_bandwidth_gbs"),
        fp16Tflops: numberIn(hardware, "gpu_fp16_tflops"),
        tokensPerSecond: vramMb === undefined ? undefined : tokensPerSecond,
      }),
      strain: strainOf(
        breaches({ temperatureC: session.temperatureC, bandwidthMbs: numberIn(hardware, "network_mbs") }),
      ),
      // In steps too: what sensors tell moves all the time.
      energy: Math.round(energyTerm(this.energyOf(session)) / energyStep.value) * energyStep.value,
    };
  }

  /** What a miner's service is measured by, beside what clients and links say of it. */
  qualityOf(session: MinerSession): Pick<Quality, "firstTokenMs" | "joulesPerToken" | "priceRatio"> {
    const { list } = this.#options;
    return {
      firstTokenMs: session.firstTokenMs,
      joulesPerToken: joulesPerToken(this.energyOf(session)),
      priceRatio: priceRatio(baseOf(askOf(session), list), list),
    };
  }

  /** What a miner tells of its energy, by its sensors where it has any. */
  energyOf({ metrics, capabilities: { hardware }, tokensPerSecond }: MinerSession): Energy {
    return {
      watts: numberIn(hardware, "watts"),
      tokensPerSecond,
      tokensPerKj: metrics?.tokens_per_kj,
      relativePrice: numberIn(hardware, "energy_relative_price"),
    };
  }

  #isEligible({ miner, capabilities: { hardware } }: MinerSession, { digest, sizeBytes }: OfferedModel): boolean {
    const { registry, nowMs, badDrivers = none } = this.#options;
    const now = nowMs();
    const card = cardOf(hardware, this.#heat.get(miner)?.atMs ?? []);
    const reasons = ineligibility(card, sizeBytes / 2 ** 20, registry.computed(miner, now), badDrivers, now);
    if (reasons.length === 0) this.#ineligible.delete(miner + digest);
    else this.#ineligible.set(miner + digest, reasons);
    return reasons.length === 0;
  }

  /** A card that grows hot slows itself down: how often it does is counted here, from what heartbeats tell. */
  #noteHeat({ miner, temperatureC }: MinerSession): void {
    if (temperatureC === undefined) return;
    const isHot = temperatureC > figures.thresholds.hotC.value;
    const { isHot: wasHot, atMs } = this.#heat.get(miner) ?? { isHot: false, atMs: [] };
    if (isHot === wasHot) return;
    const times = isHot ? [...atMs, this.#options.nowMs()].slice(-figures.eligibility.throttles.value) : atMs;
    this.#heat.set(miner, { isHot, atMs: times });
  }
}

const askOf = ({ capabilities: { ask } }: MinerSession): TokenPrices => ({
  inputPriceWei: BigInt(ask?.inputPriceWei ?? "0"),
  outputPriceWei: BigInt(ask?.outputPriceWei ?? "0"),
});

const steps = (ms: number): number => Math.round(ms / stepOfMs.value) * stepOfMs.value;

const hasCeiling = ({ maxInputPriceWei, maxOutputPriceWei }: Wishes): boolean =>
  maxInputPriceWei !== undefined || maxOutputPriceWei !== undefined;

function isWithin({ inputPriceWei, outputPriceWei }: TokenPrices, wishes: Wishes): boolean {
  const { maxInputPriceWei = inputPriceWei, maxOutputPriceWei = outputPriceWei } = wishes;
  return inputPriceWei <= maxInputPriceWei && outputPriceWei <= maxOutputPriceWei;
}

const least = (price: bigint, ceiling = price): bigint => (ceiling < price ? ceiling : price);

function withFirst(first: Found, others: readonly Found[]): Found[] {
  const rest = others.filter(({ offer }) => offer.miner !== first.offer.miner);
  const isSame = ({ offer }: Found): boolean => offer.engineClass === first.offer.engineClass;
  return [first, ...rest.filter(isSame), ...rest.filter((one) => !isSame(one))];
}
