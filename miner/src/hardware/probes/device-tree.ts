import type { Machine } from "../machine.ts";
import { nothing, numberIn, stated, type Findings, type GpuReading } from "../reading.ts";

const folder = "/proc/device-tree";

/** Texts in a device tree end with a zero byte, and lists are texts one after the other. */
const texts = (raw: string | undefined): string[] => (raw ?? "").split("\0").filter((text) => text.trim() !== "");

/** Turns `arm,mali-g610`, `qcom,adreno-730.1` and `brcm,2712-v3d` into a vendor and a device's name. */
export function gpuFromCompatible(compatible: readonly string[]): { vendor: string; name: string } | undefined {
  for (const entry of compatible) {
    const mali = /(mali|immortalis)-(g\d+)/i.exec(entry);
    if (mali !== null)
      return {
        vendor: "ARM",
        name: `${mali[1] === "immortalis" ? "Immortalis" : "Mali"}-${mali[2]?.toUpperCase() ?? ""}`,
      };
    const adreno = /qcom,adreno-(\d{3})/i.exec(entry);
    if (adreno !== null) return { vendor: "Qualcomm", name: `Adreno ${adreno[1] ?? ""}` };
    if (/brcm,2712-v3d/.test(entry)) return { vendor: "Broadcom", name: "VideoCore VII" };
    if (/brcm,2711-v3d/.test(entry)) return { vendor: "Broadcom", name: "VideoCore VI" };
  }
  return undefined;
}

/** Chips whose GPU the tree describes only in the vendor's own words. */
const chips: readonly (readonly [pattern: RegExp, vendor: string, name: string])[] = [
  [/rockchip,rk3588/, "ARM", "Mali-G610 MC4"],
  [/rockchip,rk356[68]/, "ARM", "Mali-G52 MP2"],
  [/amlogic,(g12b|s922x)/, "ARM", "Mali-G52 MP6"],
  [/allwinner,sun50i-h616/, "ARM", "Mali-G31 MP2"],
];

/** Boards without PCI: what the firmware says about them. */
export async function probeDeviceTree(machine: Machine): Promise<Findings> {
  if (machine.platform !== "linux" && machine.platform !== "android") return nothing;
  const [model] = texts(await machine.read(`${folder}/model`));
  if (model === undefined) return nothing;
  const memoryMb = Math.round(
    (numberIn(/^MemTotal:\s*(\d+)/m.exec((await machine.read("/proc/meminfo")) ?? "")?.[1]) ?? 0) / 1024,
  );
  const shared = stated<Partial<GpuReading>>({ isMemoryShared: true, vramMb: memoryMb > 0 ? memoryMb : undefined });
  const reading = (vendor: string, name: string): GpuReading => ({ source: "device tree", vendor, name, ...shared });
  if (/jetson|orin|xavier/i.test(model)) {
    const release = await machine.read("/etc/nv_tegra_release");
    return { ...nothing, gpus: [reading("NVIDIA", model)], drivers: jetsonDriver(release) };
  }
  const gpu = (await gpuNode(machine)) ?? chipOf(texts(await machine.read(`${folder}/compatible`)));
  return gpu === undefined ? nothing : { ...nothing, gpus: [reading(gpu.vendor, gpu.name)] };
}

async function gpuNode(machine: Machine): Promise<{ vendor: string; name: string } | undefined> {
  for (const parent of [folder, `${folder}/soc`, `${folder}/soc@0`, `${folder}/v3dbus`, `${folder}/axi`]) {
    for (const node of await machine.list(parent)) {
      if (!/^(gpu|mali|v3d)(@|$)/.test(node)) continue;
      const found = gpuFromCompatible(texts(await machine.read(`${parent}/${node}/compatible`)));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function chipOf(compatible: readonly string[]): { vendor: string; name: string } | undefined {
  for (const [pattern, vendor, name] of chips)
    if (compatible.some((entry) => pattern.test(entry))) return { vendor, name };
  return undefined;
}

/** `# R36 (release), REVISION: 3.0, ...` is the board support package, which brings the driver. */
function jetsonDriver(release: string | undefined): Findings["drivers"] {
  const [, major, revision] = /R(\d+) \(release\), REVISION: ([\d.]+)/.exec(release ?? "") ?? [];
  return major === undefined ? [] : [{ vendor: "NVIDIA", name: "L4T", version: `${major}.${revision ?? "0"}` }];
}
