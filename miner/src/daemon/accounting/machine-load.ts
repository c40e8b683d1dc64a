import { cpus, freemem, totalmem } from "node:os";
import { limits } from "@lode/protocol";
import type { Sample } from "../../hardware/index.ts";
import type { MachineMetrics } from "../daemon.ts";

interface Times {
  busyMs: number;
  allMs: number;
}

function processorTimes(): Times {
  let [busyMs, allMs] = [0, 0];
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    allMs += all;
    busyMs += all - times.idle;
  }
  return { busyMs, allMs };
}

/** Tells how busy the processors were since it was asked last. */
export function createProcessorLoad(read: () => Times = processorTimes): () => number {
  let last = read();
  return () => {
    const now = read();
    const all = now.allMs - last.allMs;
    const percent = all <= 0 ? 0 : ((now.busyMs - last.busyMs) / all) * 100;
    last = now;
    return Math.min(100, Math.max(0, Math.round(percent * 10) / 10));
  };
}

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** The machine's minute as a coordinator is told it. */
export function machineMetrics(
  sample: Sample | undefined,
  cpuLoadPct: number,
  energy: { joules: number | undefined; tokensPerKj: number | undefined },
): MachineMetrics {
  const total = mebibytes(totalmem());
  const counters = sample?.network;
  return {
    cpu_load_pct: cpuLoadPct,
    memory_used_mb: Math.max(0, total - mebibytes(freemem())),
    memory_total_mb: total,
    gpus: (sample?.gpus ?? []).slice(0, limits.gpus).map((gpu) => ({
      name: gpu.name.slice(0, 128),
      ...(gpu.utilizationPct !== undefined && { utilization_pct: Math.min(100, Math.max(0, gpu.utilizationPct)) }),
      ...(gpu.vramMb !== undefined &&
        gpu.vramFreeMb !== undefined && { vram_used_mb: Math.max(0, gpu.vramMb - gpu.vramFreeMb) }),
      ...(gpu.vramMb !== undefined && { vram_total_mb: gpu.vramMb }),
      ...(gpu.temperatureC !== undefined && { temperature_c: gpu.temperatureC }),
      ...(gpu.powerW !== undefined && { power_w: Math.max(0, gpu.powerW) }),
    })),
    ...(counters && { received_bytes: counters.receivedBytes, sent_bytes: counters.sentBytes }),
    ...(energy.joules !== undefined && { energy_joules: Math.round(energy.joules) }),
    ...(energy.tokensPerKj !== undefined && { tokens_per_kj: Math.round(energy.tokensPerKj * 10) / 10 }),
  };
}
