import type { Machine } from "../machine.ts";
import {
  numberIn,
  pciAddressOf,
  stated,
  vendorOf,
  type DriverReading,
  type Findings,
  type GpuReading,
} from "../reading.ts";

const folder = "/sys/class/drm";

/** Every display device that Linux knows, from its own files: works without any vendor's tool. */
export async function probeDrm(machine: Machine): Promise<Findings> {
  if (machine.platform !== "linux") return { gpus: [], drivers: [], runtimes: [] };
  const cards = (await machine.list(folder)).filter((name) => /^card\d+$/.test(name));
  const found = await Promise.all(cards.map((card) => readCard(machine, `${folder}/${card}/device`)));
  const drivers = new Map<string, DriverReading>();
  for (const { driver } of found) if (driver !== undefined) drivers.set(driver.name, driver);
  return { gpus: found.flatMap(({ gpu }) => gpu ?? []), drivers: [...drivers.values()], runtimes: [] };
}

async function readCard(machine: Machine, device: string): Promise<{ gpu?: GpuReading; driver?: DriverReading }> {
  const read = (name: string): Promise<string | undefined> => machine.read(`${device}/${name}`);
  const [vendorId, deviceId, uevent = "", product, total, used, busy, power, monitors] = await Promise.all([
    read("vendor"),
    read("device"),
    read("uevent"),
    read("product_name"),
    read("mem_info_vram_total"),
    read("mem_info_vram_used"),
    read("gpu_busy_percent"),
    read("power/runtime_status"),
    machine.list(`${device}/hwmon`),
  ]);
  const vendor = vendorOf(vendorId?.trim() ?? "");
  // Servers have a small card for their console, and virtual machines one for their window.
  if (vendor === undefined) return {};
  const driverName = /^DRIVER=(.+)$/m.exec(uevent)?.[1];
  const [heat, watts, cap] = await readSensors(machine, device, monitors);
  const driver = driverName === undefined ? undefined : { vendor, name: driverName };
  return {
    gpu: stated<GpuReading>({
      source: "sysfs",
      vendor,
      name: product?.trim() ?? `${vendor} device ${deviceId?.trim() ?? "unknown"}`,
      pciAddress: pciAddressOf(/^PCI_SLOT_NAME=(.+)$/m.exec(uevent)?.[1]),
      vramMb: scaled(total, 2 ** -20),
      vramFreeMb:
        total === undefined || used === undefined ? undefined : scaled(String(Number(total) - Number(used)), 2 ** -20),
      utilizationPct: numberIn(busy),
      temperatureC: scaled(heat, 1 / 1000),
      isAsleep: power?.trim() === "suspended" ? true : undefined,
      powerW: scaled(watts, 1e-6),
      powerLimitW: scaled(cap, 1e-6),
    }),
    ...(driver && { driver: await withVersion(machine, driver) }),
  };
}

/** Millidegrees and microwatts of the card's own sensors. */
async function readSensors(
  machine: Machine,
  device: string,
  monitors: readonly string[],
): Promise<(string | undefined)[]> {
  const [monitor] = monitors;
  if (monitor === undefined) return [];
  const read = (name: string): Promise<string | undefined> => machine.read(`${device}/hwmon/${monitor}/${name}`);
  const [heat, average, input, cap] = await Promise.all(
    ["temp1_input", "power1_average", "power1_input", "power1_cap"].map(read),
  );
  return [heat, average ?? input, cap];
}

/** Drivers that come with the kernel have no version of their own. */
async function withVersion(machine: Machine, driver: DriverReading): Promise<DriverReading> {
  const version = (await machine.read(`/sys/module/${driver.name}/version`))?.trim();
  return version === undefined ? driver : { ...driver, version };
}

function scaled(text: string | undefined, factor: number): number | undefined {
  const value = numberIn(text);
  return value === undefined ? undefined : Math.round(value * factor);
}
