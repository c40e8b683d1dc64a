import { constraintLimits, type Node } from "@lode/protocol/json-schema";
import { isDigit, type Frame, type Scope } from "./frame.ts";

type DecimalNode = Extract<Node, { kind: "decimal" }>;

const { boundedIntegerDigits: mostInteger, boundedFractionDigits: mostFraction } = constraintLimits;
/** Units of the last digit in one whole. */
const whole = 10 ** mostFraction;

/**
 * A number within bounds, as whole units of its last possible digit, which float64 holds exactly. `a` is 1 behind a minus
 * and 2 more in the fraction; `b` is the digits so far as one number, `c` how many of the part there are.
 */
export function stepDecimal(scope: Scope, frame: Frame, node: DecimalNode, byte: number): void {
  const { parent, a, b, c } = frame;
  if (parent === undefined) return;
  const [isNegative, isFraction] = [(a & 1) === 1, a >= 2];
  const bounds = isNegative
    ? { low: Math.max(0, -node.max), high: -node.min }
    : { low: Math.max(0, node.min), high: node.max };
  const go = (kind: number, digits: number, count: number): void =>
    scope.go({ kind: "decimal", node: frame.node, a: kind, b: digits, c: count }, parent);
  if (byte === 0x2d && a === 0 && c === 0) {
    if (node.min < 0) go(1, 0, 0);
    return;
  }
  if (byte === 0x2e && !isFraction && c > 0) {
    if (overlaps(bounds, b * whole, b * whole + whole - 1)) go(a + 2, b, 0);
    return;
  }
  if (!isDigit(byte) || (!isFraction && c === 1 && b === 0)) return;
  const [digits, count] = [b * 10 + byte - 0x30, c + 1];
  if (count > (isFraction ? mostFraction : mostInteger)) return;
  const unit = isFraction ? 10 ** (mostFraction - count) : whole;
  if (overlaps(bounds, digits * unit, digits * unit)) scope.leave(parent);
  if (isFraction ? overlaps(bounds, digits * unit, digits * unit + unit - 1) : canGrow(bounds, digits, count)) {
    go(a, digits, count);
  }
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

const overlaps = ({ low, high }: Bounds, from: number, to: number): boolean => from <= high && to >= low;

/** Whether a fraction, or more digits with or without one, lead into the bounds. */
function canGrow(bounds: Bounds, digits: number, count: number): boolean {
  let [from, to] = [digits, digits];
  for (let at = count; at <= mostInteger; at += 1) {
    if (overlaps(bounds, from * whole, to * whole + whole - 1)) return true;
    // Nothing follows a leading zero but a fraction.
    if (digits === 0) return false;
    [from, to] = [from * 10, to * 10 + 9];
  }
  return false;
}
