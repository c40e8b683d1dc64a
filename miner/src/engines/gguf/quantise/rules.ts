import { blockSize, type Format } from "../encode/weights.ts";
import type { GgufTensor } from "../read.ts";

export type QuantisedFormat = Extract<Format, "Q8_0" | "Q4_0">;

/** Parts of names of matrices that stay as they are: they are small, or a model does not bear their rounding. */
const kept: readonly string[] = [
  // Norms, gates and what chooses experts.
  ...["_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight"],
  ...["indexer.k_proj.weight", "indexer.q_proj.weight"],
  // Low-rank parts of a few architectures.
  ...["altup", "laurel", "per_layer_model_proj"],
  // Convolutions of state-space models.
  ...["ssm_conv1d", "shortconv.conv.weight"],
  // RWKV's mixing weights.
  ...["time_mix_first", "time_mix_w0", "time_mix_w1", "time_mix_w2", "time_mix_v0", "time_mix_v1", "time_mix_v2"].map(
    (name) => `${name}.weight`,
  ),
  ...["time_mix_a0", "time_mix_a1", "time_mix_a2", "time_mix_g1", "time_mix_g2"].map((name) => `${name}.weight`),
  ...["time_mix_decay_w1.weight", "time_mix_decay_w2.weight", "time_mix_lerp_fused.weight"],
  // Positions, and the parts that see and hear.
  ...["attn_rel_b.weight", ".position_embd", "sam.pos_embd", "sam.neck.", "sam.net_", ".rel_pos"],
  ...[".patch_embd", ".patch_merger", "a.rvq.codebook", "mm.a.code_embd"],
];
const keptWhole: readonly string[] = ["position_embd.weight", "token_types.weight"];

/** Trailing dimensions of 1 do not count, and are not written. */
export function properDimensions({ dimensions }: GgufTensor): number[] {
  return dimensions.slice(0, Math.max(1, dimensions.findLastIndex((size) => size !== 1) + 1));
}

/** The format that llama.cpp gives a tensor when all matrices are to have one format (`--pure`). */
export function targetFormat(tensor: GgufTensor, format: QuantisedFormat): string {
  const { name, dimensions, type } = tensor;
  const isMatrix = properDimensions(tensor).length >= 2 && name.endsWith("weight");
  if (!isMatrix || keptWhole.includes(name) || kept.some((part) => name.includes(part))) return type;
  // A row that does not fill blocks stays in half precision.
  return (dimensions[0] ?? 0) % blockSize === 0 ? format : "F16";
}

/** llama.cpp's order of tensors in a file: what belongs to no layer first, then by layer, each by the bytes of the name. */
export function inFileOrder(tensors: readonly GgufTensor[]): GgufTensor[] {
  const layer = ({ name }: GgufTensor): number => Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? -1);
  return tensors.toSorted(
    (a, b) => layer(a) - layer(b) || Buffer.compare(Buffer.from(a.name, "utf8"), Buffer.from(b.name, "utf8")),
  );
}
