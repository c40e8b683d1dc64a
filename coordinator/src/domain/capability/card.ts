import type { Gpu } from "./eligibility.ts";

/** What a miner says of its machine on its link, by names with their units. */
export type HardwareWords = Readonly<Record<string, string | number>>;

/** Ways of work that do not touch the machine's card. */
const withoutCard: ReadonlySet<unknown> = new Set(["cpu", "upstream"]);

const vendors: Readonly<Record<string, Gpu["vendor"]>> = {
  nvidia: "nvidia",
  amd: "amd",
  apple: "apple",
  intel: "intel",
};

export function numberIn(hardware: HardwareWords, name: string): number | undefined {
  const value = hardware[name];
  return typeof value === "number" ? value : undefined;
}

/** The card that a miner works with; undefined where it works without one, or says nothing of it. */
export function cardOf(hardware: HardwareWords, throttledAtMs: readonly number[]): Gpu | undefined {
  const vramMb = numberIn(hardware, "gpu_vram_mb");
  if (vramMb === undefined || withoutCard.has(hardware["mode"])) return undefined;
  const { gpu_vendor: vendor, gpu_driver: driver } = hardware;
  return {
    vendor: vendors[String(vendor).toLowerCase()] ?? "other",
    vramMb,
    computeCapability: numberIn(hardware, "gpu_compute_capability"),
    driver: typeof driver === "string" ? driver : undefined,
    throttledAtMs,
  };
}
