import type { Machine } from "../machine.ts";
import { nothing, numberIn, pciAddressOf, stated, type Findings, type GpuReading } from "../reading.ts";

const args = [
  ...["--showproductname", "--showbus", "--showmeminfo", "vram", "--showuse", "--showtemp", "--showpower"],
  ...["--showmaxpower", "--showdriverversion", "--json"],
];

const mebibytes = (text: string | undefined): number | undefined => {
  const bytes = numberIn(text);
  return bytes === undefined ? undefined : Math.round(bytes / 2 ** 20);
};

/** Reads `rocm-smi --json`. Its releases name the same thing differently, so that fields are found by what they contain. */
export function parseRocmSmi(text: string): Findings {
  // Warnings may stand before the JSON.
  const start = text.indexOf("{");
  if (start < 0) return nothing;
  const cards = JSON.parse(text.slice(start)) as Record<string, Record<string, string | number | null>>;
  const gpus: GpuReading[] = [];
  for (const [card, fields] of Object.entries(cards)) {
    if (!/^card\d+$/.test(card)) continue;
    const field = (pattern: RegExp): string | undefined => {
      const found = Object.entries(fields).find(([key]) => pattern.test(key))?.[1];
      // Some releases write numbers as numbers.
      const value = found === undefined || found === null ? "n/a" : String(found);
      return /^(n\/a|unknown)$/i.test(value.trim()) ? undefined : value;
    };
    const total = mebibytes(field(/^VRAM Total Memory/));
    const used = mebibytes(field(/^VRAM Total Used/));
    gpus.push(
      stated<GpuReading>({
        source: "rocm-smi",
        vendor: "AMD",
        name: readable(field(/^Card series$/i)) ?? readable(field(/^Card model$/i)) ?? "AMD GPU",
        pciAddress: pciAddressOf(field(/^PCI Bus$/i)),
        vramMb: total,
        vramFreeMb: total === undefined || used === undefined ? undefined : total - used,
        utilizationPct: numberIn(field(/^GPU use/)),
        temperatureC: numberIn(field(/^Temperature .*(edge|junction|hotspot)/i)),
        powerW: numberIn(field(/^(Average|Current Socket) Graphics Package Power/)),
        powerLimitW: numberIn(field(/^Max Graphics Package Power/)),
      }),
    );
  }
  const version = cards["system"]?.["Driver version"];
  const drivers = typeof version === "string" ? [{ vendor: "AMD", name: "amdgpu", version }] : [];
  return { gpus, drivers, runtimes: [] };
}

/** Older releases give a hexadecimal device number for what they have no name of. */
function readable(name: string | undefined): string | undefined {
  return name === undefined || /^0x[0-9a-f]+$/i.test(name) ? undefined : name;
}

export async function probeRocm(machine: Machine): Promise<Findings> {
  const [answer, version] = await Promise.all([machine.run("rocm-smi", args), machine.read("/opt/rocm/.info/version")]);
  const findings = answer === undefined ? { ...nothing } : parseRocmSmi(answer);
  if (version === undefined) return findings;
  const installed = version.trim().split("-")[0];
  return {
    ...findings,
    runtimes: [stated({ name: "ROCm" as const, version: installed, source: "files" })],
  };
}
