import { getLlama, getLlamaGpuTypes } from "node-llama-cpp";
import type { Accelerators } from "../../accelerators.ts";

const types = (await getLlamaGpuTypes("supported")).filter((type) => type !== false);
const usable: Accelerators["usable"] = [];
for (const gpu of types) {
  try {
    const llama = await getLlama({ gpu, build: "never", skipDownload: true, progressLogs: false });
    usable.push({ backend: gpu, devices: await llama.getGpuDeviceNames() });
  } catch {
    // Supported by the machine, but this variant of the engine is not installed.
  }
}
const answer: Accelerators = { supported: types, usable };
process.send?.(answer, undefined, undefined, () => process.exit(0));
