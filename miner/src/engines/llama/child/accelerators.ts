import type { Accelerators } from "../../accelerators.ts";

/** What the library's own look at the system finds; driver and runtime apart. */
interface Layers {
  cuda: { hasNvidiaDriver: boolean; hasCudaRuntime: boolean };
  vulkan: boolean;
  metal: boolean;
}

/** All of the library takes a second to load; this one file of it is all that most machines need. */
const file = new URL("bindings/utils/detectAvailableComputeLayers.js", import.meta.resolve("node-llama-cpp"));
const library = (await import(file.href)) as { detectAvailableComputeLayers: () => Promise<Layers> };

const { cuda, vulkan, metal } = await library.detectAvailableComputeLayers();
const backends = [
  ...(cuda.hasNvidiaDriver && cuda.hasCudaRuntime ? (["cuda"] as const) : []),
  ...(vulkan ? (["vulkan"] as const) : []),
  ...(metal ? (["metal"] as const) : []),
];
const answer: Accelerators = { hasNvidiaDriver: cuda.hasNvidiaDriver, supported: backends, usable: [] };
if (backends.length > 0) {
  const { getLlama } = await import("node-llama-cpp");
  for (const gpu of backends) {
    try {
      const llama = await getLlama({ gpu, build: "never", skipDownload: true, progressLogs: false });
      answer.usable.push({ backend: gpu, devices: await llama.getGpuDeviceNames() });
    } catch {
      // Supported by the machine, but this variant of the engine is not installed.
    }
  }
}
process.send?.(answer, undefined, undefined, () => process.exit(0));
