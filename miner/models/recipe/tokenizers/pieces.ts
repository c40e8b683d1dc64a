import { applyMerges, countWords, learnMerges } from "./pair-merging.ts";
import { tokenType, type Tokenizer } from "./tokenizer.ts";

/** Spaces are written as this mark (U+2581), so that a piece shows where a word begins. */
const space = "\u2581";

/** No piece spans a word's start, a digit's end or a line: llama.cpp's greedy join then finds exactly these splits. */
const wordPattern = new RegExp(
  `${space}?\\p{L}+|${space}?\\p{N}|\\n|${space}?[^\\p{L}\\p{N}\\n${space}]+|${space}`,
  "gu",
);

const controls = ["<unk>", "<s>", "</s>"] as const;
const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;

/** llama.cpp puts a space before text that begins the prompt or follows a control token. */
const withSpaces = (text: string): string => space + text.replaceAll(" ", space);

/**
 * Trains a SentencePiece-style vocabulary (the Llama 2 family): controls, 256 byte tokens for characters outside the
 * alphabet, joined pairs scored by rank, single characters last. llama.cpp joins the pair with the highest score first.
 */
export function trainPieces(texts: Iterable<string>, size: number): Tokenizer {
  const counts = countWords(
    (function* () {
      for (const text of texts) yield withSpaces(text);
    })(),
    wordPattern,
  );
  const alphabet = [...new Set([...counts.keys()].flatMap((word) => Array.from(word)))].sort();
  const merges = learnMerges(counts, (word) => Array.from(word), size - controls.length - 256 - alphabet.length);
  const bytes = Array.from({ length: 256 }, (_, byte) => byteToken(byte));
  const joined = new Set(merges.map(([left, right]) => left + right));
  const tokens = [...controls, ...bytes, ...joined, ...alphabet];
  const firstJoined = controls.length + 256;
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const known = new Map<string, number[]>();

  const encodeSymbol = (symbol: string): number[] => {
    const id = ids.get(symbol);
    return id === undefined ? [...Buffer.from(symbol, "utf8")].map((byte) => controls.length + byte) : [id];
  };
  const encodeWord = (word: string): number[] => {
    let encoded = known.get(word);
    if (encoded === undefined) {
      encoded = applyMerges(Array.from(word), (left, right) => ids.get(left + right)).flatMap(encodeSymbol);
      known.set(word, encoded);
    }
    return encoded;
  };

  return {
    size: tokens.length,
    special: (name) => {
      const id = (controls as readonly string[]).indexOf(name);
      if (id < 0) throw new RangeError(`no control token ${name}`);
      return id;
    },
    encode: (text) => (text === "" ? [] : (withSpaces(text).match(wordPattern) ?? []).flatMap(encodeWord)),
    metadata: () => ({
      "tokenizer.ggml.model": { type: "string", value: "llama" },
      "tokenizer.ggml.pre": { type: "string", value: "default" },
      "tokenizer.ggml.tokens": { type: "strings", value: tokens },
      "tokenizer.ggml.scores": {
        type: "float32s",
        value: tokens.map((_, id) => (id < firstJoined ? 0 : firstJoined - id)),
      },
      "tokenizer.ggml.token_type": {
        type: "int32s",
        value: tokens.map((_, id) => {
          if (id === 0) return tokenType.unknown;
          if (id < controls.length) return tokenType.control;
          return id < firstJoined ? tokenType.byte : tokenType.normal;
        }),
      },
      "tokenizer.ggml.unknown_token_id": { type: "uint32", value: 0 },
      "tokenizer.ggml.add_bos_token": { type: "bool", value: true },
      "tokenizer.ggml.add_space_prefix": { type: "bool", value: true },
    }),
  };
}
