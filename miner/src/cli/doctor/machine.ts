import { classify, placesOf, adviseFor, type Hardware } from "../../hardware/index.ts";
import type { Finding } from "./finding.ts";

const leastNode = 24;

export function checkNode(version: string): Finding {
  const major = Number(version.split(".")[0]);
  if (major >= leastNode) return { name: "Node", state: "ok", says: `Node ${version} runs TypeScript as it is.` };
  const next = `install Node ${leastNode} or newer; \`./lode\` in a checkout fetches its own where there is none`;
  return { name: "Node", state: "problem", says: `Node ${version} is too old.`, next };
}

/** Processor, memory and cards in a sentence; a machine without a card is a normal machine. */
export function checkMachine(hardware: Hardware): Finding {
  const { cpu, memory, gpus } = hardware;
  const usableMb = Math.min(memory.totalMb, memory.limitMb ?? Infinity);
  const cards = gpus.map(({ name, vramMb, isMemoryShared, match }) => {
    const size = vramMb === undefined ? "" : `, ${gib(vramMb)} GiB${isMemoryShared === true ? " shared" : ""}`;
    return `${match?.profile.name ?? name}${size}`;
  });
  const says = `${cpu.model}, ${cpu.threads} threads, ${gib(usableMb)} GiB; ${cards.length === 0 ? "no GPU, jobs run on the processor" : cards.join("; ")}.`;
  return { name: "machine", state: "ok", says, figures: { class: classify(hardware), hardware } };
}

/** A driver without a runtime, or a card without a driver, is why a good card is not used. */
export function checkAccelerators({ gpus, drivers, runtimes }: Hardware): Finding {
  const name = "accelerators";
  const listed = runtimes.map(({ name: runtime, version }) => [runtime, version].filter(Boolean).join(" "));
  const figures = { drivers, runtimes };
  if (gpus.length === 0) return { name, state: "ok", says: "There is nothing to accelerate with.", figures };
  const lonely = gpus.find(({ vendor }) => vendor !== "Apple" && !drivers.some((driver) => driver.vendor === vendor));
  if (lonely !== undefined) {
    const says = `No driver was found for ${lonely.name}.`;
    return { name, state: "warning", says, next: `install ${lonely.vendor}'s driver`, figures };
  }
  if (runtimes.length === 0) {
    const next = "install the driver's Vulkan or CUDA part; until then jobs run on the processor";
    return {
      name,
      state: "warning",
      says: "There are drivers, but nothing that programs compute with.",
      next,
      figures,
    };
  }
  const says = `${listed.join(", ")}; what the engine makes of it is said of the model.`;
  return { name, state: "ok", says, figures };
}

const leastFreeMb = 2048;

export function checkDisk({ disk }: Hardware): Finding {
  const name = "disk";
  if (disk === undefined) return { name, state: "unknown", says: "The disk could not be measured." };
  const speed = disk.writeMBs === undefined ? "" : `, writes ${disk.writeMBs} MB/s`;
  const says = `${gib(disk.freeMb)} GiB free${speed}.`;
  if (disk.freeMb >= leastFreeMb) return { name, state: "ok", says, figures: { ...disk } };
  const next = `free ${gib(leastFreeMb - disk.freeMb)} GiB, or put --home on another disk`;
  return { name, state: "problem", says, next, figures: { ...disk } };
}

/** The largest well-known models that this machine could serve. */
export function adviceOf(hardware: Hardware): Finding {
  const advice = placesOf(hardware).map((place) =>
    adviseFor(
      place,
      hardware.gpus.find(({ name }) => name === place.device),
      4096,
      48,
    ),
  );
  const best = advice.map(({ device, checkable }) =>
    checkable === undefined ? `none on the ${device}` : `${checkable.model} ${checkable.format} on the ${device}`,
  );
  const says = `The largest that memory allows, for a job of 4,096 tokens that clients can check: ${best.join("; ")}.`;
  return { name: "models", state: "ok", says, figures: { advice } };
}

const gib = (megabytes: number): string => (megabytes / 1024).toFixed(1);
