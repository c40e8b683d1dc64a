import type { GgufVocabulary } from "../gguf/vocabulary.ts";
import { tokenTypes } from "../gguf/vocabulary.ts";

/** The bytes a token adds to the text; control tokens add none. */
export type TokenBytes = (id: number) => Uint8Array;

const nothing = new Uint8Array(0);

/**
 * Reads token texts straight from the vocabulary, because only bytes can be joined safely: a character may span tokens.
 * Returns undefined for families whose texts are not simple concatenations.
 */
export function tokenBytes({ family, tokens, types }: GgufVocabulary): TokenBytes | undefined {
  const decode = decoders[family];
  if (decode === undefined) return undefined;
  return (id) => {
    const [token, type] = [tokens[id], types[id] ?? tokenTypes.normal];
    if (token === undefined) return nothing;
    switch (type) {
      case tokenTypes.control:
      case tokenTypes.unknown:
      case tokenTypes.unused:
        return nothing;
      case tokenTypes.userDefined:
        return Buffer.from(token, "utf8");
      case tokenTypes.byte:
        return Uint8Array.of(Number.parseInt(token.slice(3, 5), 16));
      default:
        return decode(token);
    }
  };
}

/** Byte-level vocabularies print every byte as one character: itself, or moved up from U+0100 where it is not printable. */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const bytes = new Map<string, number>();
  let moved = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const shown = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
    bytes.set(String.fromCodePoint(shown ? byte : 256 + moved++), byte);
  }
  return bytes;
})();

const decoders: Partial<Record<string, (token: string) => Uint8Array>> = {
  gpt2: (token) => Uint8Array.from(Array.from(token).flatMap((character) => byteOfCharacter.get(character) ?? [])),
  llama: (token) => Buffer.from(token.replaceAll("\u2581", " "), "utf8"),
};
