import { describe, expect, it } from "vitest";
import { gpuProfiles, matchProfile } from "../../../miner/src/hardware/index.ts";

describe("the profiles", () => {
  it("are more than 150 for desktops, laptops, workstations and the edge", () => {
    expect(gpuProfiles.filter(({ segment }) => segment !== "datacenter").length).toBeGreaterThan(150);
  });

  it("have names of their own", () => {
    const names = gpuProfiles.map(({ vendor, name }) => `${vendor} ${name}`);
    expect(names.length).toBe(new Set(names).size);
  });

  it.each(gpuProfiles.map((profile) => [profile.name, profile] as const))("%s is plausible", (_name, profile) => {
    const { vramGib, bandwidthGBs, fp32Tflops, fp16Tflops, int8Tops, tdpW, released, source, edgeGrade } = profile;
    const within = (value: number, low: number, high: number): void => {
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThanOrEqual(high);
    };
    within(vramGib, 1, 512);
    within(bandwidthGBs, 10, 8000);
    within(fp32Tflops, 0.01, 200);
    within(tdpW, 4, 1000);
    // Halves are never much slower than on Pascal, nor faster than on the newest data-center chips.
    within(fp16Tflops / fp32Tflops, 1 / 70, 40);
    within(int8Tops / fp32Tflops, 0.9, 70);
    // GB/s for each watt: an old desktop card at the lower end, memory stacked on the chip or a phone at the upper one.
    within(bandwidthGBs / tdpW, 0.6, 10);
    expect(released).toMatch(/^20(1[4-9]|2[0-6])-(0[1-9]|1[0-2])$/);
    expect(edgeGrade).toMatch(/^[A-E]$/);
    expect(source).not.toBe("");
  });

  it("find themselves by their own names", () => {
    const missed = gpuProfiles.filter((profile) => {
      const match = matchProfile(`${profile.vendor} ${profile.name}`, profile.vramGib);
      return match?.profile !== profile || match.confidence !== "exact";
    });
    expect(missed).toEqual([]);
  });
});

describe("a device's name", () => {
  it.each<[raw: string, vramGib: number | undefined, name: string, confidence: string]>([
    ["NVIDIA GeForce RTX 4060 Ti 16GB Laptop GPU", undefined, "GeForce RTX 4060 Ti 16GB", "variant"],
    ["NVIDIA GeForce RTX 4060 Ti", 15.99, "GeForce RTX 4060 Ti 16GB", "exact"],
    ["NVIDIA GeForce RTX 4060 Ti", 8, "GeForce RTX 4060 Ti 8GB", "exact"],
    ["NVIDIA GeForce RTX 4060 Laptop GPU", 8, "GeForce RTX 4060 Laptop", "exact"],
    ["NVIDIA GeForce RTX 2070 with Max-Q Design", 8, "GeForce RTX 2070 Laptop", "exact"],
    ["GeForce RTX 4070 Ti SUPER", undefined, "GeForce RTX 4070 Ti SUPER", "exact"],
    ["RTX4090", undefined, "GeForce RTX 4090", "exact"],
    ["NVIDIA GeForce RTX 3080", 12, "GeForce RTX 3080 12GB", "exact"],
    ["NVIDIA GeForce RTX 3060", undefined, "GeForce RTX 3060 8GB", "variant"],
    ["NVIDIA GeForce GTX 1060 3GB", 3, "GeForce GTX 1060 3GB", "exact"],
    ["NVIDIA GeForce GTX TITAN X", 12, "GeForce GTX TITAN X", "exact"],
    ["NVIDIA TITAN Xp", 12, "TITAN Xp", "exact"],
    ["Quadro RTX 4000", 8, "Quadro RTX 4000", "exact"],
    ["NVIDIA RTX 4000 Ada Generation", 20, "RTX 4000 Ada", "exact"],
    ["NVIDIA RTX 4000 SFF Ada Generation", 20, "RTX 4000 SFF Ada", "exact"],
    ["NVIDIA RTX A2000 12GB", 12, "RTX A2000 12GB", "exact"],
    ["NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", 96, "RTX PRO 6000 Blackwell Max-Q", "exact"],
    ["NVIDIA A100-SXM4-80GB", undefined, "A100 80GB", "exact"],
    ["NVIDIA H100 80GB HBM3", undefined, "H100 80GB HBM3", "exact"],
    ["NVIDIA L4", 22.5, "L4", "exact"],
    ["NVIDIA Corporation AD104 [GeForce RTX 4070 Ti] (rev a1)", undefined, "GeForce RTX 4070 Ti", "exact"],
    [
      "01:00.0 VGA compatible controller: NVIDIA Corporation GA104 [GeForce RTX 3070] (rev a1)",
      8,
      "GeForce RTX 3070",
      "exact",
    ],
    ["Navi 21 [Radeon RX 6800/6800 XT / 6900 XT]", 16, "Radeon RX 6800", "family"],
    ["Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]", 24, "Radeon RX 7900 XTX", "family"],
    ["Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]", 20, "Radeon RX 7900 XT", "family"],
    ["TU104M [GeForce RTX 2080 SUPER Mobile / Max-Q]", 8, "GeForce RTX 2080 SUPER Laptop", "exact"],
    ["NVIDIA GeForce RTX 3050 6GB Laptop GPU", 6, "GeForce RTX 3050 6GB Laptop", "exact"],
    ["AMD Radeon RX 6750 GRE 12GB", 12, "Radeon RX 6750 GRE 12GB", "exact"],
    ["Orin (nvgpu)", undefined, "Jetson Orin Nano 4GB", "exact"],
    ["Mali-G715-Immortalis MC11 r0p1", undefined, "Immortalis-G715 MC11", "variant"],
    ["AMD Radeon RX 6800 XT (RADV NAVI21)", 16, "Radeon RX 6800 XT", "exact"],
    ["AMD Radeon RX 7900 XT", 20, "Radeon RX 7900 XT", "exact"],
    ["AMD Radeon(TM) 780M Graphics", undefined, "Radeon 780M", "exact"],
    ["AMD Radeon RX 6800M", 12, "Radeon RX 6800M", "exact"],
    ["AMD Instinct MI300X OAM", 192, "Instinct MI300X", "exact"],
    ["Intel(R) Arc(TM) A770 Graphics", 16, "Arc A770 16GB", "exact"],
    ["Intel(R) Iris(R) Xe Graphics", undefined, "Iris Xe", "exact"],
    ["Apple M2 Pro", undefined, "M2 Pro", "exact"],
    ["Apple M2", undefined, "M2", "exact"],
    ["ARM Mali-G78", undefined, "Mali-G78 MP20", "variant"],
    ["Qualcomm(R) Adreno(TM) X1-85 GPU", undefined, "Adreno X1-85", "exact"],
    ["Adreno (TM) 740", undefined, "Adreno 740", "exact"],
    ["NVIDIA Jetson AGX Orin Developer Kit", 61, "Jetson AGX Orin 64GB", "exact"],
    ["V3D 7.1", undefined, "VideoCore VII", "exact"],
    [
      "ANGLE (NVIDIA, NVIDIA GeForce RTX 3070 (0x00002484) Direct3D11 vs_5_0 ps_5_0, D3D11)",
      undefined,
      "GeForce RTX 3070",
      "exact",
    ],
  ])("%s, %s GiB", (raw, vramGib, name, confidence) => {
    const match = matchProfile(raw, vramGib);
    expect([match?.profile.name, match?.confidence]).toEqual([name, confidence]);
  });

  it.each([
    "Microsoft Basic Display Adapter",
    "llvmpipe (LLVM 15.0.7, 256 bits)",
    "VMware SVGA 3D",
    "AMD Radeon(TM) Graphics",
    "ASPEED Graphics Family",
    "",
  ])("%j is no device that is known", (raw) => expect(matchProfile(raw)).toBeUndefined());
});
