import type { GpuTable } from "./profile.ts";

const adrenoSource = "Qualcomm Snapdragon product briefs; arithmetic from published unit counts and clocks";
const maliSource = "Arm product pages; arithmetic from lanes per core, cores and clock of the named chip";

/** Power is that of the whole chip under load. */
export const mobile: readonly GpuTable[] = [
  {
    vendor: "Qualcomm",
    segment: "mobile",
    architecture: "Adreno",
    fp16: 2,
    int8: 4,
    source: adrenoSource,
    rows: [
      ["Adreno 830", 24, 85, 3.4, 10, "2024-10"],
      ["Adreno 750", 24, 77, 2.8, 9, "2023-10"],
      ["Adreno 740", 16, 67, 2.1, 9, "2022-11"],
      ["Adreno 730", 16, 51, 1.8, 9, "2021-11"],
      ["Adreno 660", 12, 51, 1.7, 8, "2020-12"],
      ["Adreno 650", 12, 44, 1.2, 7, "2019-12"],
      ["Adreno 640", 8, 34, 0.95, 6, "2018-12"],
      ["Adreno 630", 8, 30, 0.73, 6, "2017-12"],
    ],
  },
  {
    vendor: "Qualcomm",
    segment: "integrated",
    architecture: "Adreno",
    fp16: 2,
    int8: 4,
    source: adrenoSource,
    rows: [
      ["Adreno X1-85", 64, 135, 4.6, 45, "2024-05"],
      ["Adreno X1-45", 64, 135, 1.7, 30, "2024-09"],
    ],
  },
  {
    vendor: "ARM",
    segment: "mobile",
    architecture: "Mali 5th generation",
    fp16: 2,
    int8: 4,
    source: maliSource,
    rows: [
      ["Immortalis-G925 MC12", 16, 85, 4.95, 12, "2024-10"],
      ["Immortalis-G720 MC12", 16, 77, 4, 11, "2023-11"],
    ],
  },
  {
    vendor: "ARM",
    segment: "mobile",
    architecture: "Mali Valhall",
    fp16: 2,
    int8: 4,
    source: maliSource,
    rows: [
      ["Immortalis-G715 MC11", 16, 68, 2.76, 10, "2022-11"],
      ["Mali-G715 MC7", 12, 51, 1.6, 9, "2023-10"],
      ["Mali-G710 MC10", 16, 60, 1.09, 9, "2021-11"],
      ["Mali-G610 MC4", 32, 34, 0.51, 10, "2022-01"],
      ["Mali-G78 MP24", 12, 44, 1.17, 8, "2020-10"],
      ["Mali-G78 MP20", 12, 51, 1.09, 8, "2021-10"],
      ["Mali-G77 MP11", 8, 44, 0.56, 7, "2020-02"],
      ["Mali-G57 MC2", 8, 17, 0.12, 5, "2020-11"],
    ],
  },
  {
    vendor: "ARM",
    segment: "mobile",
    architecture: "Mali Bifrost",
    fp16: 2,
    int8: 2,
    source: maliSource,
    rows: [
      ["Mali-G76 MP12", 8, 30, 0.41, 6, "2019-02"],
      ["Mali-G72 MP12", 6, 30, 0.23, 6, "2017-11"],
      ["Mali-G52 MP6", 4, 17, 0.12, 6, "2019-06"],
      ["Mali-G52 MP2", 8, 12.8, 0.04, 5, "2020-11"],
      ["Mali-G31 MP2", 4, 10.6, 0.02, 4, "2019-06"],
    ],
  },
];
