import type { Machine } from "../machine.ts";
import { nothing, pciAddressOf, stated, type Findings, type GpuReading } from "../reading.ts";

interface Device {
  device_name?: string;
  pci_bdf_address?: string;
  device_type?: string;
  memory_physical_size_byte?: string | number;
}

/** Reads `xpu-smi discovery -j`. */
export function parseXpuSmi(text: string): Findings {
  const { device_list: devices = [] } = JSON.parse(text) as { device_list?: Device[] };
  const gpus = devices
    .filter(({ device_type }) => device_type === undefined || device_type === "GPU")
    .map(({ device_name, pci_bdf_address, memory_physical_size_byte: bytes }) =>
      stated<GpuReading>({
        source: "xpu-smi",
        vendor: "Intel",
        name: device_name ?? "Intel GPU",
        pciAddress: pciAddressOf(pci_bdf_address),
        vramMb: bytes === undefined || Number(bytes) <= 0 ? undefined : Math.round(Number(bytes) / 2 ** 20),
      }),
    );
  return { gpus, drivers: [], runtimes: gpus.length === 0 ? [] : [{ name: "Level Zero", source: "xpu-smi" }] };
}

export async function probeIntel(machine: Machine): Promise<Findings> {
  const answer = await machine.run("xpu-smi", ["discovery", "-j"]);
  return answer === undefined ? nothing : parseXpuSmi(answer);
}
