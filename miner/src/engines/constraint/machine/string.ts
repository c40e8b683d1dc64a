import type { Node } from "@lode/protocol/json-schema";
import { backslash, quote, type Frame, type Scope } from "./frame.ts";
import { lead, leadBits, pointsOf, proceed } from "./utf8.ts";

export type StringNode = Extract<Node, { kind: "string" }>;

/** Where a string stands, in `b`; a character's bytes stand above `bytes`. */
export const at = {
  quote: 0,
  content: 1,
  escape: 2,
  hex1: 3,
  hex2: 4,
  hex2Low: 5,
  hex3: 6,
  hex4: 7,
  bytes: 8,
} as const;

const escapes: Readonly<Record<number, number>> = {
  0x22: 0x22,
  0x5c: 0x5c,
  0x2f: 0x2f,
  0x62: 0x08,
  0x66: 0x0c,
  0x6e: 0x0a,
  0x72: 0x0d,
  0x74: 0x09,
};

/**
 * `a` counts characters as far as a bound cares. `c` is the pattern's set; within a character with a pattern it also
 * holds the payload, above 2^21 places for code points.
 */
export function stepString(scope: Scope, frame: Frame, node: StringNode, byte: number): void {
  const { parent, a, b, c } = frame;
  if (parent === undefined) return;
  const move = (state: number, count = a, set = c): void =>
    scope.go({ kind: "string", node: frame.node, a: count, b: state, c: set }, parent);
  if (b >= at.bytes) return continueCharacter(frame, node, byte, move);
  switch (b) {
    case at.quote:
      if (byte === quote) move(at.content, 0, node.pattern?.start ?? 0);
      return;
    case at.content:
      if (byte === quote) {
        if (a >= node.min && node.pattern?.accepts(c) !== false) scope.leave(parent);
      } else if (a < node.max) content(frame, node, byte, move);
      return;
    case at.escape:
      return escaped(frame, node, byte, move);
    default:
      if (isHex(byte)) hex(b, byte, () => move(at.content, counted(node, a)), move);
  }
}

type Move = (state: number, count?: number, set?: number) => void;

/** Counting stops where no bound depends on it any more, so that long strings do not make states without end. */
const counted = ({ min, max }: StringNode, count: number): number =>
  max < Infinity ? count + 1 : Math.min(count + 1, min);

function content({ a, c }: Frame, node: StringNode, byte: number, move: Move): void {
  if (byte === backslash) {
    // An escape is only begun where one can be finished.
    const points = Object.values(escapes);
    if (node.pattern === undefined || points.some((point) => node.pattern?.leadsOn(c, point, point) === true)) {
      move(at.escape);
    }
    return;
  }
  if (byte < 0x20) return;
  if (byte < 0x80) return character(node, a, c, byte, move);
  const state = lead(byte);
  if (state === undefined) return;
  if (node.pattern === undefined) return move(at.bytes + state);
  const payload = leadBits(byte);
  if (node.pattern.leadsOn(c, ...pointsOf(state, payload))) move(at.bytes + state, a, withPayload(c, payload));
}

/** Sets and payloads in one number: a payload has 21 bits at most. */
const payloads = 2 ** 21;
const withPayload = (set: number, payload: number): number => set * payloads + payload;

function continueCharacter({ a, b, c }: Frame, node: StringNode, byte: number, move: Move): void {
  const state = proceed(b - at.bytes, byte);
  if (state === undefined) return;
  if (node.pattern === undefined) return state === 0 ? move(at.content, counted(node, a)) : move(at.bytes + state);
  const [set, payload] = [Math.floor(c / payloads), (c % payloads) * 64 + (byte & 0x3f)];
  if (state === 0) return character(node, a, set, payload, move);
  if (node.pattern.leadsOn(set, ...pointsOf(state, payload))) move(at.bytes + state, a, withPayload(set, payload));
}

function character(node: StringNode, count: number, set: number, codePoint: number, move: Move): void {
  const next = node.pattern === undefined ? 0 : node.pattern.next(set, codePoint);
  if (next >= 0) move(at.content, counted(node, count), next);
}

function escaped({ a, c }: Frame, node: StringNode, byte: number, move: Move): void {
  const codePoint = escapes[byte];
  if (codePoint !== undefined) return character(node, a, c, codePoint, move);
  // A pattern's characters have one way to be written each, which keeps its steps single bytes or single escapes.
  if (byte === 0x75 && node.pattern === undefined) move(at.hex1);
}

const isHex = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

/** Four hex digits that are no half of a pair: what needs a pair can be written as itself. */
function hex(state: number, byte: number, done: () => void, move: Move): void {
  switch (state) {
    case at.hex1:
      return move(byte === 0x44 || byte === 0x64 ? at.hex2Low : at.hex2);
    case at.hex2Low:
      if (byte >= 0x30 && byte <= 0x37) move(at.hex3);
      return;
    case at.hex2:
      return move(at.hex3);
    case at.hex3:
      return move(at.hex4);
    default:
      done();
  }
}
