import { mergeGpus, type Gpu } from "./merge.ts";
import type { Machine } from "./machine.ts";
import { probeApple } from "./probes/apple.ts";
import { parseCpuInfo, readCaches, readNuma, type CacheReading, type CpuReading, type NumaNode } from "./probes/cpu.ts";
import { probeDeviceTree } from "./probes/device-tree.ts";
import type { DiskReading } from "./probes/disk.ts";
import { probeDrm } from "./probes/drm-sysfs.ts";
import { probeIntel } from "./probes/intel.ts";
import { readLinks, type LinkReading } from "./probes/links.ts";
import { probeLspci } from "./probes/lspci.ts";
import { readMemory, type GroupMemory, type MemoryReading } from "./probes/memory.ts";
import { probeNvidia } from "./probes/nvidia-smi.ts";
import { probeRocm } from "./probes/rocm-smi.ts";
import { probeVulkan } from "./probes/vulkan.ts";
import { probeWindows } from "./probes/windows.ts";
import { nothing, type DriverReading, type Findings, type RuntimeReading } from "./reading.ts";

export interface Cpu extends CpuReading {
  model: string;
  caches: CacheReading[];
  numa: NumaNode[];
}

export interface ProbeReport {
  name: string;
  ms: number;
  outcome: "found" | "nothing" | "too slow" | "failed";
}

export interface Hardware {
  platform: string;
  arch: string;
  cpu: Cpu;
  memory: MemoryReading;
  /** From the most to the least able; none is a normal machine. */
  gpus: Gpu[];
  /** Which kernels' drivers are there, */
  drivers: DriverReading[];
  /** and, apart from them, what programs can compute with. */
  runtimes: RuntimeReading[];
  disk?: DiskReading;
  links: LinkReading[];
  probes: ProbeReport[];
}

/** What detection takes from outside; everything else is read through `machine`. */
export interface DetectOptions {
  machine: Machine;
  /** Longest that any one probe may take. */
  probeMs: number;
  /** Milliseconds on a clock that only goes forward. */
  now: () => number;
  /** What is known without asking anybody. */
  basics: { cpuModel: string; threads: number; memory: MemoryReading; group?: GroupMemory };
  /** Further ways of looking for GPUs: libraries, and the engine, which this folder must not know. */
  extraProbes?: Readonly<Record<string, () => Promise<Findings>>>;
  cpuFallback?: () => Promise<Partial<CpuReading>>;
  disk?: () => Promise<DiskReading>;
}

const gpuProbes: Readonly<Record<string, (machine: Machine) => Promise<Findings>>> = {
  "nvidia-smi": probeNvidia,
  "rocm-smi": probeRocm,
  "xpu-smi": probeIntel,
  sysfs: probeDrm,
  lspci: probeLspci,
  WMI: probeWindows,
  system_profiler: probeApple,
  "device tree": probeDeviceTree,
  vulkaninfo: probeVulkan,
};

/** Looks at everything at once. No tool can make it fail or take longer than `probeMs`. */
export async function detectHardware(options: DetectOptions): Promise<Hardware> {
  const { machine, basics } = options;
  const probes: ProbeReport[] = [];
  const probe = async <T>(
    name: string,
    work: () => Promise<T>,
    isEmpty: (value: T) => boolean,
  ): Promise<T | undefined> => {
    const { value, outcome, ms } = await timed(work, options);
    const isNothing = value !== undefined && isEmpty(value);
    probes.push({ name, ms, outcome: outcome === "found" && isNothing ? "nothing" : outcome });
    return value;
  };
  const list = [
    ...Object.entries(gpuProbes).map(([name, run]) => [name, () => run(machine)] as const),
    ...Object.entries(options.extraProbes ?? {}),
  ];
  const isEmptyList = (value: readonly unknown[]): boolean => value.length === 0;
  const [findings, cpu, caches, numa, memory, links, disk] = await Promise.all([
    Promise.all(
      list.map(([name, run]) => probe(name, run, ({ gpus, runtimes }) => gpus.length + runtimes.length === 0)),
    ),
    probe(
      "cpu",
      () => readCpu(options),
      () => false,
    ),
    probe("caches", () => readCaches(machine), isEmptyList),
    probe("numa", () => readNuma(machine), isEmptyList),
    probe(
      "memory",
      () => readMemory(machine, basics.memory, basics.group),
      () => false,
    ),
    probe("network", () => readLinks(machine), isEmptyList),
    options.disk === undefined ? undefined : probe("disk", options.disk, () => false),
  ]);
  const found = findings.map((one) => one ?? nothing);
  return {
    platform: machine.platform,
    arch: machine.arch,
    cpu: { ...(cpu ?? unknownCpu(options)), caches: caches ?? [], numa: numa ?? [] },
    memory: memory ?? basics.memory,
    gpus: sortGpus(mergeGpus(found.flatMap(({ gpus }) => gpus))),
    drivers: uniqueDrivers(found.flatMap(({ drivers }) => drivers)),
    runtimes: unique(
      found.flatMap(({ runtimes }) => runtimes),
      ({ name }) => name,
    ),
    ...(disk && { disk }),
    links: links ?? [],
    probes,
  };
}

async function timed<T>(
  work: () => Promise<T>,
  { probeMs, now }: DetectOptions,
): Promise<{ value?: T; outcome: ProbeReport["outcome"]; ms: number }> {
  const started = now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), probeMs);
  });
  try {
    const value = await Promise.race([work(), late]);
    const ms = Math.round(now() - started);
    return value === "late" ? { outcome: "too slow", ms } : { value: value as T, outcome: "found", ms };
  } catch {
    return { outcome: "failed", ms: Math.round(now() - started) };
  } finally {
    clearTimeout(timer);
  }
}

const unknownCpu = ({ basics }: DetectOptions): CpuReading & { model: string } => ({
  model: basics.cpuModel,
  threads: basics.threads,
  cores: undefined,
  sockets: undefined,
  features: [],
});

/** From /proc/cpuinfo, or where there is none from a library. */
async function readCpu(options: DetectOptions): Promise<CpuReading & { model: string }> {
  const basic = unknownCpu(options);
  const text = await options.machine.read("/proc/cpuinfo");
  const reading = text === undefined ? await options.cpuFallback?.() : parseCpuInfo(text);
  if (reading === undefined) return basic;
  return {
    model: reading.model ?? basic.model,
    threads: reading.threads === undefined || reading.threads === 0 ? basic.threads : reading.threads,
    cores: reading.cores,
    sockets: reading.sockets,
    features: reading.features ?? [],
  };
}

/** Memory of its own first, then more of it, then the faster one. */
function sortGpus(gpus: Gpu[]): Gpu[] {
  const own = ({ isMemoryShared }: Gpu): number => (isMemoryShared === true ? 0 : 1);
  const speed = ({ match }: Gpu): number => match?.profile.bandwidthGBs ?? 0;
  return gpus.sort((a, b) => own(b) - own(a) || (b.vramMb ?? 0) - (a.vramMb ?? 0) || speed(b) - speed(a));
}

function unique<T>(items: readonly T[], key: (item: T) => string): T[] {
  const seen = new Map<string, T>();
  for (const item of items) if (!seen.has(key(item))) seen.set(key(item), item);
  return [...seen.values()];
}

/** A tool that knows no version adds nothing where another one does. */
function uniqueDrivers(drivers: readonly DriverReading[]): DriverReading[] {
  const versioned = drivers.filter(({ version }) => version !== undefined);
  const known = new Set(versioned.map(({ vendor }) => vendor));
  const rest = drivers.filter(({ vendor, version }) => version === undefined && !known.has(vendor));
  return unique([...versioned, ...rest], ({ vendor, version }) => `${vendor} ${version ?? ""}`);
}
