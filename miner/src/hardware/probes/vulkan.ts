import type { Machine } from "../machine.ts";
import { nothing, stated, vendorOf, type DriverReading, type Findings, type GpuReading } from "../reading.ts";

/** Reads `vulkaninfo --summary`. Devices that compute on the processor are left out. */
export function parseVulkanSummary(text: string): Findings {
  const instance = /Vulkan Instance Version:\s*([\d.]+)/.exec(text)?.[1];
  const drivers = new Map<string, DriverReading>();
  const gpus: GpuReading[] = [];
  for (const block of text.split(/^GPU\d+:\s*$/m).slice(1)) {
    const field = (name: string): string | undefined =>
      new RegExp(`^\\s*${name}\\s*=\\s*(.+?)\\s*$`, "m").exec(block)?.[1];
    const name = field("deviceName") ?? "";
    const type = field("deviceType") ?? "";
    const vendor = vendorOf(field("vendorID") ?? "") ?? vendorOf(name);
    if (type.endsWith("_CPU") || vendor === undefined) continue;
    const isShared = type.endsWith("INTEGRATED_GPU");
    gpus.push(stated<GpuReading>({ source: "vulkaninfo", vendor, name, isMemoryShared: isShared ? true : undefined }));
    const driver = field("driverName");
    const version = field("driverInfo");
    if (driver !== undefined) drivers.set(driver, stated<DriverReading>({ vendor, name: driver, version }));
  }
  const runtimes =
    gpus.length === 0 ? [] : [stated({ name: "Vulkan" as const, version: instance, source: "vulkaninfo" })];
  return { gpus, drivers: [...drivers.values()], runtimes };
}

export async function probeVulkan(machine: Machine): Promise<Findings> {
  const answer = await machine.run("vulkaninfo", ["--summary"]);
  return answer === undefined ? nothing : parseVulkanSummary(answer);
}
