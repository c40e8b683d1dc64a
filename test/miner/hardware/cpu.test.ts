import { describe, expect, it } from "vitest";
import { parseCpuInfo, readCaches, readNuma } from "../../../miner/src/hardware/probes/cpu.ts";
import { readLinks } from "../../../miner/src/hardware/probes/links.ts";
import { parseMemInfo, readMemory, type GroupMemory } from "../../../miner/src/hardware/probes/memory.ts";
import { availableMemory, memoryLimit, type MemoryLook } from "../../../miner/src/hardware/sensors/available-memory.ts";
import { fakeMachine, fixture } from "./fake-machine.ts";

describe("processors", () => {
  it("x86: cores, sockets and the instruction sets that the engine has kernels for", () => {
    expect(parseCpuInfo(fixture("cpuinfo.x86-server.recorded.txt"))).toEqual({
      model: "AMD EPYC",
      threads: 2,
      cores: 2,
      sockets: 1,
      features: ["avx", "avx2", "fma", "f16c", "avx512", "avx512Vnni", "avx512Bf16", "avxVnni"],
    });
  });

  it("ARM: the board's name stands in for the processor's", () => {
    expect(parseCpuInfo(fixture("cpuinfo.raspberry-pi-5.txt"))).toEqual({
      model: "Raspberry Pi 5 Model B Rev 1.0",
      threads: 2,
      cores: undefined,
      sockets: undefined,
      features: ["neon", "dotProduct"],
    });
  });

  it("count a cache once for the processors that share it", async () => {
    const cache = (cpu: number, index: number, level: number, size: string, owners: string): Record<string, string> => {
      const folder = `/sys/devices/system/cpu/cpu${cpu}/cache/index${index}`;
      const type = level === 1 ? "Data\n" : "Unified\n";
      return {
        [`${folder}/level`]: `${level}\n`,
        [`${folder}/type`]: type,
        [`${folder}/size`]: `${size}\n`,
        [`${folder}/shared_cpu_list`]: `${owners}\n`,
      };
    };
    const files = {
      ...cache(0, 0, 1, "32K", "0"),
      ...cache(1, 0, 1, "32K", "1"),
      ...cache(0, 3, 3, "36M", "0-1"),
      ...cache(1, 3, 3, "36M", "0-1"),
      "/sys/devices/system/cpu/cpufreq/policy0/scaling_driver": "x",
    };
    expect(await readCaches(fakeMachine({ files }))).toEqual([
      { level: 1, type: "Data", kib: 32, count: 2 },
      { level: 3, type: "Unified", kib: 36_864, count: 1 },
    ]);
  });

  it("have memory that is nearer to some of them", async () => {
    const folder = "/sys/devices/system/node";
    const files = {
      [`${folder}/node1/cpulist`]: "8-15\n",
      [`${folder}/node1/meminfo`]: "Node 1 MemTotal:       33012345 kB\n",
      [`${folder}/node0/cpulist`]: "0-7\n",
      [`${folder}/node0/meminfo`]: "Node 0 MemTotal:       32784312 kB\n",
    };
    expect(await readNuma(fakeMachine({ files }))).toEqual([
      { node: 0, cpus: "0-7", memoryMb: 32_016 },
      { node: 1, cpus: "8-15", memoryMb: 32_239 },
    ]);
  });
});

describe("memory", () => {
  const otherwise = { totalMb: 1, availableMb: 1 };
  it("is the kernel's own count", () => {
    expect(parseMemInfo(fixture("meminfo.desktop.txt"))).toEqual({ totalMb: 32_016, availableMb: 27_258 });
  });
  it("ends for a container where its control group says", async () => {
    const files = { "/proc/meminfo": fixture("meminfo.desktop.txt"), "/sys/fs/cgroup/memory.max": "4294967296\n" };
    expect(await readMemory(fakeMachine({ files }), otherwise)).toMatchObject({ totalMb: 32_016, limitMb: 4096 });
    const free = { ...files, "/sys/fs/cgroup/memory.max": "max\n" };
    expect(await readMemory(fakeMachine({ files: free }), otherwise)).not.toHaveProperty("limitMb");
  });
  it("ends for a service where its own group says, and what is left of that counts", async () => {
    const files = { "/proc/meminfo": fixture("meminfo.desktop.txt") };
    const read = (group: GroupMemory) => readMemory(fakeMachine({ files }), otherwise, group);
    expect(await read({ limitMb: 2048, availableMb: 1500 })).toMatchObject({ limitMb: 2048, availableMb: 1500 });
    expect(await read({ limitMb: 2048, availableMb: 90_000 })).toMatchObject({ limitMb: 2048, availableMb: 27_258 });
    expect(await read({ limitMb: 90_000, availableMb: 80_000 })).toEqual({ totalMb: 32_016, availableMb: 27_258 });
  });
  const mebibyte = 2 ** 20;
  const look = (files: Readonly<Record<string, string>>, limitMb = 4096): MemoryLook => ({
    ...{ limitBytes: limitMb * mebibyte, availableBytes: 100 * mebibyte, totalBytes: 16_384 * mebibyte },
    read: (path) => files[path],
  });
  const stat = (name: string, mb: number): string => `anon 5\n${name} ${mb * mebibyte}\nactive_file 7\n`;
  it.each<[string, Readonly<Record<string, string>>, number]>([
    ["a container", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.stat": stat("inactive_file", 900) }, 1000],
    [
      "a service",
      { "/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/b/memory.stat": stat("inactive_file", 300) },
      400,
    ],
    [
      "a container of the first version",
      {
        "/proc/self/cgroup": "4:memory:/docker/x\n0::/\n",
        "/sys/fs/cgroup/memory/memory.stat": stat("total_inactive_file", 50),
      },
      150,
    ],
    ["a system that tells nothing", {}, 100],
    [
      "a file that says more than there is",
      { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.stat": stat("inactive_file", 1e6) },
      4096,
    ],
  ])("counts old pages of files as free: %s", (_name, files, freeMb) => {
    expect(availableMemory(look(files)) / mebibyte).toBe(freeMb);
  });
  it("is the machine's where no group limits it", () => {
    const files = { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.stat": stat("inactive_file", 900) };
    for (const limitMb of [0, 1e9]) expect(availableMemory(look(files, limitMb)) / mebibyte).toBe(100);
    expect([memoryLimit(look({})), memoryLimit(look({}, 0))]).toEqual([4096 * mebibyte, undefined]);
    expect(availableMemory()).toBeGreaterThan(0);
  });
  it("is what the runtime says where there is no such file", async () => {
    expect(await readMemory(fakeMachine(), otherwise)).toEqual(otherwise);
  });
});

it("network: interfaces that are up, with a speed where they state one", async () => {
  const folder = "/sys/class/net";
  const files = {
    [`${folder}/lo/operstate`]: "unknown\n",
    [`${folder}/enp5s0/operstate`]: "up\n",
    [`${folder}/enp5s0/speed`]: "2500\n",
    [`${folder}/wlp4s0/operstate`]: "up\n",
    [`${folder}/wlp4s0/wireless/x`]: "",
    [`${folder}/eth1/operstate`]: "down\n",
    [`${folder}/eth0/operstate`]: "up\n",
    [`${folder}/eth0/speed`]: "-1\n",
  };
  expect(await readLinks(fakeMachine({ files }))).toEqual([
    { name: "enp5s0", isWireless: false, speedMbps: 2500 },
    { name: "wlp4s0", isWireless: true },
    { name: "eth0", isWireless: false },
  ]);
});
