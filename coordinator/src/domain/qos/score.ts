import { figures } from "../figures.ts";

/** What was measured of a miner; undefined where nothing was. Everything here is seen by the coordinator or signed by both sides. */
export interface Quality {
  /** Usual time to the first token, milliseconds. */
  readonly firstTokenMs?: number | undefined;
  /** Share of checks, reviews included, that found its work right, 0..1. */
  readonly accuracy?: number | undefined;
  /** Share of time online, 0..1. */
  readonly uptime?: number | undefined;
  readonly joulesPerToken?: number | undefined;
  /** Its price relative to the list. */
  readonly priceRatio?: number | undefined;
}

export const qosTiers = ["platinum", "gold", "silver", "bronze"] as const;
export type QosTier = (typeof qosTiers)[number];

const q = figures.qos;
const { latencyTargetMs, latencyPenaltyMs } = figures.thresholds;
const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** The parts of the score, each 0..1. */
export function qualityParts(quality: Quality): Record<"latency" | "accuracy" | "uptime" | "power" | "cost", number> {
  const { firstTokenMs, accuracy, uptime, joulesPerToken, priceRatio } = quality;
  const neutral = q.neutral.value;
  const span = latencyPenaltyMs.value - latencyTargetMs.value;
  return {
    latency: firstTokenMs === undefined ? neutral : clamp((latencyPenaltyMs.value - firstTokenMs) / span),
    accuracy: accuracy === undefined ? neutral : clamp(accuracy),
    uptime: uptime === undefined ? neutral : clamp(uptime),
    // Half the reference's energy is full marks; twice it is none.
    power: joulesPerToken === undefined ? neutral : clamp((2 - joulesPerToken / q.joulesPerToken.value) / 1.5),
    cost: priceRatio === undefined ? neutral : clamp((2 - priceRatio) / 1.5),
  };
}

/** Quality of service, 0..1. */
export function qosScore(quality: Quality): number {
  const parts = qualityParts(quality);
  return (
    q.latency.value * parts.latency +
    q.accuracy.value * parts.accuracy +
    q.uptime.value * parts.uptime +
    q.power.value * parts.power +
    q.cost.value * parts.cost
  );
}

export function qosTier(score: number): QosTier {
  if (score >= q.platinum.value) return "platinum";
  if (score >= q.gold.value) return "gold";
  return score >= q.silver.value ? "silver" : "bronze";
}
