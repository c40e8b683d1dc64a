import type { Machine } from "../machine.ts";
import { nothing, stated, vendorOf, type DriverReading, type Findings, type GpuReading } from "../reading.ts";

interface Controller {
  Name?: string | null;
  AdapterRAM?: number | null;
  DriverVersion?: string | null;
  PNPDeviceID?: string | null;
}
interface DriverKey {
  DriverDesc?: string | null;
  MemorySize?: number | null;
}

const displayClass = "{4d36e968-e325-11ce-bfc1-08002be10318}";
/** WMI's `AdapterRAM` ends at 4 GiB; the driver's own key in the registry does not. */
const script = [
  "$c = @(Get-CimInstance Win32_VideoController | Select-Object Name,AdapterRAM,DriverVersion,PNPDeviceID)",
  `$k = @(Get-ItemProperty 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Class\\${displayClass}\\0*' -ErrorAction SilentlyContinue | Select-Object DriverDesc,@{n='MemorySize';e={$_.'HardwareInformation.qwMemorySize'}})`,
  "@{controllers=$c; drivers=$k} | ConvertTo-Json -Depth 3 -Compress",
].join("; ");

const virtual = /basic (display|render)|remote|virtual|parsec|mirage|citrix|hyper-v/i;

/** Reads the script's answer. */
export function parseWindows(text: string): Findings {
  const answer = JSON.parse(text.replace(/^\uFEFF/, "")) as { controllers?: Controller[]; drivers?: DriverKey[] };
  const drivers = new Map<string, DriverReading>();
  const gpus: GpuReading[] = [];
  for (const { Name, AdapterRAM, DriverVersion, PNPDeviceID } of answer.controllers ?? []) {
    const name = Name ?? "";
    const vendorId = /VEN_([0-9A-F]{4})/i.exec(PNPDeviceID ?? "")?.[1];
    const vendor = (vendorId === undefined ? undefined : vendorOf(vendorId)) ?? vendorOf(name);
    if (vendor === undefined || virtual.test(name)) continue;
    const key = answer.drivers?.find(({ DriverDesc }) => DriverDesc === Name);
    // Some drivers keep their number as bytes of the registry, which is a list here.
    const bytes = [key?.MemorySize, AdapterRAM].find((value) => typeof value === "number");
    gpus.push(
      stated<GpuReading>({
        source: "WMI",
        vendor,
        name,
        vramMb: bytes === undefined || bytes <= 0 ? undefined : Math.round(bytes / 2 ** 20),
      }),
    );
    if (typeof DriverVersion === "string") {
      drivers.set(vendor, { vendor, name: "Windows driver", version: readableVersion(vendor, DriverVersion) });
    }
  }
  return { gpus, drivers: [...drivers.values()], runtimes: [] };
}

/** NVIDIA's own number, 566.36, is in the last five digits of Windows' 32.0.15.6636. */
function readableVersion(vendor: string, version: string): string {
  if (vendor !== "NVIDIA") return version;
  const digits = version.replace(/\./g, "").slice(-5);
  return `${digits.slice(0, 3)}.${digits.slice(3)}`;
}

export async function probeWindows(machine: Machine): Promise<Findings> {
  if (machine.platform !== "win32") return nothing;
  const answer = await machine.run("powershell", ["-NoProfile", "-NonInteractive", "-Command", script]);
  return answer === undefined || answer.trim() === "" ? nothing : parseWindows(answer);
}
