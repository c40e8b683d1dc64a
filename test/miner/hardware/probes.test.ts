import { describe, expect, it } from "vitest";
import { metalLimitMb, parseDisplays } from "../../../miner/src/hardware/probes/apple.ts";
import { gpuFromCompatible, probeDeviceTree } from "../../../miner/src/hardware/probes/device-tree.ts";
import { probeDrm } from "../../../miner/src/hardware/probes/drm-sysfs.ts";
import { parseXpuSmi } from "../../../miner/src/hardware/probes/intel.ts";
import { parseLspci } from "../../../miner/src/hardware/probes/lspci.ts";
import { parseCudaVersion, parseNvidiaQuery, probeNvidia } from "../../../miner/src/hardware/probes/nvidia-smi.ts";
import { parseRocmSmi, probeRocm } from "../../../miner/src/hardware/probes/rocm-smi.ts";
import { parseVulkanSummary } from "../../../miner/src/hardware/probes/vulkan.ts";
import { probeWebGpu } from "../../../miner/src/hardware/probes/webgpu.ts";
import { parseWindows } from "../../../miner/src/hardware/probes/windows.ts";
import { fakeMachine, fixture } from "./fake-machine.ts";

describe("nvidia-smi", () => {
  it("states memory, load, heat, power and compute capability", () => {
    const { gpus, drivers } = parseNvidiaQuery(fixture("nvidia-smi-query.rtx-4060-ti-laptop.csv"));
    expect(gpus).toEqual([
      {
        source: "nvidia-smi",
        vendor: "NVIDIA",
        name: "NVIDIA GeForce RTX 4060 Ti 16GB Laptop GPU",
        pciAddress: "0000:01:00.0",
        vramMb: 16380,
        vramFreeMb: 15020,
        utilizationPct: 3,
        temperatureC: 47,
        powerW: 12.34,
        powerLimitW: 140,
        computeCapability: 8.9,
      },
    ]);
    expect(drivers).toEqual([{ vendor: "NVIDIA", name: "nvidia", version: "550.54.14" }]);
  });

  it("leaves out what a card does not state, and names one driver for two cards", () => {
    const { gpus, drivers } = parseNvidiaQuery(fixture("nvidia-smi-query.two-cards.csv"));
    expect(gpus.map(({ pciAddress }) => pciAddress)).toEqual(["0000:01:00.0", "0000:41:00.0"]);
    expect(gpus[1]).not.toHaveProperty("utilizationPct");
    expect(drivers).toHaveLength(1);
  });

  it("asks an old driver again without the field that it refuses", async () => {
    const fields =
      "name,pci.bus_id,memory.total,memory.free,utilization.gpu,temperature.gpu,power.draw,power.limit,driver_version";
    const machine = fakeMachine({
      tools: {
        [`nvidia-smi --query-gpu=${fields} --format=csv,noheader,nounits`]: fixture("nvidia-smi-query.old-driver.csv"),
      },
    });
    const { gpus } = await probeNvidia(machine);
    expect(gpus[0]).toMatchObject({ name: "GeForce GTX 1060 6GB", vramMb: 6078 });
    expect(gpus[0]).not.toHaveProperty("computeCapability");
  });

  it("tells the driver from the CUDA that it can serve", () => {
    expect(parseCudaVersion(fixture("nvidia-smi.header.txt"))).toBe("12.4");
    expect(parseCudaVersion("| KMD Version: 590.44 CUDA UMD Version: 13.1 |")).toBe("13.1");
  });
});

describe("rocm-smi", () => {
  it.each([
    ["rocm-smi.rx-7900-xtx.json", { name: "Radeon RX 7900 XTX", vramMb: 24560, temperatureC: 41, powerLimitW: 303 }],
    ["rocm-smi.mi210.older.txt", { name: "AMD INSTINCT MI210", vramMb: 65520, temperatureC: 38, powerW: 41 }],
  ])("%s", (file, expected) => {
    const { gpus, drivers } = parseRocmSmi(fixture(file));
    expect(gpus).toEqual([expect.objectContaining(expected)]);
    expect(drivers[0]?.name).toBe("amdgpu");
  });

  it("reads numbers that are written as numbers, and nothing for what is null", () => {
    const cards = JSON.parse(fixture("rocm-smi.rx-7900-xtx.json")) as Record<string, Record<string, unknown>>;
    cards["card0"]!["VRAM Total Memory (B)"] = 25_753_026_560;
    cards["card0"]!["VRAM Total Used Memory (B)"] = null;
    const [gpu] = parseRocmSmi(JSON.stringify(cards)).gpus;
    expect(gpu).toMatchObject({ vramMb: 24_560 });
    expect(gpu).not.toHaveProperty("vramFreeMb");
  });

  it("reports an installed ROCm even where no device answers", async () => {
    const found = await probeRocm(fakeMachine({ files: { "/opt/rocm/.info/version": "6.2.4-149\n" } }));
    expect(found).toEqual({ gpus: [], drivers: [], runtimes: [{ name: "ROCm", version: "6.2.4", source: "files" }] });
  });
});

describe("Linux' own files", () => {
  const device = "/sys/class/drm/card1/device";
  const card = {
    [`${device}/vendor`]: "0x1002\n",
    [`${device}/device`]: "0x73bf\n",
    [`${device}/uevent`]: "DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_SLOT_NAME=0000:0b:00.0\n",
    [`${device}/mem_info_vram_total`]: "17163091968\n",
    [`${device}/mem_info_vram_used`]: "1073741824\n",
    [`${device}/gpu_busy_percent`]: "7\n",
    [`${device}/hwmon/hwmon3/temp1_input`]: "52000\n",
    [`${device}/hwmon/hwmon3/power1_average`]: "31000000\n",
    [`${device}/hwmon/hwmon3/power1_cap`]: "255000000\n",
    "/sys/class/drm/card1-DP-1/status": "connected\n",
  };

  it("have an AMD card's memory, load, heat and power without any tool", async () => {
    const { gpus, drivers } = await probeDrm(fakeMachine({ files: card }));
    expect(gpus).toEqual([
      {
        source: "sysfs",
        vendor: "AMD",
        name: "AMD device 0x73bf",
        pciAddress: "0000:0b:00.0",
        vramMb: 16368,
        vramFreeMb: 15344,
        utilizationPct: 7,
        temperatureC: 52,
        powerW: 31,
        powerLimitW: 255,
      },
    ]);
    expect(drivers).toEqual([{ vendor: "AMD", name: "amdgpu" }]);
  });

  it("have a card that the kernel has put to sleep, and none where it is awake", async () => {
    const at = async (status: string): Promise<unknown> => {
      const { gpus } = await probeDrm(fakeMachine({ files: { ...card, [`${device}/power/runtime_status`]: status } }));
      return gpus[0]?.isAsleep;
    };
    expect([await at("suspended\n"), await at("active\n")]).toEqual([true, undefined]);
  });

  it("show a server's console and a virtual machine's window, which are no GPUs", async () => {
    const files = {
      "/sys/class/drm/card0/device/vendor": "0x1a03\n",
      "/sys/class/drm/card1/device/vendor": "0x1af4\n",
    };
    expect((await probeDrm(fakeMachine({ files }))).gpus).toEqual([]);
  });
});

it("lspci names display devices of known vendors", () => {
  expect(parseLspci(fixture("lspci.mixed.txt")).gpus.map(({ vendor, pciAddress }) => [vendor, pciAddress])).toEqual([
    ["Intel", "0000:00:02.0"],
    ["NVIDIA", "0000:01:00.0"],
    ["AMD", "0000:0b:00.0"],
  ]);
});

it("Windows: memory above 4 GiB is the registry's, and NVIDIA's driver has its own number", () => {
  const { gpus, drivers } = parseWindows(fixture("windows.gaming-pc.json"));
  expect(gpus.map(({ name, vramMb }) => [name, vramMb])).toEqual([
    ["NVIDIA GeForce RTX 3080", 10240],
    ["AMD Radeon(TM) Graphics", 512],
  ]);
  expect(drivers.map(({ version }) => version)).toEqual(["566.36", "31.0.24027.1012"]);
});

it("Windows: a registry's number in bytes is no number, and what WMI says stands in for it", () => {
  const answer = JSON.parse(fixture("windows.gaming-pc.json").replace(/^\uFEFF/, "")) as { drivers: object[] };
  const drivers = answer.drivers.map((key) => ({ ...key, MemorySize: [0, 0, 0, 128, 2, 0, 0, 0] }));
  const { gpus } = parseWindows(JSON.stringify({ ...answer, drivers }));
  expect(gpus.every(({ vramMb }) => vramMb === undefined || Number.isInteger(vramMb))).toBe(true);
  expect(gpus[0]?.vramMb).toBeGreaterThan(1000);
});

describe("macOS", () => {
  it("Apple Silicon: the GPU may use two thirds of a small memory, or what its owner allows", () => {
    const text = fixture("system-profiler.m2-pro.json");
    const usual = parseDisplays(text, 16 * 2 ** 30, 0);
    expect(usual.gpus).toEqual([
      { source: "system_profiler", vendor: "Apple", name: "Apple M2 Pro", vramMb: 10922, isMemoryShared: true },
    ]);
    expect(usual.runtimes).toEqual([{ name: "Metal", version: "3", source: "system_profiler" }]);
    expect(parseDisplays(text, 16 * 2 ** 30, 14_000).gpus[0]?.vramMb).toBe(14_000);
    expect(metalLimitMb(64 * 1024)).toBe(48 * 1024);
  });

  it("an Intel Mac: two GPUs, one with memory of its own", () => {
    const { gpus } = parseDisplays(fixture("system-profiler.intel-mac.json"), 32 * 2 ** 30, undefined);
    expect(gpus.map(({ vendor, vramMb }) => [vendor, vramMb])).toEqual([
      ["Intel", undefined],
      ["AMD", 8192],
    ]);
  });
});

it("xpu-smi names Intel's cards", () => {
  const { gpus, runtimes } = parseXpuSmi(fixture("xpu-smi.arc-a770.json"));
  expect(gpus).toEqual([
    { source: "xpu-smi", vendor: "Intel", name: "Intel(R) Arc(TM) A770 Graphics", pciAddress: "0000:03:00.0" },
  ]);
  expect(runtimes[0]?.name).toBe("Level Zero");
});

it("vulkaninfo: devices without the processor's, drivers and the instance's version", () => {
  const { gpus, drivers, runtimes } = parseVulkanSummary(fixture("vulkaninfo.desktop.txt"));
  expect(gpus).toEqual([
    { source: "vulkaninfo", vendor: "AMD", name: "AMD Radeon RX 6800 XT (RADV NAVI21)" },
    { source: "vulkaninfo", vendor: "Intel", name: "Intel(R) UHD Graphics 770 (ADL-S GT1)", isMemoryShared: true },
  ]);
  expect(drivers[0]).toEqual({ vendor: "AMD", name: "radv", version: "Mesa 24.1.0" });
  expect(runtimes).toEqual([{ name: "Vulkan", version: "1.3.275", source: "vulkaninfo" }]);
});

it("WebGPU: the adapter's description, or nothing where the runtime offers none", async () => {
  const gpu = {
    requestAdapter: async () => ({ info: { vendor: "apple", architecture: "metal-3", description: "Apple M2" } }),
  };
  expect((await probeWebGpu(gpu)).gpus).toEqual([{ source: "WebGPU", vendor: "Apple", name: "Apple M2" }]);
  expect((await probeWebGpu(undefined)).gpus).toEqual([]);
  expect((await probeWebGpu({ requestAdapter: async () => null })).gpus).toEqual([]);
});

describe("device trees", () => {
  it.each<[string, string[], { vendor: string; name: string } | undefined]>([
    ["Mali", ["arm,mali-g610", "arm,mali-valhall-csf"], { vendor: "ARM", name: "Mali-G610" }],
    ["Adreno", ["qcom,adreno-730.1", "qcom,adreno"], { vendor: "Qualcomm", name: "Adreno 730" }],
    ["Raspberry Pi 5", ["brcm,2712-v3d"], { vendor: "Broadcom", name: "VideoCore VII" }],
    ["something else", ["vivante,gc"], undefined],
  ])("%s", (_name, compatible, expected) => expect(gpuFromCompatible(compatible)).toEqual(expected));

  it("a Jetson is known by its model, and its driver is the board support package", async () => {
    const machine = fakeMachine({
      files: {
        "/proc/device-tree/model": "NVIDIA Jetson AGX Orin Developer Kit\0",
        "/proc/meminfo": "MemTotal:       64349632 kB\n",
        "/etc/nv_tegra_release": "# R36 (release), REVISION: 3.0, GCID: 36191598, BOARD: generic, EABI: aarch64\n",
      },
    });
    expect(await probeDeviceTree(machine)).toMatchObject({
      gpus: [{ name: "NVIDIA Jetson AGX Orin Developer Kit", vramMb: 62841, isMemoryShared: true }],
      drivers: [{ vendor: "NVIDIA", name: "L4T", version: "36.3.0" }],
    });
  });

  it.each([
    [
      "a node of its own",
      { "/proc/device-tree/gpu@fb000000/compatible": "rockchip,rk3588-mali\0arm,mali-valhall-csf\0" },
    ],
    ["no node at all", {}],
  ])("an RK3588 board with %s has its chip's GPU", async (_name, extra) => {
    const files = {
      "/proc/device-tree/model": "Radxa ROCK 5B\0",
      "/proc/device-tree/compatible": "radxa,rock-5b\0rockchip,rk3588\0",
      "/proc/meminfo": "MemTotal:       16222208 kB\n",
      ...extra,
    };
    expect((await probeDeviceTree(fakeMachine({ files }))).gpus[0]).toMatchObject({
      vendor: "ARM",
      name: "Mali-G610 MC4",
    });
  });

  it("a PC has none", async () => {
    expect((await probeDeviceTree(fakeMachine())).gpus).toEqual([]);
  });
});
