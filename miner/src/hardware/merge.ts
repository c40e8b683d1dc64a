import type { GpuReading } from "./reading.ts";
import { parseDeviceName } from "./profiles/device-name.ts";
import { matchProfile, type ProfileMatch } from "./profiles/match.ts";

/** A device of the machine, as all tools together see it. */
export interface Gpu extends Omit<GpuReading, "source"> {
  /** Who saw it, the most trusted first. */
  sources: string[];
  match?: ProfileMatch;
}

/** Who is believed first: tools that ask the device itself, then the system's files, then lists of names. */
const trust = [
  ...["nvidia-smi", "rocm-smi", "xpu-smi", "system_profiler", "device tree", "WMI", "sysfs"],
  ...["systeminformation", "engine", "vulkaninfo", "lspci", "WebGPU"],
];

/** One entry for each device. Readings with an address are joined by it, others by what they name. */
export function mergeGpus(readings: readonly GpuReading[]): Gpu[] {
  const rank = ({ source }: GpuReading): number => (trust.includes(source) ? trust.indexOf(source) : trust.length);
  const sorted = readings.toSorted((a, b) => rank(a) - rank(b));
  const groups: GpuReading[][] = [];
  // Readings with an address first: they say how many devices there are.
  for (const reading of [...sorted.filter(hasAddress), ...sorted.filter((reading) => !hasAddress(reading))]) {
    const group = groups.find((members) => isSame(members, reading));
    if (group === undefined) groups.push([reading]);
    else group.push(reading);
  }
  return groups.map((group) => describe(group.toSorted((a, b) => rank(a) - rank(b))));
}

const hasAddress = ({ pciAddress }: GpuReading): boolean => pciAddress !== undefined;

function isSame(group: readonly GpuReading[], reading: GpuReading): boolean {
  const address = group.find(hasAddress)?.pciAddress;
  if (address !== undefined && reading.pciAddress !== undefined) return address === reading.pciAddress;
  // A tool lists a device once, so that its second line is a second device.
  if (group.some(({ source }) => source === reading.source)) return false;
  if (!group.some(({ vendor }) => vendor === reading.vendor)) return false;
  return group.some(({ name }) => namesAgree(name, reading.name));
}

/** Two names of one device: the same profile, or one that only numbers what the other one names. */
function namesAgree(a: string, b: string): boolean {
  const isNumbered = (name: string): boolean => / device (0x|unknown)/.test(name);
  if (isNumbered(a) || isNumbered(b)) return true;
  const [first, second] = [matchProfile(a), matchProfile(b)];
  if (first !== undefined && second !== undefined) return first.profile.architecture === second.profile.architecture;
  const words = new Set(parseDeviceName(a).words);
  return parseDeviceName(b).words.some((word) => words.has(word)) || words.size === 0;
}

function describe(group: readonly GpuReading[]): Gpu {
  const fields: Partial<GpuReading> = {};
  for (const reading of group.toReversed()) Object.assign(fields, reading);
  const [first] = group;
  const isNumbered = (name: string): boolean => / device (0x|unknown)/.test(name);
  const name = group.find((reading) => !isNumbered(reading.name))?.name ?? first?.name ?? "unknown";
  const { source: _source, ...rest } = fields;
  const measuredGib = rest.vramMb === undefined || rest.isMemoryShared === true ? undefined : rest.vramMb / 1024;
  const match = group.map((reading) => matchProfile(reading.name, measuredGib)).find((found) => found !== undefined);
  const profiled = match === undefined ? {} : withProfile(rest, match);
  return {
    ...rest,
    ...profiled,
    vendor: first?.vendor ?? "unknown",
    name,
    sources: [...new Set(group.map(({ source }) => source))],
    ...(match && { match }),
  };
}

/** What nobody measured is taken from the profile; shared memory is the machine's, never the profile's. */
function withProfile(reading: Partial<GpuReading>, { profile }: ProfileMatch): Partial<GpuReading> {
  if (profile.isMemoryShared) return { isMemoryShared: true };
  return reading.vramMb === undefined ? { vramMb: profile.vramGib * 1024 } : {};
}
