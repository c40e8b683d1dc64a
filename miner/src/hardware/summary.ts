import { cpus, totalmem } from "node:os";
import { cpu, graphics } from "systeminformation";

const probeMs = 3000;

/** Ends a probe that hangs: a machine whose tools are broken is still a machine. */
async function within<T>(probe: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), probeMs);
  });
  try {
    return await Promise.race([probe, timeout]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** What a miner tells about its machine: processor, memory, graphics cards. Units are in the names. */
export async function summarizeHardware(): Promise<Record<string, string | number>> {
  const [processor, cards] = await Promise.all([within(cpu()), within(graphics())]);
  const gpus = (cards?.controllers ?? []).filter(({ vram }) => (vram ?? 0) > 0);
  return {
    cpu:
      processor === undefined
        ? (cpus()[0]?.model ?? "unknown")
        : `${processor.manufacturer} ${processor.brand}`.slice(0, 200),
    cpu_threads: cpus().length,
    memory_mb: Math.round(totalmem() / 2 ** 20),
    ...(gpus.length > 0 && {
      gpu: gpus
        .map(({ model }) => model)
        .join(", ")
        .slice(0, 200),
      gpu_vram_mb: gpus.reduce((sum, { vram }) => sum + (vram ?? 0), 0),
    }),
  };
}
