import { cpus, freemem, tmpdir, totalmem } from "node:os";
import { cpu, graphics } from "systeminformation";
import { detectHardware, type Hardware } from "./detect.ts";
import { localMachine } from "./local-machine.ts";
import { featuresOf } from "./probes/cpu.ts";
import { readDisk } from "./probes/disk.ts";
import { readGraphics } from "./probes/systeminformation.ts";
import { probeWebGpu, webGpuHere } from "./probes/webgpu.ts";
import type { Findings } from "./reading.ts";
import { availableMemory, memoryLimit } from "./sensors/available-memory.ts";

/** A tool that has not answered by then would hold up more than it tells. */
const usualProbeMs = 1200;

export interface DetectHereOptions {
  probeMs?: number;
  /** A folder on the disk that models are kept on. */
  folder?: string;
  /** The engine's own view of the accelerators. */
  engineProbe?: () => Promise<Findings>;
}

/** Everything about this machine. Never throws and never waits longer than its slowest probe may take. */
export function detectHere(options: DetectHereOptions = {}): Promise<Hardware> {
  const { probeMs = usualProbeMs, folder = tmpdir(), engineProbe } = options;
  const now = (): number => performance.now();
  const processors = cpus();
  const limitBytes = memoryLimit();
  const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
  return detectHardware({
    machine: localMachine(probeMs),
    probeMs,
    now,
    basics: {
      cpuModel: processors[0]?.model.trim() ?? "unknown",
      threads: processors.length,
      memory: { totalMb: mebibytes(totalmem()), availableMb: mebibytes(freemem()) },
      ...(limitBytes !== undefined && {
        group: { limitMb: Math.floor(limitBytes / 2 ** 20), availableMb: mebibytes(availableMemory()) },
      }),
    },
    extraProbes: {
      systeminformation: async () => readGraphics(await graphics()),
      WebGPU: () => probeWebGpu(webGpuHere()),
      ...(engineProbe && { engine: engineProbe }),
    },
    cpuFallback: async () => {
      const { manufacturer, brand, physicalCores, processors: sockets, flags } = await cpu();
      return {
        model: `${manufacturer} ${brand}`,
        cores: physicalCores,
        sockets,
        features: featuresOf(new Set(flags.toLowerCase().split(" "))),
      };
    },
    disk: () => readDisk(folder, now),
  });
}
