import { canonicalJson, keccak, type Hex } from "@lode/sdk/hash";
import type { EngineInfo } from "../engine.ts";
import type { Gguf } from "../gguf/read.ts";

/**
 * What a verifier can do with results of a model in this engine:
 * `A-prefill` - one prefill of the whole text gives bit-equal logits, whatever ran beside it (Q8_0 and Q4_0);
 * `A-decode` - bit-equal when decoded again token by token, provided that the job ran alone;
 * `none` - not known to repeat.
 */
export function verificationOf({ tensors }: Pick<Gguf, "tensors">, sequences: number): EngineInfo["verification"] {
  const matrices = tensors.filter(({ dimensions }) => dimensions.length > 1);
  if (matrices.every(({ type }) => type === "Q8_0" || type === "Q4_0")) return "A-prefill";
  return sequences === 1 ? "A-decode" : "none";
}

/** The class as the signed assignment names it: keccak256 of its description in canonical JSON. */
export function engineClass(verification: EngineInfo["verification"], engineId: string): Hex {
  return keccak(Buffer.from(canonicalJson({ engine: engineId, verification }), "utf8"));
}
