import type { GpuTable } from "./profile.ts";

const source = "Intel Arc and processor graphics specifications";

export const intel: readonly GpuTable[] = [
  {
    vendor: "Intel",
    segment: "desktop",
    architecture: "Xe2-HPG",
    fp16: 8,
    int8: 16,
    source,
    rows: [
      ["Arc B580", 12, 456, 14.6, 190, "2024-12"],
      ["Arc B570", 10, 380, 12.7, 150, "2025-01"],
    ],
  },
  {
    vendor: "Intel",
    segment: "desktop",
    architecture: "Xe-HPG",
    fp16: 8,
    int8: 16,
    source,
    rows: [
      ["Arc A770 16GB", 16, 560, 17.2, 225, "2022-10"],
      ["Arc A770 8GB", 8, 512, 17.2, 225, "2022-10"],
      ["Arc A750", 8, 512, 14.7, 225, "2022-10"],
      ["Arc A580", 8, 512, 10.4, 185, "2023-10"],
      ["Arc A380", 6, 186, 4.2, 75, "2022-06"],
      ["Arc A310", 4, 124, 3.1, 75, "2022-09"],
    ],
  },
  {
    vendor: "Intel",
    segment: "workstation",
    architecture: "Xe2-HPG",
    fp16: 8,
    int8: 16,
    source,
    rows: [
      ["Arc Pro B60", 24, 456, 12.3, 200, "2025-09"],
      ["Arc Pro B50", 16, 224, 10.7, 70, "2025-09"],
    ],
  },
  {
    vendor: "Intel",
    segment: "workstation",
    architecture: "Xe-HPG",
    fp16: 8,
    int8: 16,
    source,
    rows: [
      ["Arc Pro A60", 12, 384, 8.4, 130, "2023-06"],
      ["Arc Pro A50", 6, 192, 4.8, 75, "2022-08"],
      ["Arc Pro A40", 6, 192, 5, 50, "2022-08"],
    ],
  },
  {
    vendor: "Intel",
    segment: "laptop",
    architecture: "Xe-HPG",
    fp16: 8,
    int8: 16,
    source,
    rows: [
      ["Arc A770M", 16, 512, 13.5, 150, "2022-07"],
      ["Arc A730M", 12, 336, 6.8, 120, "2022-07"],
      ["Arc A550M", 8, 224, 3.7, 80, "2022-07"],
      ["Arc A370M", 4, 112, 3.2, 50, "2022-03"],
      ["Arc A350M", 4, 112, 1.8, 35, "2022-03"],
    ],
  },
  {
    vendor: "Intel",
    segment: "integrated",
    architecture: "Xe2-LPG",
    fp16: 8,
    int8: 16,
    source,
    rows: [
      ["Arc 140V", 32, 137, 4.2, 37, "2024-09"],
      ["Arc 140T", 64, 134, 4.8, 45, "2025-01"],
    ],
  },
  {
    vendor: "Intel",
    segment: "integrated",
    architecture: "Xe-LP",
    fp16: 2,
    int8: 4,
    source,
    rows: [
      ["Iris Xe", 32, 68, 2.1, 28, "2020-09"],
      ["UHD 770", 64, 77, 0.79, 65, "2021-11"],
      ["UHD 730", 64, 77, 0.6, 65, "2021-03"],
    ],
  },
  {
    vendor: "Intel",
    segment: "integrated",
    architecture: "Gen9",
    fp16: 2,
    int8: 1,
    source,
    rows: [
      ["UHD 630", 64, 42, 0.46, 65, "2017-01"],
      ["UHD 620", 32, 34, 0.42, 15, "2017-08"],
    ],
  },
];
