import type { Grammar, Node } from "@lode/protocol/json-schema";
import { stepArray, stepExtraKey, stepKey, stepObject } from "./containers.ts";
import { stepDecimal } from "./decimal.ts";
import type { Frame, FrameFields, Scope } from "./frame.ts";
import { stepInteger, stepNumber } from "./number.ts";
import { stepString } from "./string.ts";

/** Goes on with one reading by one byte; what it may become is added to the scope, which is nothing at a dead end. */
export function step(scope: Scope, grammar: Grammar, frame: Frame, byte: number): void {
  const { kind, parent } = frame;
  if (parent === undefined) return;
  if (kind === "space") {
    if (byte === 0x20) scope.enter(grammar.root, endFields, parent);
    return;
  }
  const node = grammar.nodes[frame.node];
  switch (node?.kind) {
    case "words":
      return stepWord(scope, frame, node, byte);
    case "string":
      return stepString(scope, frame, node, byte);
    case "number":
      return stepNumber(scope, frame, byte);
    case "integer":
      return stepInteger(scope, frame, node, byte);
    case "decimal":
      return stepDecimal(scope, frame, node, byte);
    case "array":
      return stepArray(scope, frame, node, byte);
    case "object":
      if (kind === "key") return stepKey(scope, frame, node, byte);
      if (kind === "extraKey") return stepExtraKey(scope, frame, node, byte);
      return stepObject(scope, frame, node, byte);
    case "union":
    case undefined:
      return;
  }
}

/** The whole answer is finished. */
export const endFields: FrameFields = { kind: "end", node: -1, a: 0, b: 0, c: 0 };

/** `a` is the place in the tree of words. */
function stepWord(
  scope: Scope,
  { node: index, parent, a }: Frame,
  node: Extract<Node, { kind: "words" }>,
  byte: number,
): void {
  const next = node.words.next(a, byte);
  if (parent === undefined || next === undefined) return;
  if (node.words.endsAt(next) !== undefined) scope.leave(parent);
  if (node.words.goesOn(next)) scope.go({ kind: "word", node: index, a: next, b: 0, c: 0 }, parent);
}

/** The frame with which a value of a node begins. */
export function startFields(node: Node, index: number): FrameFields {
  const kind = node.kind === "words" ? "word" : node.kind;
  return { kind: kind === "union" ? "end" : kind, node: index, a: 0, b: 0, c: 0 };
}
