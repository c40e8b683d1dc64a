/** How many buckets the n-grams of a text fall into: the network's inputs. */
export const featureCount = 1024;
/** A text is read up to here, so that a long one costs no more; in UTF-16 units. */
const maximumLength = 4096;
const lengths = [3, 4, 5] as const;

/**
 * The network's inputs of a text: bucket i is 1 when an n-gram of 3 to 5 characters falls into it. Words are read in lower
 * case, without marks, and each between two spaces, so that n-grams tell where a word begins and ends; a character that is
 * neither a letter nor a digit is a word of its own, because code and formulas are told apart by them.
 */
export function featuresOf(text: string): Uint8Array {
  const found = new Uint8Array(featureCount);
  const plain = text.slice(0, maximumLength).normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  for (const [word] of plain.matchAll(/\p{L}+|\p{N}|[^\p{L}\p{N}\s]/gu)) {
    const units = [" ", ...Array.from(word), " "];
    for (const length of lengths) {
      for (let from = 0; from + length <= units.length; from++) {
        found[bucketOf(units.slice(from, from + length).join(""))] = 1;
      }
    }
  }
  return found;
}

/** FNV-1a over UTF-8 with a final mix: its low bits alone are uneven for short texts. */
function bucketOf(gram: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(gram)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) & (featureCount - 1);
}

/** Features as bytes in hex: bit i of byte j is feature 8 j + i. */
export function packFeatures(features: Uint8Array): `0x${string}` {
  const bytes = new Uint8Array(featureCount / 8);
  features.forEach((feature, index) => {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (feature << (index & 7));
  });
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

/** Features from what `packFeatures` gives. Throws RangeError for another length. */
export function unpackFeatures(packed: string): Uint8Array {
  if (packed.length !== 2 + featureCount / 4) throw new RangeError(`${packed.length} characters of packed features`);
  const bytes = Buffer.from(packed.slice(2), "hex");
  return Uint8Array.from({ length: featureCount }, (_, index) => ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1);
}
