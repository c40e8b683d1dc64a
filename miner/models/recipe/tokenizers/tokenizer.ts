import type { MetadataValue } from "../gguf/write.ts";

/** A trained vocabulary: enough to encode a corpus and to be written into a GGUF. */
export interface Tokenizer {
  size: number;
  /** Encodes text in which nothing is a special token. */
  encode(text: string): number[];
  /** Id of a control token; throws RangeError for a name it does not have. */
  special(name: string): number;
  /** The `tokenizer.ggml.*` entries, chat template excluded. */
  metadata(): Record<string, MetadataValue>;
}

/** Values of `tokenizer.ggml.token_type`. */
export const tokenType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
