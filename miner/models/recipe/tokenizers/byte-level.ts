import { applyMerges, countWords, learnMerges } from "./pair-merging.ts";
import { tokenType, type Tokenizer } from "./tokenizer.ts";

/** The word pattern that llama.cpp calls `gpt-2`. */
const wordPattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Every byte as a printable character: printable bytes stand for themselves, the others move up from U+0100. */
export const byteCharacters: readonly string[] = (() => {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let moved = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : 256 + moved++));
})();

const toCharacters = (word: string): string[] =>
  [...Buffer.from(word, "utf8")].map((byte) => byteCharacters[byte] ?? "");

/** Trains a byte-level BPE vocabulary (the GPT-2 family): controls first, then the 256 bytes, then the joined pairs. */
export function trainByteLevel(texts: Iterable<string>, size: number, controls: readonly string[]): Tokenizer {
  const counts = countWords(texts, wordPattern);
  const merges = learnMerges(counts, toCharacters, size - controls.length - 256);
  const tokens = [...controls, ...byteCharacters, ...new Set(merges.map(([left, right]) => left + right))];
  while (tokens.length < size) tokens.push(`<|unused${tokens.length}|>`);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const ranks = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
  const rank = (left: string, right: string): number | undefined => ranks.get(`${left} ${right}`);
  const known = new Map<string, number[]>();

  const encodeWord = (word: string): number[] => {
    let encoded = known.get(word);
    if (encoded === undefined) {
      encoded = applyMerges(toCharacters(word), rank).map((symbol) => ids.get(symbol) ?? 0);
      known.set(word, encoded);
    }
    return encoded;
  };
  const special = (name: string): number => {
    const id = controls.indexOf(name);
    if (id < 0) throw new RangeError(`no control token ${name}`);
    return id;
  };
  const typeOf = (token: string, id: number): number => {
    if (id < controls.length) return tokenType.control;
    return token.startsWith("<|unused") ? tokenType.unused : tokenType.normal;
  };

  return {
    size,
    special,
    encode: (text) => (text.match(wordPattern) ?? []).flatMap(encodeWord),
    metadata: () => ({
      "tokenizer.ggml.model": { type: "string", value: "gpt2" },
      "tokenizer.ggml.pre": { type: "string", value: "gpt-2" },
      "tokenizer.ggml.tokens": { type: "strings", value: tokens },
      "tokenizer.ggml.token_type": { type: "int32s", value: tokens.map(typeOf) },
      "tokenizer.ggml.merges": { type: "strings", value: merges.map(([left, right]) => `${left} ${right}`) },
      "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
    }),
  };
}
