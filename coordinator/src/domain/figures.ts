/** A number that the market rests on, with its unit in the name of its field and the reason for its size. */
export interface Figure {
  readonly value: number;
  readonly why: string;
}

const figure = (value: number, why: string): Figure => ({ value, why });

/**
 * Every figure of the market's rules, once. Rules read them from here and say nothing of sizes themselves. "given" marks what the
 * design fixes; the others are ours, with the reason.
 */
export const figures = {
  eligibility: {
    reserveMb: figure(512, "given: a card needs this beside the model's own minimum, for the driver and the desktop"),
    leastComputeCapability: figure(7, "given: older NVIDIA generations lack the tensor cores that fp16 kernels assume"),
    throttles: figure(
      3,
      "given: this many thermal throttles in the window mean a cooling problem, not a hot afternoon",
    ),
    throttleWindowHours: figure(24, "given"),
    errorRate: figure(0.05, "given: above it fallbacks cost more than the card earns"),
    errorHalfLifeHours: figure(
      24,
      "as throttles are a day's matter: a driver that was mended shows within days, and nobody is shut out for ever",
    ),
    errorSample: figure(20, "one failure in fewer attempts says nothing about a rate of 5 %"),
  },
  capability: {
    vramWeight: figure(0.3, "memory decides which models run at all"),
    bandwidthWeight: figure(0.3, "writing a token reads all weights once, so bandwidth bounds tokens per second"),
    computeWeight: figure(0.15, "arithmetic bounds only the reading of the prompt"),
    quantisationWeight: figure(0.1, "each format beyond fp16 opens smaller files, with diminishing use"),
    throughputWeight: figure(0.15, "what was measured corrects what the data sheet promises"),
    vramGb: figure(24, "a 24 GB card is the largest consumer class and counts as full"),
    bandwidthGbs: figure(1008, "of that same class"),
    fp16Tflops: figure(82.6, "of that same class"),
    quantisations: figure(4, "fp16, int8, int4 and fp8 are all that engines use today"),
    tokensPerSecond: figure(100, "ten times what a person reads: more is not noticed in a chat"),
  },
  status: {
    degradedAfterMissed: figure(1, "given: one missed heartbeat, when work is reassigned"),
    offlineAfterMissed: figure(3, "given: three missed heartbeats"),
    grace: figure(0.5, "a heartbeat on its way is not missed: half a period for the way"),
    hottestC: figure(95, "given: running work is aborted"),
  },
  reliability: {
    newcomer: figure(
      0.2,
      "low enough that a proven miner comes first, high enough that exploration can find good ones",
    ),
    earned: figure(0.8, "trusted from here on"),
    lost: figure(0.2, "not trusted below: three failures lead here from any trusted level, two do not"),
    good: figure(0.0273, "0.8 x (1 - 0.0273)^50 = 0.2: fifty good jobs lead from the newcomer's level to trusted"),
    bad: figure(0.58, "0.58^3 = 0.195: the third failure costs the trust that fifty jobs earned"),
    halfLifeDays: figure(
      14,
      "what nobody sees for two weeks is half forgotten; consumer machines change hands and drivers",
    ),
    jitterMs: figure(1000, "a round trip that swings by a second halves what a record is worth"),
    jitterMost: figure(0.5, "given that jitter lowers reliability; a bad line is still a line"),
  },
  latency: {
    earthKm: figure(6371.0088, "mean radius"),
    fibreKmPerMs: figure(200, "light in glass covers about two thirds of its way in vacuum"),
    detour: figure(
      1.6,
      "cables follow coasts and exchanges: measured paths are one and a half to two times the great circle",
    ),
    fixedMs: figure(4, "access networks and routers, both ends together"),
    correctionWeight: figure(0.05, "a place's correction moves slowly: one odd line must not move its neighbours"),
    endWeight: figure(0.025, "half as fast as a pair's own: an end is met by many pairs"),
    correctionMost: figure(4, "a correction beyond this says that the place is wrong, not the prior"),
    impossible: figure(
      0.7,
      "a round trip below this share of light's own time disproves a claimed place; the rest is the cell's size",
    ),
  },
  objective: {
    secondsRealtime: figure(18, "55 ms are a whole list price: realtime clients pay three times for it"),
    secondsFast: figure(6, "a sixth of a second weighs as much as the list price"),
    secondsStandard: figure(
      1.5,
      "two thirds of a second weigh as much as the list price, less than what people wait for an answer's begin; at one second the day of bench/market was slower by 13 ms for 1 % less cost",
    ),
    secondsEconomy: figure(0.1, "ten seconds do"),
    priceRealtime: figure(0.5, "who pays three times the base cares less about the rest"),
    priceFast: figure(0.75, "between the two neighbours"),
    priceStandard: figure(1, "the unit: a miner at the list price costs one"),
    priceEconomy: figure(2, "price is what such a client chose the tier for"),
    reliability: figure(1, "a job that fails is done twice, so certain failure costs about one list price"),
    load: figure(0.3, "a busy card writes slower; also spreads work, so that income does not pile up on one"),
    fit: figure(0.25, "as large as the capability factor of the price, which pays for it"),
    energy: figure(0.1, "breaks ties for the miner that needs less; never outweighs a fifth of the price"),
    turn: figure(
      1e-12,
      "decides between equals, longest unserved first, and nothing else: the most turns that count make a thousandth of the list price",
    ),
    turnsMost: figure(1e9, "whoever waited longer waits no longer than that: years without a job are no merit"),
    inputShare: figure(0.75, "requests read about three tokens for one that they write"),
    fallbacks: figure(4, "attempts of one job: after four miners failed the fault is elsewhere"),
    stepMs: figure(25, "differences of times below it are noise of the measurement and must not decide"),
    trustStep: figure(0.1, "a single job more must not bring somebody all of those that follow"),
    energyStep: figure(0.1, "what sensors tell moves all the time"),
    newMeasurement: figure(0.25, "how much one moves a usual value: one odd value does not decide where work goes"),
    queueFactor: figure(4, "jobs a miner holds for each slot: what miners themselves queue before they refuse"),
    usualJobMs: figure(4000, "200 tokens at 50 a second, until a miner's own jobs say otherwise"),
    loadStartMs: figure(1000, "a process, its sandbox and its libraries, where a miner has not measured its own"),
    loadBytesPerMs: figure(500_000, "500 MB/s, a disk on a SATA line: the slowest that still serves models"),
  },
  exploration: {
    share: figure(
      0.05,
      "one job in twenty goes to a newcomer: fifty jobs come within a thousand, a failure costs one fallback",
    ),
    hedgeAfter: figure(0.5, "half of the budget without a token: a second start can still be in time"),
    hedgeShare: figure(0.1, "at most one realtime job in ten starts twice: hedges are for the tail"),
  },
  price: {
    realtime: figure(3, "given: below 100 ms"),
    fast: figure(2, "given: below 500 ms"),
    standard: figure(1, "given: below 2 s"),
    economy: figure(0.7, "given: below 10 s"),
    realtimeMs: figure(100, "given"),
    fastMs: figure(500, "given"),
    standardMs: figure(2000, "given"),
    economyMs: figure(10_000, "given"),
    capability: figure(0.25, "given: plus or minus; the score 0.5 is neutral"),
    performanceLow: figure(0.8, "given: a miner that takes twice the budget"),
    performanceHigh: figure(1.5, "given: one that needs none of it"),
    queueStep: figure(100, "given: queued jobs for the whole surcharge"),
    queueSurcharge: figure(0.5, "given"),
    utilisation: figure(0.2, "given: plus or minus; half used is neutral"),
    peak: figure(1.2, "given: 18 to 23 UTC"),
    night: figure(0.8, "given: 2 to 6 UTC"),
    complexityLong: figure(
      0.25,
      "a full context makes every token read all of it: attention costs as much as the weights there",
    ),
    complexityConstrained: figure(0.05, "a mask over the tokens is computed for each one"),
    floor: figure(0.5, "given: of the base"),
    lateness: figure(1, "a tenth less for a tenth of deadlines missed that both sides signed"),
    latenessWeight: figure(0.05, "about the last twenty promises count: a single miss costs a twentieth"),
  },
  qos: {
    latency: figure(0.3, "given"),
    accuracy: figure(0.25, "given"),
    uptime: figure(0.2, "given"),
    power: figure(0.15, "given"),
    cost: figure(0.1, "given"),
    platinum: figure(0.9, "the best tenth of a healthy fleet"),
    gold: figure(0.75, "better than the usual consumer machine"),
    silver: figure(0.6, "does what it should"),
    neutral: figure(0.5, "what is not known counts neither way"),
    claimSlackMs: figure(
      1000,
      "a process that stands still for a second is no liar; what is beyond it and the line's swings was seen",
    ),
    joulesPerToken: figure(10, "a 300 W card at 30 tokens a second"),
  },
  thresholds: {
    warmC: figure(75, "given"),
    hotC: figure(85, "given"),
    bandwidthMbs: figure(10, "given"),
    latencyTargetMs: figure(500, "given"),
    latencyPenaltyMs: figure(2000, "given"),
    warmLoad: figure(0.25, "a warm card gets less before it throttles, not after"),
    hotLoad: figure(1, "a hot one only when the others are full"),
  },
  bookings: {
    leadSeconds: figure(60, "what begins sooner is simply a request"),
    mostHours: figure(24, "nobody knows who is connected the day after"),
    share: figure(0.5, "of a model's slots: the other half stays for those who cannot plan"),
    mostPerClient: figure(16, "a client without use for them could block others for nothing"),
    mostAhead: figure(
      100,
      "bookings of a client that are not over: each is kept for ever, and weighed with every new one",
    ),
    daysAhead: figure(30, "nobody knows what is offered later"),
    noShowSeconds: figure(300, "unused for this long it lapses: the slots go back to everybody"),
  },
  scheduling: {
    batchWindowMs: figure(10, "shorter than what anybody notices, longer than between two requests of a busy model"),
    batchMost: figure(8, "beyond it a card's bandwidth is no longer what bounds it"),
    batchBudgetShare: figure(
      0.1,
      "a tenth of the time that was bought is the most that one loses for the others' sake",
    ),
    arrivalMemoryMs: figure(1000, "a hundred times the window: a busy model is told from two requests by chance"),
    wantedQueue: figure(10, "refused jobs within the window that make a model wanted"),
    wantedWindowMinutes: figure(10, "long enough for a download to be worth it, short enough to be news"),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Figure>>>>;
