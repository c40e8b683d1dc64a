/** Symbols of one distinct word of the corpus and how often the word occurs. */
interface Word {
  symbols: string[];
  count: number;
}

/** Pairs are kept under one key; a newline is no symbol of either alphabet (byte-level maps it, pieces keep it alone). */
const separator = "\u0000";

/**
 * Byte-pair encoding's training: repeatedly joins the most frequent neighbouring pair.
 * Ties go to the pair that sorts first, so that the result depends on the corpus alone.
 * Returns the joined pairs, best first; together they make at most `limit` different new symbols.
 */
export function learnMerges(counts: ReadonlyMap<string, number>, split: (word: string) => string[], limit: number) {
  const words: Word[] = [...counts].map(([text, count]) => ({ symbols: split(text), count }));
  const frequency = new Map<string, number>();
  const occurrences = new Map<string, Set<Word>>();
  const account = (word: Word, sign: 1 | -1): void => {
    for (let at = 0; at + 1 < word.symbols.length; at += 1) {
      const key = `${word.symbols[at] ?? ""}${separator}${word.symbols[at + 1] ?? ""}`;
      frequency.set(key, (frequency.get(key) ?? 0) + sign * word.count);
      let users = occurrences.get(key);
      if (users === undefined) occurrences.set(key, (users = new Set()));
      users.add(word);
    }
  };
  for (const word of words) account(word, 1);

  const merges: [string, string][] = [];
  const made = new Set<string>();
  while (made.size < limit) {
    let best: string | undefined;
    let bestCount = 1;
    for (const [key, count] of frequency) {
      if (count > bestCount || (count === bestCount && best !== undefined && key < best))
        [best, bestCount] = [key, count];
    }
    if (best === undefined) break;
    const [left, right] = best.split(separator) as [string, string];
    merges.push([left, right]);
    made.add(left + right);
    for (const word of occurrences.get(best) ?? []) {
      account(word, -1);
      word.symbols = joinPair(word.symbols, left, right);
      account(word, 1);
    }
    frequency.delete(best);
    occurrences.delete(best);
  }
  return merges;
}

/** Joins every occurrence of the pair, left to right. */
export function joinPair(symbols: readonly string[], left: string, right: string): string[] {
  const joined: string[] = [];
  for (let at = 0; at < symbols.length; at += 1) {
    const symbol = symbols[at] ?? "";
    if (symbol === left && symbols[at + 1] === right) {
      joined.push(left + right);
      at += 1;
    } else joined.push(symbol);
  }
  return joined;
}

/** Encodes one word by applying the best-ranked pair until none applies. `rank` is undefined for pairs never learnt. */
export function applyMerges(symbols: string[], rank: (left: string, right: string) => number | undefined): string[] {
  let current = symbols;
  for (;;) {
    let best: [string, string] | undefined;
    let bestRank = Infinity;
    for (let at = 0; at + 1 < current.length; at += 1) {
      const [left, right] = [current[at] ?? "", current[at + 1] ?? ""];
      const found = rank(left, right);
      if (found !== undefined && found < bestRank) [best, bestRank] = [[left, right], found];
    }
    if (best === undefined) return current;
    current = joinPair(current, ...best);
  }
}

/** Counts the distinct words of the texts. */
export function countWords(texts: Iterable<string>, pattern: RegExp): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of text.match(pattern) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}
