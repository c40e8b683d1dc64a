import { constraintLimits, type Node } from "@lode/protocol/json-schema";
import { isDigit, type Frame, type Scope } from "./frame.ts";

/** Where a number stands, in `a`; `b` counts the digits of its part. */
const at = { start: 0, minus: 1, zero: 2, integer: 3, point: 4, fraction: 5, e: 6, sign: 7, exponent: 8 } as const;
const complete: ReadonlySet<number> = new Set([at.zero, at.integer, at.fraction, at.exponent]);

/** JSON's numbers with bounded digits, so that none is infinite and none goes on for ever. */
export function stepNumber(scope: Scope, frame: Frame, byte: number): void {
  const { parent, a, b } = frame;
  if (parent === undefined) return;
  const move = (state: number, digits = 0): void => {
    scope.go({ kind: "number", node: frame.node, a: state, b: digits, c: 0 }, parent);
    // A number has no end of its own: whatever may follow it may follow now.
    if (complete.has(state)) scope.leave(parent);
  };
  const more = (state: number, most: number): void => {
    if (isDigit(byte) && b < most) move(state, b + 1);
  };
  const isExponent = byte === 0x65 || byte === 0x45;
  switch (a) {
    case at.start:
    case at.minus:
      if (byte === 0x2d && a === at.start) move(at.minus);
      else if (byte === 0x30) move(at.zero);
      else if (isDigit(byte)) move(at.integer, 1);
      return;
    case at.zero:
    case at.integer:
      if (a === at.integer) more(at.integer, constraintLimits.integerDigits);
      if (byte === 0x2e) move(at.point);
      else if (isExponent) move(at.e);
      return;
    case at.point:
      return more(at.fraction, constraintLimits.fractionDigits);
    case at.fraction:
      more(at.fraction, constraintLimits.fractionDigits);
      if (isExponent) move(at.e);
      return;
    case at.e:
      if (byte === 0x2b || byte === 0x2d) move(at.sign);
      else more(at.exponent, constraintLimits.exponentDigits);
      return;
    default:
      more(at.exponent, constraintLimits.exponentDigits);
  }
}

type IntegerNode = Extract<Node, { kind: "integer" }>;

/** `a` is 1 behind a minus; `b` is the value so far, `c` how many digits it has. */
export function stepInteger(scope: Scope, frame: Frame, node: IntegerNode, byte: number): void {
  const { parent, a, b, c } = frame;
  if (parent === undefined) return;
  if (byte === 0x2d && a === 0 && c === 0) {
    // Without a negative zero: below it there must be something.
    if (node.min < 0) scope.go({ kind: "integer", node: frame.node, a: 1, b: 0, c: 0 }, parent);
    return;
  }
  if (!isDigit(byte)) return;
  const isZero = c === 1 && b === 0;
  const value = b * 10 + (byte - 0x30);
  if (isZero || c >= constraintLimits.integerDigits || (value === 0 && a === 1)) return;
  const [low, high] = a === 1 ? [Math.max(1, -node.max), -node.min] : [Math.max(0, node.min), node.max];
  if (value >= low && value <= high) scope.leave(parent);
  if (canReach(value, c + 1, low, high)) {
    scope.go({ kind: "integer", node: frame.node, a, b: value, c: c + 1 }, parent);
  }
}

/** Whether more digits, at least one, lead into the bounds. */
function canReach(value: number, digits: number, low: number, high: number): boolean {
  if (value === 0) return false;
  for (let [from, to, count] = [value, value, digits]; count < constraintLimits.integerDigits; count += 1) {
    from *= 10;
    to = to * 10 + 9;
    if (from <= high && to >= low) return true;
  }
  return false;
}
