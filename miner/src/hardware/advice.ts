import { checkableFormats, largestModel, type Fit } from "./memory/fit.ts";
import { formatNames, type WeightFormat } from "./memory/formats.ts";
import type { Hardware } from "./detect.ts";
import type { Gpu } from "./merge.ts";

/** Where a model would run, and how much memory it may take there. */
export interface Place {
  device: string;
  budgetBytes: number;
}

export interface Advice extends Place {
  contextTokens: number;
  /** In a format whose results clients can check. */
  checkable: Fit | undefined;
  /** In any format, where that is another answer. */
  any: Fit | undefined;
  /** Formats in the order in which this device should be offered them. */
  formats: readonly WeightFormat[];
}

const mebibyte = 2 ** 20;
/** The driver and the desktop keep this much of a card. */
const cardReserveMb = 512;
/** The system and the daemon keep this much of the memory. */
const systemReserveMb = 2048;

/** The memory that a model may take on each device; the processor is always one. */
export function placesOf({ gpus, memory }: Pick<Hardware, "gpus" | "memory">): Place[] {
  const cards = gpus.filter(({ vramMb, isMemoryShared }) => vramMb !== undefined && isMemoryShared !== true);
  const usable = Math.min(memory.totalMb, memory.limitMb ?? Infinity) - systemReserveMb;
  return [
    ...cards.map(({ name, vramMb = 0 }) => ({ device: name, budgetBytes: (vramMb - cardReserveMb) * mebibyte })),
    { device: "processor", budgetBytes: Math.max(0, usable) * mebibyte },
  ];
}

/** The largest well-known model for one job with a context, and the formats that suit the device. */
export function adviseFor(place: Place, gpu: Gpu | undefined, contextTokens: number, batchTokens: number): Advice {
  const options = { contextTokens, sequences: 1, batchTokens };
  const checkable = largestModel(place.budgetBytes, { ...options, formats: checkableFormats });
  const any = largestModel(place.budgetBytes, { ...options, formats: formatNames });
  const isSame = any?.model === checkable?.model;
  return { ...place, contextTokens, checkable, any: isSame ? undefined : any, formats: formatsFor(gpu) };
}

/**
 * Where FP16 is slower than INT8 by an order of magnitude, as on Pascal, or where there is only a processor, blocks of
 * integers go first. Elsewhere the finest format does, as far as it fits.
 */
export function formatsFor(gpu: Gpu | undefined): readonly WeightFormat[] {
  const profile = gpu?.match?.profile;
  const hasSlowHalves = profile === undefined || profile.fp16Tflops < profile.int8Tops / 8;
  return hasSlowHalves ? ["Q8_0", "Q4_0"] : ["F16", "Q8_0", "Q4_0"];
}
