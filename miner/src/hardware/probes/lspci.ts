import type { Machine } from "../machine.ts";
import { nothing, pciAddressOf, stated, vendorOf, type Findings, type GpuReading } from "../reading.ts";

/** Reads `lspci -D -mm`: address, class, vendor, device, each in quotes. Names devices that the files only number. */
export function parseLspci(text: string): Findings {
  const gpus = text.split("\n").flatMap((line) => {
    const [, kind = "", maker = "", device = ""] = /"([^"]*)" "([^"]*)" "([^"]*)"/.exec(line) ?? [];
    if (!/VGA compatible controller|3D controller|Display controller/.test(kind)) return [];
    const vendor = vendorOf(maker);
    if (vendor === undefined) return [];
    return [
      stated<GpuReading>({ source: "lspci", vendor, name: device, pciAddress: pciAddressOf(line.split(" ")[0]) }),
    ];
  });
  return { gpus, drivers: [], runtimes: [] };
}

export async function probeLspci(machine: Machine): Promise<Findings> {
  if (machine.platform !== "linux") return nothing;
  const answer = await machine.run("lspci", ["-D", "-mm"]);
  return answer === undefined ? nothing : parseLspci(answer);
}
