import type { GrammarBuilder } from "../grammar/builder.ts";
import type { Node, NodeIndex } from "../grammar/nodes.ts";

/** Objects inside objects that are looked into for a property that tells them apart. */
const mostDepth = 4;

/** Whether no value can fit both nodes. Says no where it cannot tell. */
export function areDisjoint(builder: GrammarBuilder, one: NodeIndex, two: NodeIndex, depth = 0): boolean {
  const [left, right] = [open(builder, one), open(builder, two)];
  if (left === undefined || right === undefined) return false;
  return left.every((a) => right.every((b) => nodesAreDisjoint(builder, a, b, depth)));
}

/** The node's alternatives; undefined where it is not finished, because it contains what is being compiled. */
function open(builder: GrammarBuilder, index: NodeIndex, depth = 0): Node[] | undefined {
  const node = builder.get(index);
  if (node.kind !== "union") return [node];
  if (node.options.length === 0 || depth > mostDepth) return undefined;
  const parts = node.options.map((option) => open(builder, option, depth + 1));
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

function nodesAreDisjoint(builder: GrammarBuilder, a: Node, b: Node, depth: number): boolean {
  if (a.kind === "words" && b.kind === "words") {
    const texts = new Set(a.words.list);
    return !b.words.list.some((text) => texts.has(text));
  }
  const [left, right] = [typesOf(a), typesOf(b)];
  if (!left.some((type) => right.includes(type))) return true;
  if (a.kind !== "object" || b.kind !== "object" || depth >= mostDepth) return false;
  return a.properties.some(({ name, required, node }) => {
    const other = b.properties.find((property) => property.name === name);
    return required && other?.required === true && areDisjoint(builder, node, other.node, depth + 1);
  });
}

/** JSON types of a node's values, integers counted as numbers. */
function typesOf(node: Node): string[] {
  switch (node.kind) {
    case "words":
      return [...new Set(node.words.list.map(typeOfText))];
    case "integer":
    case "decimal":
      return ["number"];
    default:
      return [node.kind];
  }
}

function typeOfText(text: string): string {
  const types: Readonly<Record<string, string>> = { '"': "string", "[": "array", "{": "object", n: "null" };
  return types[text.charAt(0)] ?? (text === "true" || text === "false" ? "boolean" : "number");
}
