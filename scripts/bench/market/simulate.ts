import { tierTerms } from "../../../coordinator/src/domain/pricing/tier.ts";
import { percentile } from "../statistics.ts";
import { firstTokenMs, type Live, type Matcher } from "./matchers.ts";
import { hourMs, isHere, sliceMs, type SimJob, type SimMiner } from "./world.ts";

/** How a day went under one matcher. */
export interface Outcome {
  readonly name: string;
  readonly jobs: number;
  /** Mean price of a token relative to the list, tier factors left out: what the choice of miners decides. */
  readonly cost: number;
  readonly ttftP50Ms: number;
  readonly ttftP99Ms: number;
  /** Share of jobs whose first token was later than their tier. */
  readonly slaMissRate: number;
  readonly unserved: number;
  readonly failovers: number;
  /** Of income among miners of one kind of machine time: 0 is even, 1 is one for all. */
  readonly gini: number;
  /** Share of miners that earned something. */
  readonly earning: number;
  readonly tokensPerSecond: number;
  readonly regionalP50Ms: number;
  readonly joulesPerToken: number;
}

/** Time lost before another miner is asked: a closed link is known at once, a silent one after two seconds. */
const closedMs = 50;
const silentMs = 2200;
const attempts = 4;

interface End {
  readonly atMs: number;
  readonly live: Live;
}

/** Plays a day. The same jobs and machines come for every matcher, and the same draws decide what fails. */
export function simulate(
  matcher: Matcher,
  lives: readonly Live[],
  jobs: Iterable<SimJob>,
  trips: (from: number, to: number) => number,
): Outcome {
  const ends = new Queue();
  const waits: { ms: number; isRegional: boolean }[] = [];
  const income = new Float64Array(lives.length);
  let [count, tokens, paid, misses, unserved, failovers, joules, nextChurnMs] = [0, 0, 0, 0, 0, 0, 0, 0];
  const release = (untilMs: number): void => {
    for (let end = ends.pop(untilMs); end !== undefined; end = ends.pop(untilMs)) {
      end.live.running -= 1;
      matcher.changed(end.live);
    }
  };
  for (const job of jobs) {
    count += 1;
    release(job.atMs);
    if (job.atMs >= nextChurnMs) {
      churn(lives, matcher, job.atMs);
      nextChurnMs = job.atMs + hourMs / 60;
    }
    const chosen = matcher.choose(job, attempts);
    let lostMs = 0;
    let served: Live | undefined;
    for (const [attempt, live] of chosen.entries()) {
      const { miner } = live;
      const tripMs = trips(job.city, miner.city);
      const draw = job.draws[attempt] ?? 1;
      const isGood = draw >= miner.failure;
      if (!isGood) {
        failovers += 1;
        // A third of those that fail say nothing.
        lostMs += tripMs + (draw < miner.failure / 3 ? silentMs : closedMs);
        matcher.ended(live, job, false, tripMs);
        continue;
      }
      served = live;
      const readMs = firstTokenMs(miner, job.inputTokens);
      const workMs = readMs + (job.outputTokens / miner.tokensPerSecond) * 1000;
      const ahead = live.running - miner.concurrency + 1;
      const queueMs = ahead <= 0 ? 0 : (ahead * ((200 / miner.tokensPerSecond) * 1000)) / miner.concurrency;
      const ms = lostMs + tripMs + miner.accessMs + queueMs + readMs;
      live.running += 1;
      ends.push({ atMs: job.atMs + lostMs + queueMs + workMs, live });
      matcher.changed(live);
      matcher.ended(live, job, true, tripMs);
      const amount = job.inputTokens * 0.1 + job.outputTokens;
      tokens += job.outputTokens;
      paid += amount * miner.ask;
      joules += job.outputTokens * miner.joulesPerToken;
      income[live.index] = (income[live.index] ?? 0) + amount * miner.ask;
      waits.push({ ms, isRegional: tripMs < 30 });
      if (ms >= tierTerms[job.latency].budgetMs) misses += 1;
      break;
    }
    if (served === undefined) {
      unserved += 1;
      misses += 1;
    }
  }
  release(Infinity);
  const units = waits.length === 0 ? 1 : waits.length;
  const all = waits.map(({ ms }) => ms);
  return {
    name: matcher.name,
    jobs: count,
    cost: paid / Math.max(1, paidAtList(income, lives)),
    ttftP50Ms: percentile(all, 0.5),
    ttftP99Ms: percentile(all, 0.99),
    slaMissRate: misses / count,
    unserved: unserved / count,
    failovers: failovers / units,
    gini: gini(lives.map(({ miner, index }) => (income[index] ?? 0) / capacityOf(miner))),
    earning: [...income].filter((one) => one > 0).length / lives.length,
    tokensPerSecond: tokens / ((24 * sliceMs) / 1000),
    regionalP50Ms: percentile(
      waits.filter(({ isRegional }) => isRegional).map(({ ms }) => ms),
      0.5,
    ),
    joulesPerToken: joules / Math.max(1, tokens),
  };
}

/** What the same work would have cost at the list price. */
function paidAtList(income: Float64Array, lives: readonly Live[]): number {
  return lives.reduce((sum, { miner, index }) => sum + (income[index] ?? 0) / miner.ask, 0);
}

const capacityOf = ({ tokensPerSecond, concurrency }: SimMiner): number => tokensPerSecond * concurrency;

/** Owners come and go: those who play are away in their evening. */
function churn(lives: readonly Live[], matcher: Matcher, atMs: number): void {
  for (const live of lives) {
    const now = isHere(live.miner, atMs);
    if (now === live.isHere) continue;
    live.isHere = now;
    matcher.changed(live);
  }
}

function gini(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const total = sorted.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  const weighted = sorted.reduce((sum, value, index) => sum + value * (index + 1), 0);
  return (2 * weighted) / (sorted.length * total) - (sorted.length + 1) / sorted.length;
}

/** Ends of jobs, the earliest first. */
class Queue {
  readonly #heap: End[] = [];

  push(end: End): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(end);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.atMs <= end.atMs) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = end;
  }

  /** Takes the earliest that is over by then. */
  pop(untilMs: number): End | undefined {
    const heap = this.#heap;
    const [first] = heap;
    if (first === undefined || first.atMs > untilMs) return undefined;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && right.atMs < left.atMs) child += 1;
      const least = heap[child];
      if (least === undefined || least.atMs >= last.atMs) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
