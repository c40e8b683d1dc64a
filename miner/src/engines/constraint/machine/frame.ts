import type { NodeIndex } from "@lode/protocol/json-schema";

/** What a frame is in the middle of. */
export type FrameKind =
  "end" | "space" | "word" | "string" | "number" | "integer" | "decimal" | "object" | "key" | "extraKey" | "array";

/** Progress within one value. What the numbers mean is up to the kind, and said where it is stepped. */
export interface FrameFields {
  readonly kind: FrameKind;
  readonly node: NodeIndex;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/**
 * One reading of the answer so far: the innermost unfinished value, and behind `parent` what goes on once it is
 * finished. Equal frames of one machine are one object.
 */
export interface Frame extends FrameFields {
  readonly id: number;
  readonly parent: Frame | undefined;
  /** Objects and arrays around. */
  readonly depth: number;
  /** Equal for frames that a whole token cannot tell apart, though their counts differ. */
  readonly shape: number;
}

/** What the steps need of the machine they belong to. */
export interface Scope {
  /** Adds a frame to the readings that the step leads to. */
  go(fields: FrameFields, parent: Frame): void;
  /** The value is finished: goes on with what is around it. */
  leave(parent: Frame): void;
  /** Begins a value of this node, if it can still be nested here; once finished it goes on with these fields. */
  enter(node: NodeIndex, then: FrameFields, parent: Frame): void;
  /** Whether a value of this node can begin within this frame. */
  fits(node: NodeIndex, frame: Frame): boolean;
}

export const quote = 0x22;
export const backslash = 0x5c;
export const comma = 0x2c;
export const colon = 0x3a;

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
/** Space and line feed: the other two never help, and every byte that may stand anywhere costs. */
export const isWhitespace = (byte: number): boolean => byte === 0x20 || byte === 0x0a;
