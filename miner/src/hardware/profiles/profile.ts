import { edgeGrade, type EdgeGrade } from "./edge.ts";

export type GpuVendor = "NVIDIA" | "AMD" | "Intel" | "Apple" | "Qualcomm" | "ARM" | "Broadcom";
/** What a device is sold for. `integrated` and `mobile` share the system's memory. */
export type GpuSegment = "desktop" | "laptop" | "workstation" | "datacenter" | "embedded" | "integrated" | "mobile";

export interface GpuProfile {
  /** As the vendor writes it, without the vendor. */
  name: string;
  vendor: GpuVendor;
  architecture: string;
  segment: GpuSegment;
  /** Its own memory in GiB; for shared memory the most that its systems come with. */
  vramGib: number;
  isMemoryShared: boolean;
  bandwidthGBs: number;
  fp32Tflops: number;
  /** Dense, on matrix units where there are any, sums kept in FP32. */
  fp16Tflops: number;
  /** Dense, on matrix units where there are any. */
  int8Tops: number;
  tdpW: number;
  /** `YYYY-MM` */
  released: string;
  edgeGrade: EdgeGrade;
  /** Where the numbers are from. */
  source: string;
}

/** One device: name, memory GiB, bandwidth GB/s, FP32 TFLOPS, power W, release. */
export type GpuRow = readonly [
  name: string,
  vramGib: number,
  bandwidthGBs: number,
  fp32Tflops: number,
  tdpW: number,
  released: `${number}-${number}`,
];

/** Devices of one architecture, whose units do FP16 and INT8 at fixed multiples of FP32. */
export interface GpuTable {
  vendor: GpuVendor;
  architecture: string;
  segment: GpuSegment;
  /** FP16 and INT8 operations for each of FP32. */
  fp16: number;
  int8: number;
  source: string;
  rows: readonly GpuRow[];
}

const shared: ReadonlySet<GpuSegment> = new Set(["integrated", "mobile", "embedded"]);

export function profilesOf(table: GpuTable): GpuProfile[] {
  const { vendor, architecture, segment, fp16, int8, source } = table;
  return table.rows.map(([name, vramGib, bandwidthGBs, fp32Tflops, tdpW, released]) => {
    const facts = { vramGib, bandwidthGBs, fp32Tflops, tdpW };
    const fp16Tflops = round(fp32Tflops * fp16);
    return {
      name,
      vendor,
      architecture,
      segment,
      isMemoryShared: shared.has(segment),
      ...facts,
      fp16Tflops,
      int8Tops: round(fp32Tflops * int8),
      released,
      edgeGrade: edgeGrade({ ...facts, fp16Tflops }),
      source,
    };
  });
}

/** Three digits are all that a data sheet's clock justifies. */
const round = (value: number): number => Number(value.toPrecision(3));
