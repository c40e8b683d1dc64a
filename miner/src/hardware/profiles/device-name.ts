/** What a device's name says, once everything that names no device is gone. */
export interface DeviceName {
  /** `rtx`, `4060`, `ti`: lower case, without memory sizes. */
  words: readonly string[];
  /** Memory stated in the name. */
  vramGib: number | undefined;
  isLaptop: boolean;
}

const vendorWords = new Set([
  ...[
    "nvidia",
    "amd",
    "ati",
    "intel",
    "apple",
    "arm",
    "qualcomm",
    "snapdragon",
    "corporation",
    "corp",
    "inc",
    "ltd",
    "co",
  ],
  ...["advanced", "micro", "devices", "technologies", "technology", "broadcom", "samsung", "xclipse"],
]);
/** Words that stand beside a device's name without telling one from another. */
const noiseWords = new Set([
  ...[
    "graphics",
    "gpu",
    "series",
    "edition",
    "founders",
    "generation",
    "gen",
    "card",
    "adapter",
    "controller",
    "display",
  ],
  ...["vga", "compatible", "3d", "video", "with", "design", "the", "dgpu", "igpu", "core", "cores", "laptop", "mobile"],
  ...["direct3d11", "direct3d12", "vulkan", "opengl", "metal", "renderer", "angle", "rev", "oc", "unknown", "onboard"],
  ...["radv", "vulkan", "openplatform", "tm", "developer", "kit", "devkit", "engineering", "reference", "module"],
]);
/** Makes `RTX4090` and `4060Ti` two words, but leaves `A4000`, `780M` and `W6800` whole. */
const glued = /^(rtx|gtx|gt|rx|mali|adreno|arc)-?(\w+)$|^(\d{3,4})(ti|super|xt|xtx|gre|d)$/;

/** Takes a name from nvidia-smi, a PCI listing, WMI, Vulkan, a browser or a device tree apart. */
export function parseDeviceName(raw: string): DeviceName {
  const name = inner(raw)
    .toLowerCase()
    .replace(/\((?:r|tm|c)\)|[®™©]/g, " ")
    .replace(/\([^)]*\)|\[[^\]]*\]/g, " ")
    .replace(/max-q|max q/g, "maxq")
    .replace(/-(?:sxm\d?|nvl)\b/g, " ")
    .replace(/-(?=pcie|\d+gb)/g, " ");
  let vramGib: number | undefined;
  const rest = name.replace(/\b(\d{1,3}|\d{4,6})\s?(gb|gib|g|mb|mib)\b/g, (text, digits: string, unit: string) => {
    const size = unit.startsWith("m") ? Number(digits) / 1024 : Number(digits);
    // A four-digit number before GB is a model, not a size.
    if (size < 1 || size > 512) return text;
    vramGib = Math.round(size);
    return " ";
  });
  const all = rest.split(/[\s/,;:_|]+/).flatMap(splitGlued);
  const words = all.filter(
    (word) => /^[a-z0-9][a-z0-9.+-]*$/.test(word) && !vendorWords.has(word) && !noiseWords.has(word),
  );
  const isLaptop = all.some((word) => word === "laptop" || word === "mobile" || word === "maxq");
  return { words: [...new Set(words)], vramGib, isLaptop };
}

/** A PCI listing has the name in brackets behind the chip's, a browser puts it inside `ANGLE (vendor, name, driver)`. */
function inner(raw: string): string {
  const angle = /^ANGLE \(([^,]+), ([^,]+(?:\([^)]*\)[^,]*)?),/.exec(raw)?.[2];
  if (angle !== undefined) return angle;
  const bracket = [...raw.matchAll(/\[([^\]]{4,})\]/g)]
    .map(([, text]) => text ?? "")
    .find((text) => /[a-z]/i.test(text) && !/^(amd\/ati|[0-9a-f]{4}:[0-9a-f]{4})$/i.test(text));
  return bracket ?? raw.replace(/^[0-9a-f:.]{5,12}\s+/i, "");
}

function splitGlued(word: string): string[] {
  const [, prefix, rest, digits, suffix] = glued.exec(word) ?? [];
  if (prefix !== undefined && rest !== undefined) return [prefix, ...splitGlued(rest)];
  return digits !== undefined && suffix !== undefined ? [digits, suffix] : [word];
}
