import type { Machine } from "../machine.ts";
import { nothing, numberIn, stated, vendorOf, type Findings, type GpuReading } from "../reading.ts";

interface Display {
  _name?: string;
  sppci_model?: string;
  spdisplays_vendor?: string;
  spdisplays_vram?: string;
  spdisplays_mtlgpufamilysupport?: string;
}

/** What macOS lets a GPU use of the memory unless its owner says otherwise: two thirds, or three quarters from 36 GiB on. */
export function metalLimitMb(memoryMb: number): number {
  return Math.floor(memoryMb * (memoryMb >= 36 * 1024 ? 3 / 4 : 2 / 3));
}

/** Reads `system_profiler SPDisplaysDataType -json`; `memoryBytes` and `limitMb` are what sysctl says. */
export function parseDisplays(text: string, memoryBytes: number | undefined, limitMb: number | undefined): Findings {
  const { SPDisplaysDataType: displays = [] } = JSON.parse(text) as { SPDisplaysDataType?: Display[] };
  const memoryMb = memoryBytes === undefined ? undefined : Math.round(memoryBytes / 2 ** 20);
  const gpus = displays.map((display) => {
    const name = display.sppci_model ?? display._name ?? "unknown";
    const vendor = vendorOf(`${display.spdisplays_vendor ?? ""} ${name}`) ?? "unknown";
    const isShared = vendor === "Apple";
    const own = numberIn(display.spdisplays_vram);
    const ownMb = own === undefined ? undefined : own * (/GB/.test(display.spdisplays_vram ?? "") ? 1024 : 1);
    // A limit of 0 stands for the usual one.
    const usualMb = memoryMb === undefined ? undefined : metalLimitMb(memoryMb);
    const sharedMb = limitMb !== undefined && limitMb > 0 ? limitMb : usualMb;
    return stated<GpuReading>({
      source: "system_profiler",
      vendor,
      name,
      vramMb: isShared ? sharedMb : ownMb,
      isMemoryShared: isShared ? true : undefined,
    });
  });
  const family = displays
    .map((display) => /metal(\d+)/i.exec(display.spdisplays_mtlgpufamilysupport ?? "")?.[1])
    .find(Boolean);
  const hasMetal = displays.some((display) => display.spdisplays_mtlgpufamilysupport !== undefined);
  return {
    gpus,
    drivers: [],
    runtimes: hasMetal ? [stated({ name: "Metal" as const, version: family, source: "system_profiler" })] : [],
  };
}

export async function probeApple(machine: Machine): Promise<Findings> {
  if (machine.platform !== "darwin") return nothing;
  const [displays, memory, limit] = await Promise.all([
    machine.run("system_profiler", ["SPDisplaysDataType", "-json"]),
    machine.run("sysctl", ["-n", "hw.memsize"]),
    machine.run("sysctl", ["-n", "iogpu.wired_limit_mb"]),
  ]);
  return displays === undefined ? nothing : parseDisplays(displays, numberIn(memory), numberIn(limit));
}
