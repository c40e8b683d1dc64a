/**
 * Whether this machine may work now: one state machine over heat, battery, sleep, a user who wants the card, and the end. Pure: time comes
 * with every observation, so that days of weather are a table in a test.
 */

/** What was seen of the machine at one moment. What a machine cannot tell is absent. */
export interface Observation {
  atMs: number;
  /** Of the hottest part that inference heats. */
  temperatureC?: number | undefined;
  /** A card that computes here told its heat before, and tells it no more: what was read is of other parts. */
  isCardUnseen?: boolean | undefined;
  /** It runs from its battery. */
  onBattery?: boolean | undefined;
  batteryPct?: number | undefined;
  /** A program of somebody else works the card. */
  isCardWanted?: boolean | undefined;
}

export interface ConditionLimits {
  /** From here on half of the slots, */
  warmC: number;
  /** no new job, */
  hotC: number;
  /** and no job at all. */
  criticalC: number;
  /** Below this charge a machine on its battery ends what runs. */
  lowBatteryPct: number;
  /** Time between two observations; a much longer one was sleep. */
  stepMs: number;
}

export const usualLimits: ConditionLimits = { warmC: 75, hotC: 85, criticalC: 95, lowBatteryPct: 20, stepMs: 5000 };

type Heat = "cool" | "warm" | "hot" | "critical";

/** Everything that the next step depends on. */
export interface ConditionState {
  readonly lastMs: number | undefined;
  readonly heat: Heat;
  /** When a temperature was last read: a sensor that falls silent while it is hot is believed for a while. */
  readonly heatSeenMs: number;
  /** Since when a card that computes here has not told its heat, which it did before. */
  readonly unseenSinceMs: number | undefined;
  /** When it became hot, within the last day. */
  readonly throttles: readonly number[];
  readonly onBattery: boolean;
  readonly batteryPct: number | undefined;
  /** Since when somebody else has worked the card, and when it was seen last. */
  readonly wanted: { readonly sinceMs: number; readonly seenMs: number } | undefined;
  readonly isDraining: boolean;
}

/** What follows from a state. */
export interface Policy {
  takesWork: boolean;
  /** Share of the slots that may be used, above 0. */
  share: number;
  /** Jobs that run end now, with a receipt for what was acknowledged. */
  endsRunning: boolean;
  /** Links are opened anew: the machine slept, and whoever was at the other end has given up. */
  relinks: boolean;
  status: "available" | "degraded" | "draining";
  /** One sentence; undefined while nothing is in the way. */
  reason?: string;
}

const dayMs = 24 * 3600 * 1000;
/** A machine that got hot this often within a day is not given more heat. */
const mostThrottles = 3;
/** A level is left only this far below it, so that it does not flap around it. */
const slackC = 5;
const silentSensorMs = 60_000;
/** A user who came back gets the card this long after the last sign; one who stays has running jobs ended after `patienceMs`. */
const quietMs = 60_000;
const patienceMs = 15_000;
/** This much longer than a step was sleep, not a busy machine. */
const sleepMs = 45_000;

export const firstState: ConditionState = {
  lastMs: undefined,
  heat: "cool",
  heatSeenMs: 0,
  unseenSinceMs: undefined,
  throttles: [],
  onBattery: false,
  batteryPct: undefined,
  wanted: undefined,
  isDraining: false,
};

/** The state behind an observation, and what to do. An observation from before the last one counts as one of now. */
export function observe(
  state: ConditionState,
  seen: Observation,
  limits: ConditionLimits = usualLimits,
): { state: ConditionState; policy: Policy } {
  const atMs = Math.max(seen.atMs, state.lastMs ?? seen.atMs);
  const hasSlept = state.lastMs !== undefined && atMs - state.lastMs > limits.stepMs + sleepMs;
  const read = heatOf(state, seen.temperatureC, atMs, limits);
  const isUnseen = seen.isCardUnseen === true;
  // What nobody sees has not become cooler, however cool the rest is.
  const heat = isUnseen && order.indexOf(read) < order.indexOf(state.heat) ? state.heat : read;
  const isHot = (level: Heat): boolean => level === "hot" || level === "critical";
  const recent = state.throttles.filter((time) => atMs - time < dayMs);
  const next: ConditionState = {
    ...state,
    lastMs: atMs,
    heat,
    heatSeenMs: seen.temperatureC === undefined ? state.heatSeenMs : atMs,
    unseenSinceMs: isUnseen ? (state.unseenSinceMs ?? atMs) : undefined,
    throttles: isHot(heat) && !isHot(state.heat) ? [...recent, atMs] : recent,
    onBattery: seen.onBattery ?? false,
    batteryPct: seen.batteryPct,
    wanted: wantedOf(state.wanted, seen.isCardWanted === true, atMs),
  };
  return { state: next, policy: { ...policyOf(next, limits), relinks: hasSlept } };
}

/** The end: nothing new from here on. */
export function drained(state: ConditionState): ConditionState {
  return { ...state, isDraining: true };
}

function heatOf(state: ConditionState, temperatureC: number | undefined, atMs: number, limits: ConditionLimits): Heat {
  if (temperatureC === undefined) return atMs - state.heatSeenMs > silentSensorMs ? "cool" : state.heat;
  const levels = [
    { heat: "critical", from: limits.criticalC },
    { heat: "hot", from: limits.hotC },
    { heat: "warm", from: limits.warmC },
  ] as const;
  const isAtLeast = (heat: Heat): boolean => order.indexOf(state.heat) >= order.indexOf(heat);
  // Where it is already, it stays until the slack below is left too.
  const level = levels.find(({ heat, from }) => temperatureC >= (isAtLeast(heat) ? from - slackC : from));
  return level?.heat ?? "cool";
}

const order: readonly Heat[] = ["cool", "warm", "hot", "critical"];

function wantedOf(before: ConditionState["wanted"], isWanted: boolean, atMs: number): ConditionState["wanted"] {
  if (isWanted) return { sinceMs: before?.sinceMs ?? atMs, seenMs: atMs };
  return before !== undefined && atMs - before.seenMs < quietMs ? before : undefined;
}

/** The gravest reason decides. */
export function policyOf(state: ConditionState, limits: ConditionLimits = usualLimits): Omit<Policy, "relinks"> {
  const stop = (reason: string, endsRunning = false): Omit<Policy, "relinks"> => {
    return { takesWork: false, share: 1, endsRunning, status: "degraded", reason };
  };
  const { heat, throttles, onBattery, batteryPct, wanted, isDraining, unseenSinceMs, lastMs = 0 } = state;
  if (heat === "critical") return drainedOr(stop(`It has ${limits.criticalC} °C or more.`, true), isDraining);
  if (onBattery && batteryPct !== undefined && batteryPct < limits.lowBatteryPct) {
    return drainedOr(stop(`Its battery is at ${batteryPct} %.`, true), isDraining);
  }
  const isInTheWay = wanted !== undefined && wanted.seenMs === lastMs && lastMs - wanted.sinceMs >= patienceMs;
  if (wanted !== undefined) return drainedOr(stop("Another program works the card.", isInTheWay), isDraining);
  if (isDraining)
    return { takesWork: false, share: 1, endsRunning: false, status: "draining", reason: "It is stopping." };
  if (heat === "hot") return stop(`It has ${limits.hotC} °C or more.`);
  if (unseenSinceMs !== undefined && lastMs - unseenSinceMs >= silentSensorMs) {
    return stop("The heat of its card has not been seen for a minute.");
  }
  if (throttles.length >= mostThrottles) return stop(`It got too hot ${throttles.length} times within a day.`);
  if (onBattery) return stop("It runs from its battery.");
  if (heat !== "warm") return { takesWork: true, share: 1, endsRunning: false, status: "available" };
  const reason = `It has ${limits.warmC} °C or more: half of the slots.`;
  return { takesWork: true, share: 0.5, endsRunning: false, status: "available", reason };
}

const drainedOr = (policy: Omit<Policy, "relinks">, isDraining: boolean): Omit<Policy, "relinks"> =>
  isDraining ? { ...policy, status: "draining" } : policy;
