import { vendorOf, type Findings, type RuntimeReading } from "../reading.ts";

/** What an engine says it could use: backends whose driver and runtime are there, and the devices they see. */
export interface EngineView {
  hasNvidiaDriver: boolean;
  supported: readonly string[];
  usable: readonly { backend: string; devices: readonly string[] }[];
}

const runtimeNames: Readonly<Record<string, RuntimeReading["name"]>> = {
  cuda: "CUDA",
  vulkan: "Vulkan",
  metal: "Metal",
};

export function engineFindings({ hasNvidiaDriver, supported, usable }: EngineView): Findings {
  const runtimes = supported.flatMap((backend) => {
    const name = runtimeNames[backend];
    return name === undefined ? [] : [{ name, source: "engine" }];
  });
  const gpus = usable.flatMap(({ devices }) =>
    devices.flatMap((name) => {
      const vendor = vendorOf(name);
      return vendor === undefined ? [] : [{ source: "engine", vendor, name }];
    }),
  );
  return { gpus, drivers: hasNvidiaDriver ? [{ vendor: "NVIDIA", name: "nvidia" }] : [], runtimes };
}
