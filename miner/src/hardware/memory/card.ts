import { reasonsAgainst } from "../eligibility.ts";
import type { Gpu } from "../merge.ts";
import { computeBufferBytes } from "./compute-buffer.ts";
import type { TensorShape } from "./model-shape.ts";
import { cacheCells, type PlanOptions } from "./plan.ts";
import type { PlannedModel } from "./serving.ts";

/** Part of a model that is computed on a card. */
export interface CardPlan {
  /** As llama.cpp counts them: the last ones, and the output matrix as one more. */
  layers: number;
  /** All that the model has. */
  ofLayers: number;
  /** What that takes of the card's memory, without what stays free. */
  bytes: number;
}

/** A model, and how much of it is to be computed at a time. */
export interface CardLoad {
  model: PlannedModel;
  tensors: readonly TensorShape[];
  options: PlanOptions;
  /** Processes that each take as much; 1 unless given. */
  workers?: number;
}

/** Bytes on a card of the last `layers` layers with their part of the cache, of the output, and of one batch's numbers. */
export function cardBytes(load: CardLoad, layers: number): number {
  return cardBytesOf(load)(layers);
}

/** The same for any number of layers: what does not depend on it is worked out once. */
function cardBytesOf({ model: { shape }, tensors, options }: CardLoad): (layers: number) => number {
  const { contextTokens, sequences, batchTokens, cacheBytes = 2 } = options;
  const isTied = !tensors.some(({ name }) => name === "output.weight");
  const byLayer = new Array<number>(shape.layers).fill(0);
  const cells = cacheCells(contextTokens);
  let always = computeBufferBytes(shape, batchTokens, cells);
  for (const { name, bytes = 0 } of tensors) {
    const layer = Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? Number.NaN);
    if (layer < shape.layers) byLayer[layer] = (byLayer[layer] ?? 0) + bytes;
    // Which layer is the first to stay behind differs between versions of the library, so the output counts from the first layer on.
    else if (layer >= shape.layers || name.startsWith("output") || (isTied && name === "token_embd.weight"))
      always += bytes;
  }
  /** Weights of the last so many layers. */
  const last = [0];
  for (const bytes of byLayer.toReversed()) last.push((last.at(-1) ?? 0) + bytes);
  const layerCache = cells * sequences * 2 * shape.keyHeads * shape.headWidth * cacheBytes;
  return (layers) => {
    const blocks = Math.min(layers, shape.layers);
    return always + (last[blocks] ?? 0) + blocks * layerCache;
  };
}

/** The most layers that fit into `freeBytes`; undefined where it is less than half of them, which costs more than it brings. */
export function planCard(load: CardLoad, freeBytes: number): CardPlan | undefined {
  const { workers = 1 } = load;
  const ofLayers = load.model.shape.layers + 1;
  const bytesOf = cardBytesOf(load);
  for (let layers = ofLayers; 2 * layers >= ofLayers; layers -= 1) {
    const bytes = workers * bytesOf(layers);
    if (bytes <= freeBytes) return { layers, ofLayers, bytes };
  }
  return undefined;
}

/**
 * Where a model is computed, and why not on a card. `device` is the card's place among several that the backend would share the
 * model out to, in the order of their addresses.
 */
export type Placement =
  | ({ on: "card"; backend: "cuda" | "metal" | "vulkan"; card: string; vendor: string; device?: number } & CardPlan)
  | { on: "processor"; reason: string };

/** Where, and with how much or why, in words. */
export function placementSentence(placement: Placement): string {
  if (placement.on === "processor") return `it is computed on the processor: ${placement.reason}`;
  const { backend, card, layers, ofLayers, bytes } = placement;
  const share = `${layers} of ${ofLayers} layers in ${Math.ceil(bytes / mebibyte)} MB`;
  return `it is computed on ${card} by ${backend}: ${share}`;
}

export interface PlacementQuestion {
  /** `ACCEL_MODE`: `gpu` takes what is there or nothing, `cpu` no card. */
  mode: "auto" | "gpu" | "cpu";
  /** Backends that this installation can compute with, as the engine says. */
  backends: readonly string[];
  gpus: readonly Gpu[];
  /** Undefined where the model's memory cannot be worked out. */
  load: CardLoad | undefined;
}

/** Stays free on a card, as its eligibility has it. */
const headroomBytes = 512 * 2 ** 20;
const mebibyte = 2 ** 20;

const cardsOf = {
  cuda: ({ vendor }: Gpu): boolean => vendor === "NVIDIA",
  metal: ({ vendor }: Gpu): boolean => vendor === "Apple",
  // What shares the processor's memory is no faster than the processor, but for Apple's.
  vulkan: ({ isMemoryShared }: Gpu): boolean => isMemoryShared !== true,
};

/** Decides from figures alone; whatever then fails on the card is done by the processor. */
export function placeModel({ mode, backends, gpus, load }: PlacementQuestion): Placement {
  const stay = (reason: string): Placement => ({ on: "processor", reason });
  if (mode === "cpu") return stay("ACCEL_MODE is cpu");
  if (gpus.length === 0) return stay("there is no card");
  if (backends.length === 0) return stay("this installation has no engine for the card");
  if (load === undefined) return stay("what the model takes cannot be worked out before it is loaded");
  const reasons: string[] = [];
  for (const backend of (["cuda", "metal", "vulkan"] as const).filter((name) => backends.includes(name))) {
    for (const gpu of gpus.filter(cardsOf[backend]).toSorted((a, b) => freeMbOf(b) - freeMbOf(a))) {
      const plan = planCard(load, freeMbOf(gpu) * mebibyte - headroomBytes);
      const against = reasonsAgainst(
        { ...gpu, vramMb: freeMbOf(gpu) },
        { modelMb: Math.ceil((plan?.bytes ?? halfOf(load)) / mebibyte) },
      );
      if (plan !== undefined && against.length === 0) {
        const device = backend === "cuda" ? placeOf(gpu, gpus.filter(cardsOf.cuda)) : undefined;
        return {
          on: "card",
          backend,
          card: gpu.name,
          vendor: gpu.vendor,
          ...(device !== undefined && { device }),
          ...plan,
        };
      }
      reasons.push(`${gpu.name}: ${against.join(" ")}`);
    }
  }
  return stay(reasons[0] ?? `no card here is one for ${backends.join(" or ")}`);
}

/**
 * Among the cards that CUDA's driver has: a list of names also has those of other containers and virtual machines. Undefined of
 * the only one, of one that it does not have, and where not all tell their addresses.
 */
function placeOf(gpu: Gpu, all: readonly Gpu[]): number | undefined {
  const own = all.filter(({ sources }) => sources.includes("nvidia-smi"));
  const addresses = own.flatMap(({ pciAddress }) => pciAddress ?? []).sort();
  if (!own.includes(gpu) || own.length < 2 || addresses.length < own.length) return undefined;
  return addresses.findIndex((address) => address === gpu.pciAddress);
}

/** Where nobody tells what is free, half is: a desktop and a game take the rest. The system's own memory is planned with it. */
function freeMbOf({
  vramFreeMb,
  vramMb = 0,
  isMemoryShared,
}: Pick<Gpu, "vramMb" | "vramFreeMb" | "isMemoryShared">): number {
  if (isMemoryShared === true) return vramMb;
  return vramFreeMb ?? vramMb / 2;
}

const halfOf = (load: CardLoad): number =>
  (load.workers ?? 1) * cardBytes(load, Math.ceil((load.model.shape.layers + 1) / 2));

/** What the card with the most free memory has left; Infinity where no tool tells, and the engine has to say so itself. */
export function freeCardBytes(gpus: readonly { vramFreeMb?: number }[]): number {
  const known = gpus.flatMap(({ vramFreeMb }) => vramFreeMb ?? []);
  return known.length === 0 ? Infinity : Math.max(...known) * mebibyte;
}

/** What models may take of a card with so many free bytes; below zero where less is free than should stay so. */
export const cardBudgetOf = (freeBytes: number): number => freeBytes - headroomBytes;

/** What all models together may take of the card with most, as `placeModel` counts it; without bound where there is none. */
export function cardBudget(gpus: readonly Pick<Gpu, "vramMb" | "vramFreeMb" | "isMemoryShared">[]): number {
  const known = gpus.filter(({ vramMb, vramFreeMb }) => (vramFreeMb ?? vramMb) !== undefined);
  return known.length === 0 ? Infinity : Math.max(0, cardBudgetOf(Math.max(...known.map(freeMbOf)) * mebibyte));
}

/** The cards as `placeModel` shall see them where no more than `budgetBytes` may be taken of any. */
export function cardsWithin(gpus: readonly Gpu[], budgetBytes: number): Gpu[] {
  const freeMb = Math.max(0, Math.floor((budgetBytes + headroomBytes) / mebibyte));
  return gpus.map((gpu) => {
    if (freeMbOf(gpu) <= freeMb) return gpu;
    return gpu.isMemoryShared === true ? { ...gpu, vramMb: freeMb } : { ...gpu, vramFreeMb: freeMb };
  });
}
