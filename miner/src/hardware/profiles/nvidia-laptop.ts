import type { GpuTable } from "./profile.ts";

const common = { vendor: "NVIDIA", segment: "laptop" } as const;
const source = "NVIDIA GeForce laptop pages; makers choose clock and power, these are the upper ends";

export const geforceLaptop: readonly GpuTable[] = [
  {
    ...common,
    architecture: "Blackwell",
    fp16: 2,
    int8: 8,
    source,
    rows: [
      ["GeForce RTX 5090 Laptop", 24, 896, 31.8, 150, "2025-03"],
      ["GeForce RTX 5080 Laptop", 16, 896, 23, 150, "2025-03"],
      ["GeForce RTX 5070 Ti Laptop", 12, 672, 17.2, 115, "2025-03"],
      ["GeForce RTX 5070 Laptop", 8, 384, 13.1, 100, "2025-04"],
      ["GeForce RTX 5060 Laptop", 8, 384, 9.7, 100, "2025-05"],
      ["GeForce RTX 5050 Laptop", 8, 384, 7.7, 100, "2025-06"],
    ],
  },
  {
    ...common,
    architecture: "Ada Lovelace",
    fp16: 2,
    int8: 8,
    source,
    rows: [
      ["GeForce RTX 4090 Laptop", 16, 576, 33, 150, "2023-02"],
      ["GeForce RTX 4080 Laptop", 12, 432, 24.7, 150, "2023-02"],
      ["GeForce RTX 4070 Laptop", 8, 256, 15.6, 115, "2023-02"],
      ["GeForce RTX 4060 Laptop", 8, 256, 11.6, 115, "2023-02"],
      ["GeForce RTX 4050 Laptop", 6, 192, 9, 115, "2023-02"],
    ],
  },
  {
    ...common,
    architecture: "Ampere",
    fp16: 2,
    int8: 8,
    source,
    rows: [
      ["GeForce RTX 3080 Ti Laptop", 16, 512, 18.7, 150, "2022-02"],
      ["GeForce RTX 3080 Laptop 16GB", 16, 448, 19, 150, "2021-01"],
      ["GeForce RTX 3080 Laptop 8GB", 8, 448, 19, 150, "2021-01"],
      ["GeForce RTX 3070 Ti Laptop", 8, 448, 16.6, 125, "2022-02"],
      ["GeForce RTX 3070 Laptop", 8, 448, 15.9, 125, "2021-01"],
      ["GeForce RTX 3060 Laptop", 6, 336, 13.1, 115, "2021-01"],
      ["GeForce RTX 3050 Ti Laptop", 4, 192, 7.6, 80, "2021-05"],
      ["GeForce RTX 3050 6GB Laptop", 6, 168, 7, 80, "2023-01"],
      ["GeForce RTX 3050 Laptop", 4, 192, 6.1, 80, "2021-05"],
    ],
  },
  {
    ...common,
    architecture: "Turing",
    fp16: 4,
    int8: 16,
    source,
    rows: [
      ["GeForce RTX 2080 SUPER Laptop", 8, 448, 9.6, 150, "2020-04"],
      ["GeForce RTX 2070 SUPER Laptop", 8, 448, 7.1, 115, "2020-04"],
      ["GeForce RTX 2080 Laptop", 8, 448, 9.4, 150, "2019-01"],
      ["GeForce RTX 2070 Laptop", 8, 448, 6.6, 115, "2019-01"],
      ["GeForce RTX 2060 Laptop", 6, 336, 4.6, 90, "2019-01"],
    ],
  },
  {
    ...common,
    architecture: "Turing without tensor cores",
    fp16: 2,
    int8: 4,
    source,
    rows: [
      ["GeForce GTX 1660 Ti Laptop", 6, 288, 4.9, 80, "2019-04"],
      ["GeForce GTX 1650 Ti Laptop", 4, 192, 3, 55, "2020-04"],
      ["GeForce GTX 1650 Laptop", 4, 128, 3.2, 50, "2019-04"],
    ],
  },
];
