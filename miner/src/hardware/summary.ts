import type { Hardware } from "./detect.ts";

/** What a miner tells a coordinator about its machine. Units are in the names. */
export function summaryOf({ cpu, memory, gpus }: Hardware): Record<string, string | number> {
  const own = gpus.filter(({ isMemoryShared }) => isMemoryShared !== true);
  const vramMb = own.reduce((sum, { vramMb = 0 }) => sum + vramMb, 0);
  return {
    cpu: cpu.model.slice(0, 200),
    cpu_threads: cpu.threads,
    ...(cpu.features.length > 0 && { cpu_features: cpu.features.join(" ").slice(0, 200) }),
    memory_mb: Math.min(memory.totalMb, memory.limitMb ?? Infinity),
    ...(gpus.length > 0 && {
      gpu: gpus
        .map(({ name, match }) => match?.profile.name ?? name)
        .join(", ")
        .slice(0, 200),
    }),
    ...(vramMb > 0 && { gpu_vram_mb: vramMb }),
  };
}
