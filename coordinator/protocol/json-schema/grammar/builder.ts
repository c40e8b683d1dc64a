import { SchemaError } from "../errors.ts";
import { constraintLimits } from "../limits.ts";
import type { Grammar, Node, NodeIndex, Property } from "./nodes.ts";
import { createWords } from "./words.ts";

/** Collects the nodes of a grammar. */
export interface GrammarBuilder {
  /** Takes a place for a node that is set later, so that it can refer to itself. */
  reserve(path: string): NodeIndex;
  set(index: NodeIndex, node: Node): void;
  add(node: Node, path: string): NodeIndex;
  /** Any JSON value. */
  any(): NodeIndex;
  get(index: NodeIndex): Node;
  finish(root: NodeIndex): Grammar;
}

const empty: Node = { kind: "union", options: [] };

export function createGrammarBuilder(): GrammarBuilder {
  const nodes: Node[] = [];
  let anyIndex: NodeIndex | undefined;
  const builder: GrammarBuilder = {
    reserve(path) {
      if (nodes.length >= constraintLimits.nodes) {
        throw new SchemaError("schema-too-large", path, `it has more than ${constraintLimits.nodes} parts`);
      }
      return nodes.push(empty) - 1;
    },
    set(index, node) {
      nodes[index] = node;
    },
    add(node, path) {
      const index = builder.reserve(path);
      nodes[index] = node;
      return index;
    },
    any: () => (anyIndex ??= addAny(builder)),
    get: (index) => nodes[index] ?? empty,
    finish(root) {
      const starts = nodes.map((_, index) => startsOf(nodes, index));
      if (starts.some((list) => list.length > constraintLimits.readings)) {
        const problem = `a value can begin in more than ${constraintLimits.readings} ways`;
        throw new SchemaError("schema-too-large", "", problem);
      }
      const grammar = { nodes, root, starts, minDepth: minDepths(nodes, starts) };
      if ((grammar.minDepth[root] ?? Infinity) > constraintLimits.depth) {
        throw new SchemaError("schema-unsatisfiable", "", "no value fits it, or only one nested too deep");
      }
      return grammar;
    },
  };
  return builder;
}

function addAny(builder: GrammarBuilder): NodeIndex {
  const any = builder.reserve("");
  const options: Node[] = [
    { kind: "string", min: 0, max: Infinity, pattern: undefined },
    { kind: "number" },
    { kind: "words", words: createWords(["true", "false", "null"]) },
    { kind: "array", items: any, min: 0, max: Infinity },
    objectNode([], any),
  ];
  builder.set(any, { kind: "union", options: options.map((node) => builder.add(node, "")) });
  return any;
}

export function objectNode(properties: readonly Property[], extra: NodeIndex | undefined): Node {
  // Written without the opening quote, which every key shares.
  const keys = createWords(properties.map(({ name }) => JSON.stringify(name).slice(1)));
  return { kind: "object", properties, keys, extra };
}

/** Opens unions within unions; one that holds only itself opens to nothing. */
function startsOf(nodes: readonly Node[], index: NodeIndex): NodeIndex[] {
  const seen = new Set<NodeIndex>();
  const starts: NodeIndex[] = [];
  const open = [index];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const node = nodes[at];
    if (node?.kind === "union") open.push(...node.options);
    else starts.push(at);
  }
  return starts.sort((a, b) => a - b);
}

/**
 * Least nesting of every node: a fixed point, since nodes refer to each other in circles. Each round settles one more
 * level, and what is deeper than the limit may stay infinite.
 */
function minDepths(nodes: readonly Node[], starts: readonly (readonly NodeIndex[])[]): number[] {
  const depths = nodes.map(() => Infinity);
  const of = (index: NodeIndex): number => Math.min(Infinity, ...(starts[index] ?? []).map((at) => depths[at] ?? 0));
  const measure = (node: Node): number => {
    switch (node.kind) {
      case "union":
        return Infinity;
      case "array":
        return 1 + (node.min === 0 ? 0 : of(node.items));
      case "object":
        return (
          1 + Math.max(0, ...node.properties.filter(({ required }) => required).map((property) => of(property.node)))
        );
      default:
        return 0;
    }
  };
  for (let round = 0; round <= constraintLimits.depth + 1; round += 1) {
    nodes.forEach((node, index) => {
      depths[index] = measure(node);
    });
  }
  return nodes.map((node, index) => (node.kind === "union" ? of(index) : (depths[index] ?? Infinity)));
}
