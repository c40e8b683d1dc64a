/** One device as one tool sees it. Fields that the tool does not state are absent. */
export interface GpuReading {
  /** The tool: `nvidia-smi`, `sysfs`, ... */
  source: string;
  vendor: string;
  name: string;
  /** `0000:01:00.0`, lower case. */
  pciAddress?: string;
  vramMb?: number;
  vramFreeMb?: number;
  /** The memory is the system's. */
  isMemoryShared?: boolean;
  utilizationPct?: number;
  temperatureC?: number;
  /** Its power is off until a program opens it: it tells no heat, and has none. */
  isAsleep?: true;
  powerW?: number;
  powerLimitW?: number;
  /** NVIDIA's number for what the chip can do, such as 8.9. */
  computeCapability?: number;
}

/** What the kernel has for a vendor's devices. It can be there without any runtime. */
export interface DriverReading {
  vendor: string;
  name: string;
  version?: string;
}

/** What programs compute with. It can be there without a device, or be missing beside a good driver. */
export interface RuntimeReading {
  name: "CUDA" | "ROCm" | "Vulkan" | "Metal" | "Level Zero" | "OpenCL" | "WebGPU";
  version?: string;
  source: string;
}

export interface Findings {
  gpus: GpuReading[];
  drivers: DriverReading[];
  runtimes: RuntimeReading[];
}

export const nothing: Findings = { gpus: [], drivers: [], runtimes: [] };

/** Leaves out what a tool did not state, so that it cannot hide what another one did. */
export function stated<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** The number at the front of a text; undefined for `[N/A]` and the like. */
export function numberIn(text: string | undefined): number | undefined {
  const digits = /^\s*(-?\d+(?:\.\d+)?)/.exec(text ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Writes `00000000:01:00.0`, `01:00.0` and `0000:01:00.0` in one way. */
export function pciAddressOf(text: string | undefined): string | undefined {
  const [, domain = "0000", rest] = /(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/i.exec(text ?? "") ?? [];
  return rest === undefined ? undefined : `${domain.slice(-4).padStart(4, "0")}:${rest}`.toLowerCase();
}

const vendors: Readonly<Record<string, string>> = {
  "10de": "NVIDIA",
  "1002": "AMD",
  "8086": "Intel",
  "106b": "Apple",
  "5143": "Qualcomm",
  "13b5": "ARM",
  "14e4": "Broadcom",
};

/** A vendor from its PCI number or any text that names it. */
export function vendorOf(text: string): string | undefined {
  const id = vendors[text.toLowerCase().replace(/^0x0*/, "").padStart(4, "0")];
  if (id !== undefined) return id;
  if (/nvidia|geforce|quadro|tesla|jetson|tegra/i.test(text)) return "NVIDIA";
  if (/\bamd\b|\bati\b|advanced micro devices|radeon|instinct/i.test(text)) return "AMD";
  if (/intel/i.test(text)) return "Intel";
  if (/apple/i.test(text)) return "Apple";
  if (/qualcomm|adreno/i.test(text)) return "Qualcomm";
  if (/\barm\b|mali|immortalis/i.test(text)) return "ARM";
  return /broadcom|videocore|\bv3d\b/i.test(text) ? "Broadcom" : undefined;
}
