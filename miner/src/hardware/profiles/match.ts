import { parseDeviceName, type DeviceName } from "./device-name.ts";
import { gpuProfiles } from "./index.ts";
import type { GpuProfile } from "./profile.ts";

export interface ProfileMatch {
  profile: GpuProfile;
  /**
   * `exact`: this device; `variant`: this model in another memory size or form, so that the numbers are near;
   * `family`: the name says more than any profile does.
   */
  confidence: "exact" | "variant" | "family";
}

/** Words that a vendor's tools leave out as often as not. */
const optional: ReadonlySet<string> = new Set([
  ...[
    "geforce",
    "radeon",
    "quadro",
    "tesla",
    "instinct",
    "jetson",
    "nvidia",
    "pro",
    "rx",
    "gtx",
    "rtx",
    "arc",
    "ada",
    "sff",
  ],
]);
/** Of the optional ones these tell two devices of one number apart, when they are there. */
const telling: ReadonlySet<string> = new Set(["pro", "rx", "gtx", "rtx", "arc", "ada", "sff", "quadro"]);

/** Cores of a licensed design: the chip's maker chooses them, and most tools leave them out. */
const coreCount = /^m[cp]\d+$/;

/** Names that tools use and vendors do not. Boards that share a chip's name stand for the one with the least of it. */
const aliases: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/mali-g715-immortalis/i, "Immortalis-G715"],
  [/^(?:nvidia )?(?:tegra )?orin \(nvgpu\)/i, "Jetson Orin Nano 4GB"],
  [/^(?:nvidia )?(?:tegra )?xavier(?: \(nvgpu\))?$/i, "Jetson Xavier NX"],
  [/\bv3d 7/i, "VideoCore VII"],
  [/\bv3d 4/i, "VideoCore VI"],
  [/^(?:nvidia )?thor\b/i, "Jetson AGX Thor"],
  [/van ?gogh|amd custom gpu (?:0405|0932)/i, "Radeon Van Gogh"],
];

interface Entry {
  profile: GpuProfile;
  name: DeviceName;
  needed: readonly string[];
}

const entries: readonly Entry[] = gpuProfiles.map((profile) => {
  const name = parseDeviceName(profile.name);
  const needed = name.words.filter((word) => !optional.has(word) && !coreCount.test(word));
  return { profile, name, needed: needed.length === 0 ? name.words : needed };
});

/**
 * Finds the profile of a device by any name it goes by; `vramGib` is what was measured, where something was. Of a chip's name
 * that stands for several devices (`RX 6800/6800 XT`) the slowest of that memory is taken.
 */
export function matchProfile(rawName: string, vramGib?: number): ProfileMatch | undefined {
  const named = aliases.find(([pattern]) => pattern.test(rawName))?.[1] ?? rawName;
  const listed = /\[([^\]]*\/[^\]]*\d[^\]]*)\]/.exec(named)?.[1]?.split("/") ?? [];
  if (listed.length < 2) return matchOne(named, vramGib);
  const found = listed.flatMap((part) => matchOne(part, vramGib) ?? []);
  // What was measured tells most of them apart.
  const sized = found.filter(({ profile }) => vramGib !== undefined && isOfSize(profile, vramGib));
  const [slowest] = (sized.length > 0 ? sized : found).sort((a, b) => a.profile.fp32Tflops - b.profile.fp32Tflops);
  return slowest && { ...slowest, confidence: "family" };
}

/** Drivers keep a part of the memory for themselves. */
const isOfSize = ({ vramGib }: GpuProfile, memory: number): boolean => Math.abs(memory / vramGib - 1) < 0.15;

function matchOne(name: string, vramGib: number | undefined): ProfileMatch | undefined {
  const wanted = parseDeviceName(name);
  const has = new Set(wanted.words);
  const memory = vramGib ?? wanted.vramGib;
  const [best] = entries
    .filter(({ needed }) => needed.every((word) => has.has(word)))
    .map((entry) => ({ entry, score: scoreOf(entry, wanted, memory) }))
    .sort((a, b) => b.score - a.score);
  if (best === undefined || !isEnough(best.entry, wanted)) return undefined;
  return { profile: best.entry.profile, confidence: confidenceOf(best.entry, wanted, memory) };
}

/** More words in common go before the form, and the form before the memory. */
function scoreOf(entry: Entry, wanted: DeviceName, memory: number | undefined): number {
  const { profile, name, needed } = entry;
  const shared = name.words.filter((word) => wanted.words.includes(word)).length;
  const missing = name.words.filter((word) => telling.has(word) && !wanted.words.includes(word)).length;
  const off = memory === undefined ? 0 : Math.min(1, Math.abs(Math.log2(memory / profile.vramGib)));
  // Without any word on memory the smaller variant is the safe one, as is the one with fewer cores.
  const caution = memory === undefined ? profile.vramGib / 1000 : 0;
  const form = hasSameForm(entry, wanted) ? 4 : 0;
  return 100 * needed.length + 10 * shared - 5 * missing + form - 3 * off - caution - profile.fp32Tflops / 10_000;
}

/** Laptop parts that have a number of their own need not be called so. */
function hasSameForm({ profile, name }: Entry, wanted: DeviceName): boolean {
  return name.isLaptop === wanted.isLaptop || (profile.segment === "laptop" && !name.isLaptop);
}

/** A short word, such as the `m2` of something else, must be all there is. */
function isEnough({ needed, name }: Entry, wanted: DeviceName): boolean {
  return needed.some((word) => word.length > 2) || wanted.words.every((word) => name.words.includes(word));
}

/** A word that names another device than the profile's: a number, or what follows one. */
const specific = /^\d{3,4}$|^(?:ti|super|xt|xtx|gre|d|ultra|max)$|^[a-z]+\d{2,}\w*$/;

function confidenceOf(entry: Entry, wanted: DeviceName, memory: number | undefined): ProfileMatch["confidence"] {
  const { profile, name } = entry;
  const unexplained = wanted.words.filter((word) => !name.words.includes(word) && specific.test(word));
  if (unexplained.length > 0) return "family";
  const open = name.words.some((word) => coreCount.test(word) && !wanted.words.includes(word));
  // Shared memory has no size of its own.
  const isSameMemory =
    memory === undefined ? name.vramGib === undefined : profile.isMemoryShared || isOfSize(profile, memory);
  return hasSameForm(entry, wanted) && isSameMemory && !open ? "exact" : "variant";
}
