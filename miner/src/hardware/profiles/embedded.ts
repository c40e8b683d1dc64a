import type { GpuTable } from "./profile.ts";

const jetson = { vendor: "NVIDIA", segment: "embedded" } as const;
const jetsonSource = "NVIDIA Jetson module data sheets, GPU alone, without deep-learning accelerators and sparsity";

export const embedded: readonly GpuTable[] = [
  {
    ...jetson,
    architecture: "Blackwell",
    fp16: 32,
    int8: 64,
    source: jetsonSource,
    rows: [["Jetson AGX Thor", 128, 273, 8.06, 130, "2025-08"]],
  },
  {
    ...jetson,
    architecture: "Blackwell",
    fp16: 4,
    int8: 8,
    source: "NVIDIA DGX Spark user guide",
    rows: [["GB10", 128, 273, 29.7, 140, "2025-10"]],
  },
  {
    ...jetson,
    architecture: "Ampere",
    fp16: 8,
    int8: 16,
    source: jetsonSource,
    rows: [
      ["Jetson AGX Orin 64GB", 64, 205, 5.3, 60, "2022-12"],
      ["Jetson AGX Orin 32GB", 32, 205, 3.3, 40, "2022-10"],
      ["Jetson Orin NX 16GB", 16, 102, 1.88, 25, "2022-12"],
      ["Jetson Orin NX 8GB", 8, 102, 1.57, 20, "2023-01"],
      ["Jetson Orin Nano Super", 8, 102, 2.09, 25, "2024-12"],
      ["Jetson Orin Nano 8GB", 8, 68, 1.28, 15, "2023-03"],
      ["Jetson Orin Nano 4GB", 4, 34, 0.64, 10, "2023-03"],
    ],
  },
  {
    ...jetson,
    architecture: "Volta",
    fp16: 8,
    int8: 16,
    source: jetsonSource,
    rows: [
      ["Jetson AGX Xavier", 32, 137, 1.41, 30, "2018-09"],
      ["Jetson Xavier NX", 8, 59.7, 0.85, 20, "2020-05"],
    ],
  },
  {
    ...jetson,
    architecture: "Pascal",
    fp16: 2,
    int8: 1,
    source: jetsonSource,
    rows: [["Jetson TX2", 8, 59.7, 0.67, 15, "2017-03"]],
  },
  {
    ...jetson,
    architecture: "Maxwell",
    fp16: 2,
    int8: 1,
    source: jetsonSource,
    rows: [
      ["Jetson TX1", 4, 25.6, 0.51, 15, "2015-11"],
      ["Jetson Nano", 4, 25.6, 0.24, 10, "2019-03"],
    ],
  },
  {
    vendor: "Broadcom",
    segment: "embedded",
    architecture: "VideoCore",
    fp16: 1,
    int8: 1,
    source: "Raspberry Pi documentation",
    rows: [
      ["VideoCore VII", 16, 17.1, 0.08, 12, "2023-10"],
      ["VideoCore VI", 8, 12.8, 0.03, 7, "2019-06"],
    ],
  },
];
