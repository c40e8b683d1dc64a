import { createHash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { EngineError } from "../../errors.ts";
import { encodeWeights, type Format } from "../encode/weights.ts";
import { GgufError } from "../byte-source.ts";
import { readGguf, type Gguf } from "../read.ts";
import { decoderOf } from "./decode.ts";
import { alignment, padded, planTensor, quantisedHeader, type PlannedTensor } from "./header.ts";
import { inFileOrder, targetFormat, type QuantisedFormat } from "./rules.ts";

export interface QuantiseOptions {
  /** Bytes of the new file that are written. */
  onProgress?: (writtenBytes: number, totalBytes: number) => void;
  signal?: AbortSignal;
}

export interface Quantised {
  path: string;
  format: QuantisedFormat;
  /** Of the new file. */
  sizeBytes: number;
  /** Of the source. */
  sourceBytes: number;
  /** Of the new file, in hex. */
  sha256: string;
  /** Matrices that changed their format. */
  quantised: number;
  tensors: number;
}

/** Numbers of `general.file_type`. */
const fileTypes: Readonly<Record<QuantisedFormat, number>> = { Q4_0: 2, Q8_0: 7 };
/** Weights in memory at a time. */
const slab = 1 << 20;

/**
 * Writes a model with all its matrices in one format, byte for byte the file that llama.cpp's quantiser writes with
 * `pure`: the one that clients can check, because no matrix is of another format. F32, F16 and BF16 go in. The file appears
 * under its name when it is complete. Throws EngineError `model-not-found`, `model-corrupt`, `model-unsupported`, `aborted`.
 */
export async function quantiseModel(
  source: string,
  target: string,
  format: QuantisedFormat,
  options: QuantiseOptions = {},
): Promise<Quantised> {
  const gguf = inspect(source);
  const plan = inFileOrder(gguf.tensors).map((tensor) => planTensor(tensor, targetFormat(tensor, format)));
  refuseUnreadable(plan, source);
  const part = `${target}.part`;
  const input = await open(source, "r");
  try {
    const output = await open(part, "w");
    try {
      const written = await write({ gguf, plan, format, input, output, source, options });
      await output.sync();
      await output.close();
      await rename(part, target);
      const quantised = plan.filter((tensor) => tensor.format !== tensor.source.type).length;
      return { path: target, format, sourceBytes: gguf.sizeBytes, quantised, tensors: plan.length, ...written };
    } catch (error) {
      await output.close().catch(() => undefined);
      await rm(part, { force: true });
      throw error;
    }
  } finally {
    await input.close();
  }
}

function inspect(path: string): Gguf {
  try {
    const gguf = readGguf(path);
    const stated = gguf.metadata.get("general.alignment") ?? alignment;
    if (stated === alignment) return gguf;
    throw new EngineError("model-unsupported", `The model file ${path} is aligned to ${String(stated)} bytes, not 32.`);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    if (cause instanceof GgufError) throw new EngineError("model-corrupt", `The model file ${path} ${cause.message}.`);
    throw new EngineError("model-not-found", `The model file ${path} cannot be read.`, { cause });
  }
}

function refuseUnreadable(plan: readonly PlannedTensor[], path: string): void {
  const unreadable = plan.find(({ source, format }) => format !== source.type && decoderOf(source.type) === undefined);
  if (unreadable === undefined) return;
  const { name, type } = unreadable.source;
  const message = `${path} has ${name} in ${type}; quantise a file in F16, BF16 or F32, because a second rounding costs quality.`;
  throw new EngineError("model-unsupported", message);
}

interface Writing {
  gguf: Gguf;
  plan: readonly PlannedTensor[];
  format: QuantisedFormat;
  input: FileHandle;
  output: FileHandle;
  source: string;
  options: QuantiseOptions;
}

async function write(work: Writing): Promise<{ sizeBytes: number; sha256: string }> {
  const { gguf, plan, format, input, output, source, options } = work;
  const entries = new Map<string, Buffer>();
  for (const [key, { from, to }] of gguf.entries) entries.set(key, await readRange(input, from, to - from));
  const header = quantisedHeader(gguf, plan, fileTypes[format], (key) => entries.get(key) ?? Buffer.alloc(0));
  const digest = createHash("sha256");
  const totalBytes = plan.reduce((sum, { bytes }) => sum + padded(bytes), header.length);
  let sizeBytes = 0;
  const put = async (bytes: Buffer): Promise<void> => {
    digest.update(bytes);
    await output.appendFile(bytes);
    sizeBytes += bytes.length;
    options.onProgress?.(sizeBytes, totalBytes);
    if (options.signal?.aborted === true) throw new EngineError("aborted", "The quantisation was stopped.");
  };
  await put(header);
  for (const tensor of plan) {
    for await (const bytes of convert(input, tensor, source)) await put(bytes);
    await put(Buffer.alloc(padded(tensor.bytes) - tensor.bytes));
  }
  return { sizeBytes, sha256: digest.digest("hex") };
}

/** A tensor's bytes in its new format, a slab at a time. */
async function* convert(input: FileHandle, { source, format }: PlannedTensor, path: string): AsyncGenerator<Buffer> {
  const { name, type, offset, bytes = 0, dimensions } = source;
  const weights = dimensions.reduce((product, size) => product * size, 1);
  const decode = format === type ? undefined : decoderOf(type);
  const step = decode === undefined ? 4 * slab : slab * decode.bytes;
  for (let at = 0; at < bytes; at += step) {
    const raw = await readRange(input, offset + at, Math.min(step, bytes - at));
    if (decode === undefined) {
      yield raw;
      continue;
    }
    try {
      yield encodeWeights(decode.read(raw), format as Format);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      const message = `The model file ${path} cannot be quantised: in ${name} (${weights} weights) ${cause.message}.`;
      throw new EngineError("model-corrupt", message, { cause });
    }
  }
}

async function readRange(input: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await input.read(bytes, at, length - at, from + at);
    if (bytesRead === 0) throw new EngineError("model-corrupt", "The model file ends while it is read.");
    at += bytesRead;
  }
  return bytes;
}
