import type { Machine } from "../machine.ts";

/** Instruction sets that llama.cpp has kernels for, in the kernel's words. */
const known = {
  avx: "avx",
  avx2: "avx2",
  fma: "fma",
  f16c: "f16c",
  avx512: "avx512f",
  avx512Vnni: "avx512_vnni",
  avx512Bf16: "avx512_bf16",
  avxVnni: "avx_vnni",
  amxInt8: "amx_int8",
  neon: "asimd",
  dotProduct: "asimddp",
  int8Matrix: "i8mm",
  sve: "sve",
} as const;
export type CpuFeature = keyof typeof known;

export interface CpuReading {
  model: string | undefined;
  threads: number;
  cores: number | undefined;
  sockets: number | undefined;
  features: CpuFeature[];
}

/** Reads /proc/cpuinfo of an x86 or ARM machine. */
export function parseCpuInfo(text: string): CpuReading {
  const blocks = text.split(/\n\s*\n/).filter((block) => /^processor\s*:/m.test(block));
  const field = (block: string, name: string): string | undefined =>
    new RegExp(`^${name}\\s*:\\s*(.*)$`, "m").exec(block)?.[1]?.trim();
  const [first = ""] = blocks;
  const flags = new Set((field(first, "flags") ?? field(first, "Features") ?? "").split(/\s+/));
  const cores = new Set<string>();
  const sockets = new Set<string>();
  for (const block of blocks) {
    const [socket, core] = [field(block, "physical id"), field(block, "core id")];
    if (socket !== undefined) sockets.add(socket);
    if (socket !== undefined && core !== undefined) cores.add(`${socket}/${core}`);
  }
  return {
    model: field(first, "model name") ?? field(text, "Model") ?? field(text, "Hardware"),
    threads: blocks.length,
    cores: cores.size === 0 ? undefined : cores.size,
    sockets: sockets.size === 0 ? undefined : sockets.size,
    features: featuresOf(flags),
  };
}

/** Flags from the kernel or from macOS' and Windows' tools, which write `avx512f` and `AVX2` alike. */
export function featuresOf(flags: ReadonlySet<string>): CpuFeature[] {
  return (Object.keys(known) as CpuFeature[]).filter((feature) => flags.has(known[feature]));
}

export interface CacheReading {
  level: number;
  type: "Data" | "Instruction" | "Unified";
  kib: number;
  /** How many of this cache the machine has. */
  count: number;
}

const cpuFolder = "/sys/devices/system/cpu";

/** The caches of all processors, one entry for each level and type. */
export async function readCaches(machine: Machine): Promise<CacheReading[]> {
  const cpus = (await machine.list(cpuFolder)).filter((name) => /^cpu\d+$/.test(name));
  const seen = new Map<string, CacheReading & { owners: Set<string> }>();
  await Promise.all(
    cpus.map(async (cpu) => {
      const indexes = (await machine.list(`${cpuFolder}/${cpu}/cache`)).filter((name) => name.startsWith("index"));
      await Promise.all(indexes.map((index) => readCache(machine, `${cpuFolder}/${cpu}/cache/${index}`, seen)));
    }),
  );
  return [...seen.values()]
    .map(({ owners, ...cache }) => ({ ...cache, count: owners.size }))
    .sort((a, b) => a.level - b.level || a.type.localeCompare(b.type));
}

async function readCache(
  machine: Machine,
  folder: string,
  seen: Map<string, CacheReading & { owners: Set<string> }>,
): Promise<void> {
  const [level, type, size, owners] = await Promise.all(
    ["level", "type", "size", "shared_cpu_list"].map((name) => machine.read(`${folder}/${name}`)),
  );
  const kib = sizeInKib(size);
  if (kib === undefined || level === undefined || type === undefined) return;
  const key = `${level.trim()} ${type.trim()}`;
  const entry = seen.get(key) ?? {
    level: Number(level),
    type: type.trim() as CacheReading["type"],
    kib,
    count: 0,
    owners: new Set<string>(),
  };
  entry.owners.add((owners ?? folder).trim());
  seen.set(key, entry);
}

/** `32K`, `1024K`, `36M` */
function sizeInKib(text: string | undefined): number | undefined {
  const [, digits, unit] = /^(\d+)([KM])/.exec(text ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits) * (unit === "M" ? 1024 : 1);
}

export interface NumaNode {
  node: number;
  cpus: string;
  memoryMb: number;
}

const nodeFolder = "/sys/devices/system/node";

/** Parts of the memory that are nearer to some processors than to others; one for most machines. */
export async function readNuma(machine: Machine): Promise<NumaNode[]> {
  const names = (await machine.list(nodeFolder)).filter((name) => /^node\d+$/.test(name));
  const nodes = await Promise.all(
    names.map(async (name) => {
      const [cpus = "", memory = ""] = await Promise.all([
        machine.read(`${nodeFolder}/${name}/cpulist`),
        machine.read(`${nodeFolder}/${name}/meminfo`),
      ]);
      const kib = Number(/MemTotal:\s*(\d+)/.exec(memory)?.[1] ?? 0);
      return { node: Number(name.slice(4)), cpus: cpus.trim(), memoryMb: Math.round(kib / 1024) };
    }),
  );
  return nodes.sort((a, b) => a.node - b.node);
}
