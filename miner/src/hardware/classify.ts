import { edgeScore } from "./profiles/edge.ts";
import type { Hardware } from "./detect.ts";
import type { Gpu } from "./merge.ts";

/** What a machine is good for, from the market's point of view. */
export type MachineClass = "datacenter" | "workstation" | "gaming" | "entry" | "integrated" | "embedded" | "cpu";

/** Sorts a machine by its best device. One without any is a class of its own, not a failure. */
export function classify({ gpus: [best] }: Pick<Hardware, "gpus">): MachineClass {
  if (best === undefined) return "cpu";
  switch (best.match?.profile.segment) {
    case "datacenter":
      return "datacenter";
    case "workstation":
      return "workstation";
    case "embedded":
    case "mobile":
      return "embedded";
    case "integrated":
      return "integrated";
    case "desktop":
    case "laptop":
    case undefined:
      return classifyByMemory(best);
  }
}

function classifyByMemory({ vramMb = 0, isMemoryShared, match }: Gpu): MachineClass {
  if (isMemoryShared === true) return "integrated";
  if (vramMb >= 7.5 * 1024 && (match?.profile.bandwidthGBs ?? 0) >= 200) return "gaming";
  return match === undefined && vramMb === 0 ? "integrated" : "entry";
}

/** What P3 calls the capability score, 0 to 100. */
export interface Capability {
  score: number;
  /** Where the score is from: a profile alone, or a profile and what was measured here. */
  basis: "profile" | "profile and measurement" | "unknown";
}

/** The profile's promise, corrected by what the machine has shown: half of the score is history where there is any. */
export function capabilityOf(
  gpu: Gpu,
  measured?: { tokensPerSecond: number; expectedTokensPerSecond: number },
): Capability {
  if (gpu.match === undefined) return { score: 0, basis: "unknown" };
  const { profile } = gpu.match;
  const vramGib = gpu.vramMb === undefined ? profile.vramGib : gpu.vramMb / 1024;
  const promised = edgeScore({ ...profile, vramGib });
  if (measured === undefined) return { score: promised, basis: "profile" };
  const kept = Math.min(1.2, measured.tokensPerSecond / measured.expectedTokensPerSecond);
  return { score: Math.round(Math.min(100, promised * (0.5 + 0.5 * kept))), basis: "profile and measurement" };
}

/**
 * Tokens per second that a device should write: every token reads all weights once, and kernels reach about `share` of the
 * bandwidth on the data sheet.
 */
export function expectedTokensPerSecond(bandwidthGBs: number, weightsBytes: number, share = 0.6): number {
  return (bandwidthGBs * 1e9 * share) / weightsBytes;
}
