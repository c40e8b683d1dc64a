import { constraintLimits, type Node } from "@lode/protocol/json-schema";
import { colon, comma, isWhitespace, quote, type Frame, type Scope } from "./frame.ts";
import { lead, proceed } from "./utf8.ts";

export type ObjectNode = Extract<Node, { kind: "object" }>;
export type ArrayNode = Extract<Node, { kind: "array" }>;

/** Where an object or array stands, in `b`. `c` counts the whitespace there. */
export const at = { open: 0, first: 1, next: 2, colon: 3, value: 4, after: 5 } as const;

/** A frame at its place with other whitespace before it, or with none. */
function wait(scope: Scope, frame: Frame, byte: number): boolean {
  const { parent, kind, node, a, b, c } = frame;
  if (!isWhitespace(byte)) return false;
  if (parent !== undefined && c < constraintLimits.whitespace) scope.go({ kind, node, a, b, c: c + 1 }, parent);
  return true;
}

/**
 * `a` is the property that the object is at: the next that may come at `first` and `next`, else the one whose value
 * comes or came. Behind the last of the list come other names, all under the number of properties.
 */
export function stepObject(scope: Scope, frame: Frame, node: ObjectNode, byte: number): void {
  const { parent, a, b } = frame;
  if (parent === undefined) return;
  const move = (place: number, property: number): void =>
    scope.go({ kind: "object", node: frame.node, a: property, b: place, c: 0 }, parent);
  switch (b) {
    case at.open:
      if (byte === 0x7b) move(at.first, 0);
      return;
    case at.first:
    case at.next:
      if (wait(scope, frame, byte)) return;
      if (byte === quote) keys(scope, frame, node);
      else if (byte === 0x7d && b === at.first && mayEnd(node, 0)) scope.leave(parent);
      return;
    case at.colon:
      if (byte !== colon) return;
      move(at.value, a);
      return value(scope, frame, node);
    case at.value:
      if (!wait(scope, frame, byte) || frame.c >= constraintLimits.whitespace) return;
      return value(scope, frame, node);
    default: {
      if (wait(scope, frame, byte)) return;
      const next = Math.min(a + 1, node.properties.length);
      if (byte === comma && hasMore(scope, frame, node, next)) move(at.next, next);
      else if (byte === 0x7d && mayEnd(node, next)) scope.leave(parent);
    }
  }
}

/** The value's frames return to the object at `after`. */
function value(scope: Scope, frame: Frame, node: ObjectNode): void {
  const child = node.properties[frame.a]?.node ?? node.extra;
  if (child !== undefined) enterWithin(scope, frame, child, frame.a);
}

function enterWithin(scope: Scope, { kind, node, parent }: Frame, child: number, a: number): void {
  if (parent !== undefined) scope.enter(child, { kind, node, a, b: at.after, c: 0 }, parent);
}

const mayEnd = ({ properties }: ObjectNode, next: number): boolean =>
  !properties.slice(next).some(({ required }) => required);

/** The last property that may come next: the first required one, since properties come in their order. */
function lastCandidate({ properties }: ObjectNode, next: number): number {
  const required = properties.findIndex((property, place) => place >= next && property.required);
  return required < 0 ? properties.length - 1 : required;
}

function isCandidate(scope: Scope, frame: Frame, node: ObjectNode, place: number, next: number): boolean {
  const property = node.properties[place];
  if (property === undefined || place < next || place > lastCandidate(node, next)) return false;
  return scope.fits(property.node, frame);
}

const mayHaveExtra = (scope: Scope, frame: Frame, node: ObjectNode, next: number): boolean =>
  node.extra !== undefined && mayEnd(node, next) && scope.fits(node.extra, frame);

const hasMore = (scope: Scope, frame: Frame, node: ObjectNode, next: number): boolean =>
  mayHaveExtra(scope, frame, node, next) ||
  node.properties.some((_, place) => isCandidate(scope, frame, node, place, next));

function keys(scope: Scope, frame: Frame, node: ObjectNode): void {
  const { parent, a } = frame;
  if (parent === undefined) return;
  const fields = { node: frame.node, a, b: 0, c: 0 };
  if (node.properties.some((_, place) => isCandidate(scope, frame, node, place, a))) {
    scope.go({ kind: "key", ...fields }, parent);
  }
  if (mayHaveExtra(scope, frame, node, a)) scope.go({ kind: "extraKey", ...fields }, parent);
}

/** A declared name: `a` as in the object, `b` the place in the tree of names. */
export function stepKey(scope: Scope, frame: Frame, node: ObjectNode, byte: number): void {
  const { parent, a, b } = frame;
  const next = node.keys.next(b, byte);
  if (parent === undefined || next === undefined) return;
  const isPossible = (place: number): boolean => isCandidate(scope, frame, node, place, a);
  const place = node.keys.endsAt(next);
  if (place === undefined) {
    if (node.keys.below(next).some(isPossible)) scope.go({ kind: "key", node: frame.node, a, b: next, c: 0 }, parent);
  } else if (isPossible(place)) {
    scope.go({ kind: "object", node: frame.node, a: place, b: at.colon, c: 0 }, parent);
  }
}

/** Any other name, without escapes: `b` the place in the tree of names, -1 outside it; `c` the character's bytes. */
export function stepExtraKey(scope: Scope, frame: Frame, node: ObjectNode, byte: number): void {
  const { parent, a, b, c } = frame;
  if (parent === undefined) return;
  const next = b < 0 ? -1 : (node.keys.next(b, byte) ?? -1);
  if (c === 0 && byte === quote) {
    const isDeclared = next >= 0;
    const others = node.properties.length;
    if (!isDeclared) scope.go({ kind: "object", node: frame.node, a: others, b: at.colon, c: 0 }, parent);
    return;
  }
  if (c === 0 && (byte < 0x20 || byte === 0x5c)) return;
  const state = c !== 0 ? proceed(c, byte) : byte < 0x80 ? 0 : lead(byte);
  if (state !== undefined) scope.go({ kind: "extraKey", node: frame.node, a, b: next, c: state }, parent);
}

/** `a` counts items as far as a bound cares. */
export function stepArray(scope: Scope, frame: Frame, node: ArrayNode, byte: number): void {
  const { parent, a, b } = frame;
  if (parent === undefined) return;
  const move = (place: number): void => scope.go({ kind: "array", node: frame.node, a, b: place, c: 0 }, parent);
  const items = (): void => {
    const count = node.max < Infinity ? a + 1 : Math.min(a + 1, node.min);
    if (a < node.max) enterWithin(scope, frame, node.items, count);
  };
  switch (b) {
    case at.open:
      if (byte !== 0x5b) return;
      move(at.first);
      return items();
    case at.first:
    case at.next:
      if (wait(scope, frame, byte)) {
        if (frame.c < constraintLimits.whitespace) items();
      } else if (byte === 0x5d && b === at.first && node.min === 0) scope.leave(parent);
      return;
    default:
      if (wait(scope, frame, byte)) return;
      if (byte === comma && a < node.max && scope.fits(node.items, frame)) {
        move(at.next);
        items();
      } else if (byte === 0x5d && a >= node.min) scope.leave(parent);
  }
}
