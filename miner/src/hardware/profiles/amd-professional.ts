import type { GpuTable } from "./profile.ts";

const workstation = { vendor: "AMD", segment: "workstation" } as const;
const datacenter = { vendor: "AMD", segment: "datacenter" } as const;
const source = "AMD Radeon PRO and Instinct data sheets";

export const amdProfessional: readonly GpuTable[] = [
  {
    ...workstation,
    architecture: "RDNA 4",
    fp16: 4,
    int8: 8,
    source,
    rows: [["Radeon AI PRO R9700", 32, 640, 47.8, 300, "2025-07"]],
  },
  {
    ...workstation,
    architecture: "RDNA 3",
    fp16: 2,
    int8: 2,
    source,
    rows: [
      ["Radeon PRO W7900", 48, 864, 61.3, 295, "2023-04"],
      ["Radeon PRO W7800", 32, 576, 45.2, 260, "2023-04"],
      ["Radeon PRO W7700", 16, 576, 28.3, 190, "2023-11"],
      ["Radeon PRO W7600", 8, 288, 20, 130, "2023-08"],
      ["Radeon PRO W7500", 8, 172, 12.2, 70, "2023-08"],
    ],
  },
  {
    ...workstation,
    architecture: "RDNA 2",
    fp16: 2,
    int8: 4,
    source,
    rows: [
      ["Radeon PRO W6800", 32, 512, 17.8, 250, "2021-06"],
      ["Radeon PRO W6600", 8, 224, 10.4, 100, "2021-06"],
      ["Radeon PRO W6400", 4, 128, 3.5, 50, "2022-01"],
    ],
  },
  {
    ...workstation,
    architecture: "RDNA",
    fp16: 2,
    int8: 2,
    source,
    rows: [
      ["Radeon PRO W5700", 8, 448, 8.9, 205, "2019-11"],
      ["Radeon PRO W5500", 8, 224, 5.4, 125, "2020-02"],
    ],
  },
  {
    ...workstation,
    architecture: "Vega",
    fp16: 2,
    int8: 2,
    source,
    rows: [
      ["Radeon Pro VII", 16, 1024, 13.1, 250, "2020-05"],
      ["Radeon Pro WX 9100", 16, 484, 12.3, 230, "2017-07"],
      ["Radeon Pro WX 8200", 8, 512, 10.8, 230, "2018-09"],
    ],
  },
  {
    ...workstation,
    architecture: "Polaris",
    fp16: 1,
    int8: 1,
    source,
    rows: [["Radeon Pro WX 7100", 8, 224, 5.7, 130, "2016-11"]],
  },
  {
    ...datacenter,
    architecture: "Vega",
    fp16: 2,
    int8: 4,
    source,
    rows: [
      ["Instinct MI60", 32, 1024, 14.7, 300, "2018-11"],
      ["Instinct MI50 32GB", 32, 1024, 13.4, 300, "2018-11"],
      ["Instinct MI50 16GB", 16, 1024, 13.4, 300, "2018-11"],
      ["Instinct MI25", 16, 484, 12.3, 300, "2017-06"],
    ],
  },
  {
    ...datacenter,
    architecture: "CDNA",
    fp16: 8,
    int8: 8,
    source,
    rows: [
      ["Instinct MI100", 32, 1229, 23.1, 300, "2020-11"],
      ["Instinct MI210", 64, 1638, 22.6, 300, "2022-03"],
      ["Instinct MI250X", 128, 3277, 47.9, 560, "2021-11"],
    ],
  },
  {
    ...datacenter,
    architecture: "CDNA 3",
    fp16: 8,
    int8: 16,
    source,
    rows: [
      ["Instinct MI300A", 128, 5300, 122.6, 760, "2023-12"],
      ["Instinct MI300X", 192, 5300, 163, 750, "2023-12"],
      ["Instinct MI325X", 256, 6000, 163, 1000, "2024-10"],
    ],
  },
];
