import { createHash } from "node:crypto";
import { childrenOf, word, type Node } from "./ast.ts";
import { hasCode, isOutside, operators, type Edit, type Source } from "./operators.ts";

/** One small change of one contract. */
export interface Mutant extends Edit {
  /** Stays the same while the file does. */
  readonly id: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly contract: string;
  /** Empty outside functions. */
  readonly within: string;
  /** The changed lines before and after, without indentation. */
  readonly before: string;
  readonly after: string;
}

interface Place {
  readonly contract: string;
  readonly within: string;
}

/** Every mutant of a file, in the order of the text. */
export function mutantsOf(file: string, source: Source, tree: Node): Mutant[] {
  const found = new Map<string, Mutant>();
  const visit = (node: Node, place: Place): void => {
    if (isOutside(node) || !hasCode(node)) return;
    const here = enter(node, place);
    for (const edit of operators[node.nodeType]?.(node, source) ?? []) {
      const mutant = describe(file, source, edit, here);
      // Two operators may do the same.
      const key = `${edit.start} ${edit.end} ${edit.text}`;
      if (!found.has(key)) found.set(key, mutant);
    }
    for (const each of childrenOf(node)) visit(each, here);
  };
  visit(tree, { contract: "", within: "" });
  return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end || (a.text < b.text ? -1 : 1));
}

function enter(node: Node, place: Place): Place {
  if (node.nodeType === "ContractDefinition") return { contract: word(node, "name"), within: "" };
  if (node.nodeType === "FunctionDefinition" || node.nodeType === "ModifierDefinition") {
    const name = word(node, "name");
    return { ...place, within: name === "" ? word(node, "kind") : name };
  }
  return place;
}

function describe(file: string, source: Source, edit: Edit, place: Place): Mutant {
  const lineStart = source.lastIndexOf("\n", edit.start - 1) + 1;
  const newline = source.indexOf("\n", edit.end);
  const lineEnd = newline < 0 ? source.length : newline;
  const tidy = (text: string): string => text.replace(/\s+/g, " ").trim();
  const part = (from: number, to: number): string => source.subarray(from, to).toString("utf8");
  const before = tidy(part(lineStart, lineEnd));
  const after = tidy(part(lineStart, edit.start) + edit.text + part(edit.end, lineEnd));
  const line = part(0, edit.start).split("\n").length;
  const id = createHash("sha256").update(`${file} ${edit.start} ${edit.end} ${edit.text}`).digest("hex").slice(0, 12);
  return { ...edit, ...place, id, file, line, before, after };
}

/** The source with the mutant in it. */
export function apply(source: Source, { start, end, text }: Edit): Source {
  return Buffer.concat([source.subarray(0, start), Buffer.from(text), source.subarray(end)]);
}

/** The mutants in an order that depends on the seed only. */
export function shuffled(mutants: readonly Mutant[], seed: string): Mutant[] {
  const rank = ({ id }: Mutant): string => createHash("sha256").update(`${seed} ${id}`).digest("hex");
  return mutants
    .map((mutant) => ({ mutant, rank: rank(mutant) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ mutant }) => mutant);
}

/** A sample of `count` mutants that depends on the seed only, in the order of the text. A larger one holds a smaller one. */
export function sample(mutants: readonly Mutant[], count: number, seed: string): Mutant[] {
  const chosen = new Set(shuffled(mutants, seed).slice(0, count));
  return mutants.filter((mutant) => chosen.has(mutant));
}
