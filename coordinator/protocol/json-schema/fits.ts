import type { Grammar, NodeIndex } from "./grammar/nodes.ts";
import { constraintLimits } from "./limits.ts";
import type { Pattern } from "./pattern/pattern.ts";

const unitsOfOne = 10 ** constraintLimits.boundedFractionDigits;

/** Whether a JSON value fits a compiled schema, its properties in any order. Takes each part of it once a node. */
export function fits(grammar: Grammar, value: unknown): boolean {
  const known = new Map<object, Map<NodeIndex, boolean>>();

  const fitsAny = (index: NodeIndex, part: unknown): boolean => {
    if (typeof part !== "object" || part === null) return startsOf(index).some((start) => fitsOne(start, part));
    const answers = known.get(part) ?? new Map<NodeIndex, boolean>();
    known.set(part, answers);
    // Unions inside each other would look at one part in every combination.
    const answer = answers.get(index) ?? startsOf(index).some((start) => fitsOne(start, part));
    answers.set(index, answer);
    return answer;
  };

  const startsOf = (index: NodeIndex): readonly NodeIndex[] => grammar.starts[index] ?? [];

  const fitsOne = (index: NodeIndex, part: unknown): boolean => {
    const node = grammar.nodes[index];
    switch (node?.kind) {
      case undefined:
      case "union":
        return false;
      case "words":
        return node.words.list.includes(JSON.stringify(part));
      case "string":
        return typeof part === "string" && fitsString(part, node);
      case "number":
        return typeof part === "number";
      case "integer":
        return Number.isInteger(part) && isWithin(Number(part), node.min, node.max);
      case "decimal":
        return typeof part === "number" && isWithin(part, node.min / unitsOfOne, node.max / unitsOfOne);
      case "array":
        return (
          Array.isArray(part) &&
          isWithin(part.length, node.min, node.max) &&
          part.every((item) => fitsAny(node.items, item))
        );
      case "object": {
        if (typeof part !== "object" || part === null || Array.isArray(part)) return false;
        const fields = part as Readonly<Record<string, unknown>>;
        const named = new Map(node.properties.map((property) => [property.name, property.node]));
        const { extra } = node;
        return (
          node.properties.every(({ name, required }) => !required || Object.hasOwn(fields, name)) &&
          Object.entries(fields).every(([name, field]) => {
            const fieldNode = named.get(name) ?? extra;
            return fieldNode !== undefined && fitsAny(fieldNode, field);
          })
        );
      }
    }
  };
  return fitsAny(grammar.root, value);
}

const isWithin = (value: number, min: number, max: number): boolean => value >= min && value <= max;

/** Lengths count code points, as JSON Schema does. */
function fitsString(
  text: string,
  { min, max, pattern }: { readonly min: number; readonly max: number; readonly pattern: Pattern | undefined },
): boolean {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  if (!isWithin(points.length, min, max)) return false;
  if (pattern === undefined) return true;
  let set = pattern.start;
  for (const point of points) {
    set = pattern.next(set, point);
    if (set < 0) return false;
  }
  return pattern.accepts(set);
}
