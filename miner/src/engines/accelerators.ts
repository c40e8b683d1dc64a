import { fork } from "node:child_process";
import { programFile } from "./program-file.ts";

/** What the inference library could compute with on this machine. */
export interface Accelerators {
  /** NVIDIA's driver is there, whether or not CUDA's runtime is. */
  hasNvidiaDriver: boolean;
  /** Backends whose driver and runtime are both there: `cuda`, `vulkan`, `metal`. */
  supported: string[];
  /** Of those, the ones whose variant of the engine is installed, with the devices they see. */
  usable: { backend: string; devices: string[] }[];
}

/** Asks the library in a process of its own, because a broken driver brings down whoever loads it. Rejects when it dies. */
export async function probeAccelerators(timeoutMs: number): Promise<Accelerators> {
  const child = fork(programFile(import.meta.url, "llama/child/accelerators"), [], {
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as Accelerators));
    child.once("error", reject);
    child.once("exit", () => reject(new Error("The engine's look at the accelerators ended without an answer.")));
  });
}

/** Longest that the look may take: a broken driver hangs. */
const lookMs = 10_000;

/** Names of the backends that can be computed with, asked once when first called; none where the look fails. */
export function usableBackends(look: () => Promise<Accelerators> = () => probeAccelerators(lookMs)) {
  let known: Promise<readonly string[]> | undefined;
  return (): Promise<readonly string[]> =>
    (known ??= look().then(
      ({ usable }) => usable.filter(({ devices }) => devices.length > 0).map(({ backend }) => backend),
      () => [],
    ));
}
