import { complement, normalise, shorthands, type Ranges } from "./ranges.ts";

/** A regular expression without memory. */
export type Expression =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Expression[] }
  | { readonly kind: "repeat"; readonly part: Expression; readonly min: number; readonly max: number };

/** One alternative of the whole pattern. Without anchors it may match anywhere in the text. */
export interface Alternative {
  readonly expression: Expression;
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

/** What is wrong with a pattern, as the rest of a sentence. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** Groups inside each other. */
const mostNesting = 32;

/** Reads the supported part of ECMAScript's regular expressions, by code points. Throws PatternError. */
export function parsePattern(source: string): Alternative[] {
  const reader = createReader(source);
  const alternatives: Alternative[] = [];
  do {
    const fromStart = reader.takeIf("^");
    const expression = sequence(reader, 0);
    const toEnd = reader.takeIf("$");
    alternatives.push({ expression, fromStart, toEnd });
  } while (reader.takeIf("|"));
  if (!reader.atEnd) throw new PatternError(`its pattern has an unexpected ${reader.peek}`);
  return alternatives;
}

interface Reader {
  readonly peek: string;
  readonly atEnd: boolean;
  take(): string;
  takeIf(text: string): boolean;
  /** Takes what the expression matches here. */
  takeMatch(expression: RegExp): RegExpExecArray | undefined;
}

function createReader(source: string): Reader {
  const characters = Array.from(source);
  let at = 0;
  const reader: Reader = {
    get peek() {
      return characters[at] ?? "";
    },
    get atEnd() {
      return at >= characters.length;
    },
    take: () => characters[at++] ?? "",
    takeIf(text) {
      const found = characters.slice(at, at + text.length).join("") === text;
      if (found) at += text.length;
      return found;
    },
    takeMatch(expression) {
      const match = expression.exec(characters.slice(at, at + 16).join(""));
      if (match?.index !== 0) return undefined;
      at += Array.from(match[0]).length;
      return match;
    },
  };
  return reader;
}

function choice(reader: Reader, depth: number): Expression {
  const parts = [sequence(reader, depth)];
  while (reader.takeIf("|")) parts.push(sequence(reader, depth));
  return { kind: "choice", parts };
}

function sequence(reader: Reader, depth: number): Expression {
  const parts: Expression[] = [];
  while (!reader.atEnd && !["|", ")"].includes(reader.peek)) {
    if (reader.peek === "$" && depth === 0) break;
    parts.push(repeated(atom(reader, depth), reader));
  }
  return { kind: "sequence", parts };
}

function repeated(part: Expression, reader: Reader): Expression {
  const bounds = quantifier(reader);
  if (bounds === undefined) return part;
  // A lazy quantifier matches the same texts; a possessive one does not exist.
  reader.takeIf("?");
  if (["*", "+", "?"].includes(reader.peek)) throw new PatternError(`its pattern repeats a repetition`);
  const [min, max] = bounds;
  if (min > max) throw new PatternError(`its pattern repeats ${min} to ${max} times`);
  return { kind: "repeat", part, min, max };
}

function quantifier(reader: Reader): [number, number] | undefined {
  if (reader.takeIf("*")) return [0, Infinity];
  if (reader.takeIf("+")) return [1, Infinity];
  if (reader.takeIf("?")) return [0, 1];
  const counted = reader.takeMatch(/^\{(\d{1,4})(,(\d{0,4}))?\}/);
  if (counted === undefined) return undefined;
  const [, min = "", comma, max = ""] = counted;
  return [Number(min), comma === undefined ? Number(min) : max === "" ? Infinity : Number(max)];
}

function atom(reader: Reader, depth: number): Expression {
  const character = reader.take();
  switch (character) {
    case "(":
      return group(reader, depth + 1);
    case "[":
      return { kind: "set", ranges: characterClass(reader) };
    case ".":
      return { kind: "set", ranges: shorthands["."] ?? [] };
    case "\\":
      return { kind: "set", ranges: escape(reader) };
    case "^":
    case "$":
      throw new PatternError(`its pattern has ${character} elsewhere than at its ends`);
    case "*":
    case "+":
    case "?":
    case "{":
    case "}":
    case "]":
      throw new PatternError(`its pattern has an unexpected ${character}`);
    default:
      return { kind: "set", ranges: one(character) };
  }
}

function group(reader: Reader, depth: number): Expression {
  if (depth > mostNesting) throw new PatternError("its pattern nests too many groups");
  if (reader.peek === "?" && !reader.takeIf("?:")) {
    throw new PatternError("its pattern looks ahead or behind, or names a group");
  }
  const inner = choice(reader, depth);
  if (!reader.takeIf(")")) throw new PatternError("its pattern leaves a group open");
  return inner;
}

function characterClass(reader: Reader): Ranges {
  const isNegated = reader.takeIf("^");
  const ranges: (readonly [number, number])[] = [];
  while (!reader.takeIf("]")) {
    if (reader.atEnd) throw new PatternError("its pattern leaves a class open");
    const from = classItem(reader);
    const isRange = reader.peek === "-" && reader.takeMatch(/^-(?=[^\]])/) !== undefined;
    if (!isRange) {
      ranges.push(...from);
      continue;
    }
    const to = classItem(reader);
    const [low, high] = [from[0]?.[0] ?? 0, to[0]?.[0] ?? 0];
    if (!isOne(from) || !isOne(to) || low > high) throw new PatternError("its pattern has a bad range in a class");
    ranges.push([low, high]);
  }
  return isNegated ? complement(ranges) : normalise(ranges);
}

function classItem(reader: Reader): Ranges {
  const character = reader.take();
  if (character !== "\\") return one(character);
  // In a class this is the character; outside it would be a word's border.
  return reader.takeIf("b") ? [[8, 8]] : escape(reader);
}

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

function escape(reader: Reader): Ranges {
  const hex = reader.takeMatch(/^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\})/);
  if (hex !== undefined) {
    const point = Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? "", 16);
    return [[point, point]];
  }
  const character = reader.take();
  const known = shorthands[character];
  if (known !== undefined && character !== ".") return known;
  const control = controls[character];
  if (control !== undefined && !/^\d/.test(reader.peek)) return [[control, control]];
  if (character === "" || /[0-9a-zA-Z]/.test(character)) {
    throw new PatternError(`its pattern has \\${character}, which is not supported`);
  }
  return one(character);
}

const isOne = (ranges: Ranges): boolean => ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1];

function one(character: string): Ranges {
  const point = character.codePointAt(0) ?? 0;
  return [[point, point]];
}
