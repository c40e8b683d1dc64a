import { describe, expect, it, vi } from "vitest";
import { adviseFor, capabilityOf, classify, placesOf, reasonsAgainst } from "../../../miner/src/hardware/index.ts";
import { detectHardware, type DetectOptions, type Hardware } from "../../../miner/src/hardware/detect.ts";
import { summaryOf } from "../../../miner/src/hardware/summary.ts";
import { fakeMachine, fixture, type FakeMachine } from "./fake-machine.ts";

const detect = (machine: FakeMachine, more: Partial<DetectOptions> = {}): Promise<Hardware> =>
  detectHardware({
    machine: fakeMachine(machine),
    probeMs: 200,
    now: () => performance.now(),
    basics: { cpuModel: "Some CPU", threads: 4, memory: { totalMb: 16_000, availableMb: 12_000 } },
    ...more,
  });

const windowsCommand = (text: string): FakeMachine => ({ platform: "win32", tools: { powershell: text } });

describe("a machine without a GPU", () => {
  it("is a normal machine", async () => {
    const hardware = await detect({});
    expect(hardware).toMatchObject({ gpus: [], drivers: [], runtimes: [], cpu: { model: "Some CPU", threads: 4 } });
    expect(classify(hardware)).toBe("cpu");
    expect(hardware.probes.every(({ outcome }) => outcome === "found" || outcome === "nothing")).toBe(true);
    expect(summaryOf(hardware)).toEqual({ cpu: "Some CPU", cpu_threads: 4, memory_mb: 16_000 });
  });
});

describe("what a machine tells of its network", () => {
  const folder = "/sys/class/net";
  const card = (name: string, speed: string): Record<string, string> => ({
    [`${folder}/${name}/operstate`]: "up\n",
    ...(speed !== "" && { [`${folder}/${name}/speed`]: `${speed}\n` }),
  });

  it.each([
    [{ eth0: "1000" }, 125],
    [{ eth0: "10", eth1: "100" }, 12.5],
    [{ eth0: "10", wlan0: "" }, undefined],
    [{ eth0: "-1" }, undefined],
  ])("is what its quickest link carries at most, where all of them tell: %o", async (speeds, mbs) => {
    const files = Object.assign({}, ...Object.entries(speeds).map(([name, speed]) => card(name, speed))) as object;
    const { network_mbs: told } = summaryOf(await detect({ files: { ...files } }));
    expect(told).toBe(mbs);
  });
});

describe("several tools that see one card", () => {
  const device = "/sys/class/drm/card0/device";
  it("are joined by its address; who asks the device is believed first", async () => {
    const { gpus } = await detect({
      tools: {
        "rocm-smi": fixture("rocm-smi.rx-7900-xtx.json"),
        lspci:
          '0000:03:00.0 "VGA compatible controller" "Advanced Micro Devices, Inc. [AMD/ATI]" "Navi 31 [Radeon RX 7900 XT/7900 XTX]"',
      },
      files: {
        [`${device}/vendor`]: "0x1002",
        [`${device}/device`]: "0x744c",
        [`${device}/uevent`]: "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0\n",
        [`${device}/mem_info_vram_total`]: "25753026560",
      },
    });
    expect(gpus).toHaveLength(1);
    expect(gpus[0]).toMatchObject({
      name: "Radeon RX 7900 XTX",
      vramMb: 24_560,
      sources: ["rocm-smi", "sysfs", "lspci"],
      match: { confidence: "exact", profile: { name: "Radeon RX 7900 XTX" } },
    });
  });

  it("are joined by name where one of them knows no address", async () => {
    const { gpus, drivers, runtimes } = await detect({
      tools: {
        "nvidia-smi": fixture("nvidia-smi-query.rtx-4060-ti-laptop.csv"),
        vulkaninfo:
          "GPU0:\n\tvendorID = 0x10de\n\tdeviceName = NVIDIA GeForce RTX 4060 Ti\n\tdeviceType = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU\n",
      },
    });
    expect(gpus.map(({ sources }) => sources)).toEqual([["nvidia-smi", "vulkaninfo"]]);
    expect(drivers).toEqual([{ vendor: "NVIDIA", name: "nvidia", version: "550.54.14" }]);
    expect(runtimes.map(({ name }) => name)).toEqual(["Vulkan"]);
  });

  it("stay two where a machine has two of them", async () => {
    const twice = fixture("nvidia-smi-query.rtx-4060-ti-laptop.csv").trim();
    const { gpus } = await detect({ tools: { "nvidia-smi": `${twice}\n${twice.replace("01:00.0", "02:00.0")}\n` } });
    expect(gpus).toHaveLength(2);
  });
});

it("a card that only Linux numbers gets its name from the listing and its memory from its profile", async () => {
  const device = "/sys/class/drm/card0/device";
  const { gpus } = await detect({
    tools: { lspci: fixture("lspci.mixed.txt") },
    files: { [`${device}/vendor`]: "0x10de", [`${device}/uevent`]: "DRIVER=nouveau\nPCI_SLOT_NAME=0000:01:00.0\n" },
  });
  const card = gpus.find(({ vendor }) => vendor === "NVIDIA");
  expect(card).toMatchObject({ name: "GA104 [GeForce RTX 3070]", vramMb: 8192, match: { confidence: "exact" } });
});

it("a gaming PC under Windows: the card first, then what is in the processor", async () => {
  const hardware = await detect(windowsCommand(fixture("windows.gaming-pc.json")));
  expect(hardware.gpus.map(({ name }) => name)).toEqual(["NVIDIA GeForce RTX 3080", "AMD Radeon(TM) Graphics"]);
  expect(hardware.gpus[0]?.match?.profile.name).toBe("GeForce RTX 3080 10GB");
  expect(classify(hardware)).toBe("gaming");
});

describe("a tool that", () => {
  it("hangs costs its time and nothing else", async () => {
    const never = new Promise<never>(() => undefined);
    const tools = { "nvidia-smi": fixture("nvidia-smi-query.two-cards.csv") };
    vi.useFakeTimers();
    try {
      const found: Hardware[] = [];
      void detect({ tools }, { extraProbes: { broken: () => never }, probeMs: 100 }).then((one) => found.push(one));
      await vi.advanceTimersByTimeAsync(99);
      expect(found).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      const [hardware] = found;
      expect(hardware?.gpus).toHaveLength(2);
      expect(hardware?.probes).toContainEqual(expect.objectContaining({ name: "broken", outcome: "too slow" }));
    } finally {
      vi.useRealTimers();
    }
  });

  it("prints nonsense is reported as failed, and the rest goes on", async () => {
    const hardware = await detect({
      tools: { "rocm-smi": "{not json", "nvidia-smi": fixture("nvidia-smi-query.two-cards.csv") },
    });
    expect(hardware.gpus).toHaveLength(2);
    expect(hardware.probes).toContainEqual(expect.objectContaining({ name: "rocm-smi", outcome: "failed" }));
  });
});

describe("what follows from it", () => {
  const laptop = (): Promise<Hardware> =>
    detect({ tools: { "nvidia-smi": fixture("nvidia-smi-query.rtx-4060-ti-laptop.csv") } });

  it.each<[string, FakeMachine, string]>([
    ["a gamer's card", { tools: { "nvidia-smi": fixture("nvidia-smi-query.rtx-4060-ti-laptop.csv") } }, "gaming"],
    ["an accelerator", { tools: { "rocm-smi": fixture("rocm-smi.mi210.older.txt") } }, "datacenter"],
    [
      "Apple Silicon",
      { platform: "darwin", tools: { system_profiler: fixture("system-profiler.m2-pro.json"), sysctl: "17179869184" } },
      "integrated",
    ],
    ["a board", { files: { "/proc/device-tree/model": "NVIDIA Jetson Orin Nano Developer Kit\0" } }, "embedded"],
  ])("%s is classified", async (_name, machine, expected) => expect(classify(await detect(machine))).toBe(expected));

  it("the capability score follows the profile, and history once there is any", async () => {
    const gpu = (await laptop()).gpus[0]!;
    const { score } = capabilityOf(gpu);
    expect(score).toBeGreaterThan(50);
    const slow = capabilityOf(gpu, { tokensPerSecond: 10, expectedTokensPerSecond: 20 });
    expect(slow).toEqual({ score: Math.round(score * 0.75), basis: "profile and measurement" });
    expect(capabilityOf({ vendor: "?", name: "?", sources: [] })).toEqual({ score: 0, basis: "unknown" });
  });

  it("every place to run a model has a budget, and the largest that fits", async () => {
    const hardware = await laptop();
    const places = placesOf(hardware);
    expect(places.map(({ device }) => device)).toEqual(["NVIDIA GeForce RTX 4060 Ti 16GB Laptop GPU", "processor"]);
    const advice = adviseFor(places[0]!, hardware.gpus[0], 4096, 512);
    expect(advice.checkable).toMatchObject({ model: "Mistral Small 24B", format: "Q4_0" });
    expect(advice.checkable!.plan.totalBytes).toBeLessThanOrEqual(advice.budgetBytes);
    expect(advice.formats[0]).toBe("F16");
  });

  it("a card whose halves are slow is offered integers first", async () => {
    const { gpus } = await detect({ tools: { "nvidia-smi": fixture("nvidia-smi-query.two-cards.csv") } });
    const pascal = gpus.find(({ name }) => name === "Tesla P40")!;
    expect(adviseFor({ device: "x", budgetBytes: 2 ** 34 }, pascal, 4096, 512).formats).toEqual(["Q8_0", "Q4_0"]);
  });
});

describe("eligibility", () => {
  const good = { vendor: "NVIDIA", vramMb: 8192, computeCapability: 8.6, driverVersion: "560.35.03" };
  const model = { modelMb: 7680, blacklistedDrivers: ["NVIDIA 555.00"] };
  it("a good card may serve", () => expect(reasonsAgainst(good, model)).toEqual([]));
  it.each([
    ["too little memory", { vramMb: 8191 }, /memory/],
    ["too old a chip", { computeCapability: 6.1 }, /compute capability is 6\.1/],
    ["a broken driver", { driverVersion: "555.00" }, /known to be broken/],
    ["three times too hot", { thermalThrottles: 3 }, /3 times/],
    ["more than 5 % of errors", { errorRate: 0.051 }, /5\.1 % of its jobs/],
  ])("not with %s", (_name, change, reason) => {
    const reasons = reasonsAgainst({ ...good, ...change }, model);
    expect(reasons).toEqual([expect.stringMatching(reason)]);
  });
});
