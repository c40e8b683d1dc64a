import type { Grammar } from "@lode/protocol/json-schema";
import type { Frame, FrameFields } from "./frame.ts";

/** Makes frames, each only once, so that states can be compared by numbers. */
export interface Frames {
  readonly size: number;
  make(fields: FrameFields, parent: Frame | undefined): Frame;
}

/** `horizon` is the length of the longest token: what is further away than that cannot matter to a mask. */
export function createFrames(grammar: Grammar, horizon: number): Frames {
  const frames = new Map<string, Frame>();
  const shapes = new Map<string, number>();

  const shapeOf = (fields: FrameFields, parent: Frame | undefined): number => {
    const key = `${fields.kind} ${fields.node} ${countOf(fields)} ${fields.b} ${fields.c} ${parent?.shape ?? -1}`;
    let shape = shapes.get(key);
    if (shape === undefined) shapes.set(key, (shape = shapes.size));
    return shape;
  };

  /** How far a count is from its bounds, as far as a token can reach. */
  const countOf = ({ kind, node: index, a }: FrameFields): string => {
    const node = grammar.nodes[index];
    if (!(kind === "string" && node?.kind === "string") && !(kind === "array" && node?.kind === "array"))
      return String(a);
    return `${Math.min(horizon, Math.max(0, node.min - a))}/${Math.min(horizon, node.max - a)}`;
  };

  return {
    get size() {
      return frames.size;
    },
    make(fields, parent) {
      const key = `${fields.kind} ${fields.node} ${fields.a} ${fields.b} ${fields.c} ${parent?.id ?? -1}`;
      const known = frames.get(key);
      if (known !== undefined) return known;
      const isContainer = fields.kind === "object" || fields.kind === "array";
      // A container's own frames replace each other within the same parent, so that it counts once.
      const isInside = isContainer || fields.kind === "key" || fields.kind === "extraKey";
      const depth = (parent?.depth ?? 0) + (isInside ? 1 : 0);
      const { kind, node, a, b, c } = fields;
      const frame: Frame = { kind, node, a, b, c, id: frames.size, parent, depth, shape: shapeOf(fields, parent) };
      frames.set(key, frame);
      return frame;
    },
  };
}
