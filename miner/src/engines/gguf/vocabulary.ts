import type { Gguf, GgufValue } from "./read.ts";

/** Values of `tokenizer.ggml.token_type`. */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface GgufVocabulary {
  /** `gpt2` (byte-level BPE), `llama` (SentencePiece), ... */
  family: string;
  tokens: string[];
  types: number[];
  /** A leading space marks the beginning of a text (SentencePiece only). */
  spacePrefix: boolean;
  bos: string;
  eos: string;
}

export function readVocabulary({ metadata }: Gguf): GgufVocabulary {
  const texts = (key: string): string[] => list(metadata.get(key)).map(String);
  const family = String(metadata.get("tokenizer.ggml.model") ?? "none");
  const tokens = texts("tokenizer.ggml.tokens");
  const named = (key: string): string => {
    const id = metadata.get(key);
    return typeof id === "number" ? (tokens[id] ?? "") : "";
  };
  return {
    family,
    tokens,
    types: list(metadata.get("tokenizer.ggml.token_type")).map(Number),
    spacePrefix: metadata.get("tokenizer.ggml.add_space_prefix") !== false && family === "llama",
    bos: named("tokenizer.ggml.bos_token_id"),
    eos: named("tokenizer.ggml.eos_token_id"),
  };
}

const list = (value: GgufValue | undefined): GgufValue[] => (Array.isArray(value) ? value : []);
