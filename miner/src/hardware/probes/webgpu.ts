import { nothing, stated, vendorOf, type Findings, type GpuReading } from "../reading.ts";

interface AdapterInfo {
  vendor?: string;
  architecture?: string;
  device?: string;
  description?: string;
}
/** The part of `navigator.gpu` that is read. */
export interface WebGpu {
  requestAdapter(): Promise<{ info?: AdapterInfo } | null>;
}

/** The adapter of a runtime that offers WebGPU; browsers tell the vendor and little more. */
export async function probeWebGpu(gpu: WebGpu | undefined): Promise<Findings> {
  const adapter = gpu === undefined ? null : await gpu.requestAdapter();
  const info = adapter?.info;
  if (info === undefined) return nothing;
  const name = [info.description, info.device, info.architecture].find((text) => text !== undefined && text !== "");
  const vendor = vendorOf(`${info.vendor ?? ""} ${name ?? ""}`);
  if (name === undefined || vendor === undefined) return nothing;
  return {
    gpus: [stated<GpuReading>({ source: "WebGPU", vendor, name })],
    drivers: [],
    runtimes: [{ name: "WebGPU", source: "runtime" }],
  };
}

/** `navigator.gpu` of this runtime; Node has none of its own. */
export function webGpuHere(): WebGpu | undefined {
  return (globalThis as { navigator?: { gpu?: WebGpu } }).navigator?.gpu;
}
