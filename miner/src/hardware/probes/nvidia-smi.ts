import type { Machine } from "../machine.ts";
import { nothing, numberIn, pciAddressOf, stated, type Findings, type GpuReading } from "../reading.ts";

const fields = [
  ...["name", "pci.bus_id", "memory.total", "memory.free", "utilization.gpu", "temperature.gpu"],
  ...["power.draw", "power.limit", "driver_version"],
] as const;
/** Drivers before 2021 do not know this field and refuse the whole query for it. */
const newerField = "compute_cap";

/** Reads `--query-gpu=... --format=csv,noheader,nounits`, one line for each device. */
export function parseNvidiaQuery(text: string): Findings {
  const drivers = new Set<string>();
  const gpus = text
    .split("\n")
    .map((line) => line.split(",").map((cell) => cell.trim()))
    .filter((cells) => cells.length >= fields.length)
    .map(([name = "", bus, total, free, load, heat, power, limit, driver, capability]) => {
      if (driver !== undefined && /^\d/.test(driver)) drivers.add(driver);
      return stated<GpuReading>({
        source: "nvidia-smi",
        vendor: "NVIDIA",
        name,
        pciAddress: pciAddressOf(bus),
        vramMb: numberIn(total),
        vramFreeMb: numberIn(free),
        utilizationPct: numberIn(load),
        temperatureC: numberIn(heat),
        powerW: numberIn(power),
        powerLimitW: numberIn(limit),
        computeCapability: numberIn(capability),
      });
    });
  return {
    gpus,
    drivers: [...drivers].map((version) => ({ vendor: "NVIDIA", name: "nvidia", version })),
    runtimes: [],
  };
}

/** The newest CUDA that the driver can serve, from the header of plain `nvidia-smi`; not an installed toolkit. */
export function parseCudaVersion(text: string): string | undefined {
  return /CUDA (?:UMD )?Version\s*:\s*(\d+\.\d+)/.exec(text)?.[1];
}

export async function probeNvidia(machine: Machine): Promise<Findings> {
  const query = (names: readonly string[]): Promise<string | undefined> =>
    machine.run("nvidia-smi", [`--query-gpu=${names.join(",")}`, "--format=csv,noheader,nounits"]);
  const header = machine.run("nvidia-smi", []);
  const answer = (await query([...fields, newerField])) ?? (await query(fields));
  if (answer === undefined) return nothing;
  const findings = parseNvidiaQuery(answer);
  const version = parseCudaVersion((await header) ?? "");
  if (version !== undefined) findings.runtimes.push({ name: "CUDA", version, source: "nvidia-smi" });
  return findings;
}
