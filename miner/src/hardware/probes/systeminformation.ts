import type { Systeminformation } from "systeminformation";
import { stated, vendorOf, type DriverReading, type Findings, type GpuReading } from "../reading.ts";

/** What the library says about graphics, on every system and without any vendor's tool. */
export function readGraphics({ controllers }: Systeminformation.GraphicsData): Findings {
  const drivers = new Map<string, DriverReading>();
  const gpus = controllers.flatMap((controller) => {
    const { vendor: maker, model, vram, busAddress, pciBus, driverVersion, memoryTotal } = controller;
    const vendor = vendorOf(`${maker} ${model}`);
    if (vendor === undefined) return [];
    if (driverVersion !== undefined && driverVersion !== "") {
      drivers.set(vendor, { vendor, name: "driver", version: driverVersion });
    }
    const megabytes = memoryTotal ?? vram ?? 0;
    const address = busAddress ?? pciBus;
    return [
      stated<GpuReading>({
        source: "systeminformation",
        vendor,
        name: model,
        pciAddress: address === undefined ? undefined : pciOf(address),
        // Windows' and lspci's figures are windows into the memory; small ones say nothing about its size.
        vramMb: megabytes >= 512 ? megabytes : undefined,
      }),
    ];
  });
  return { gpus, drivers: [...drivers.values()], runtimes: [] };
}

const pciOf = (text: string): string | undefined =>
  /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i.test(text)
    ? `0000:${text.toLowerCase()}`
    : /^[0-9a-f]{4}:/i.test(text)
      ? text.toLowerCase()
      : undefined;
