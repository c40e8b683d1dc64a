import type { GpuTable } from "./profile.ts";

/** Largest configuration of each chip. Apple states no power; these are package powers that reviewers measured. */
const source = "Apple newsroom and specifications; arithmetic from cores and clock; power as measured by reviewers";
const common = { vendor: "Apple", fp16: 1, int8: 1, source } as const;

export const apple: readonly GpuTable[] = [
  {
    ...common,
    segment: "integrated",
    architecture: "Apple 7",
    rows: [
      ["M1 Ultra", 128, 800, 20.8, 140, "2022-03"],
      ["M1 Max", 64, 400, 10.4, 70, "2021-10"],
      ["M1 Pro", 32, 200, 5.2, 40, "2021-10"],
      ["M1", 16, 68, 2.6, 20, "2020-11"],
    ],
  },
  {
    ...common,
    segment: "integrated",
    architecture: "Apple 8",
    rows: [
      ["M2 Ultra", 192, 800, 27.2, 160, "2023-06"],
      ["M2 Max", 96, 400, 13.6, 80, "2023-01"],
      ["M2 Pro", 32, 200, 6.8, 45, "2023-01"],
      ["M2", 24, 100, 3.6, 22, "2022-06"],
    ],
  },
  {
    ...common,
    segment: "integrated",
    architecture: "Apple 9",
    rows: [
      ["M3 Ultra", 512, 819, 28.4, 180, "2025-03"],
      ["M3 Max", 128, 400, 14.2, 80, "2023-10"],
      ["M3 Pro", 36, 150, 6.4, 45, "2023-10"],
      ["M3", 24, 100, 3.5, 22, "2023-10"],
      ["M4 Max", 128, 546, 17, 90, "2024-10"],
      ["M4 Pro", 64, 273, 8.5, 55, "2024-10"],
      ["M4", 32, 120, 4.3, 24, "2024-05"],
    ],
  },
  {
    ...common,
    segment: "integrated",
    architecture: "Apple 10",
    rows: [["M5", 32, 153, 4.1, 25, "2025-10"]],
  },
  {
    ...common,
    segment: "mobile",
    architecture: "Apple phone",
    rows: [
      ["A17 Pro", 8, 51, 2.15, 8, "2023-09"],
      ["A16 Bionic", 6, 51, 1.79, 8, "2022-09"],
      ["A15 Bionic", 6, 34, 1.5, 8, "2021-09"],
    ],
  },
];
