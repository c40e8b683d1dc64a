import type { Hardware } from "./detect.ts";

/** What a miner tells a coordinator about its machine. Units are in the names. */
export function summaryOf({ cpu, memory, gpus, drivers, links }: Hardware): Record<string, string | number> {
  const own = gpus.filter(({ isMemoryShared }) => isMemoryShared !== true);
  const vramMb = own.reduce((sum, { vramMb = 0 }) => sum + vramMb, 0);
  const networkMbs = mostMbs(links);
  return {
    cpu: cpu.model.slice(0, 200),
    cpu_threads: cpu.threads,
    ...(cpu.features.length > 0 && { cpu_features: cpu.features.join(" ").slice(0, 200) }),
    memory_mb: Math.min(memory.totalMb, memory.limitMb ?? Infinity),
    ...(networkMbs !== undefined && { network_mbs: networkMbs }),
    ...(gpus.length > 0 && {
      gpu: gpus
        .map(({ name, match }) => match?.profile.name ?? name)
        .join(", ")
        .slice(0, 200),
    }),
    ...(vramMb > 0 && { gpu_vram_mb: vramMb, ...cardFacts(own, drivers) }),
  };
}

/** What the network carries at the very most, MB/s: no link is quicker than what its ends agreed on. Undefined where one does not tell, as most wireless ones. */
function mostMbs(links: Hardware["links"]): number | undefined {
  const speeds = links.map(({ speedMbps }) => speedMbps);
  const isTold = (speed: number | undefined): speed is number => speed !== undefined;
  return speeds.length > 0 && speeds.every(isTold) ? Math.max(...speeds) / 8 : undefined;
}

/** Of the card with the most memory, by which a coordinator judges what the machine can do. */
function cardFacts(cards: Hardware["gpus"], drivers: Hardware["drivers"]): Record<string, string | number> {
  const [card] = cards.toSorted((a, b) => (b.vramMb ?? 0) - (a.vramMb ?? 0));
  if (card === undefined) return {};
  const { vendor, computeCapability, match } = card;
  const version = drivers.find((driver) => driver.vendor === vendor)?.version;
  return {
    gpu_vendor: vendor.slice(0, 64),
    ...(computeCapability !== undefined && { gpu_compute_capability: computeCapability }),
    ...(version !== undefined && { gpu_driver: version.slice(0, 64) }),
    ...(match !== undefined && {
      gpu_bandwidth_gbs: match.profile.bandwidthGBs,
      gpu_fp16_tflops: match.profile.fp16Tflops,
    }),
  };
}
