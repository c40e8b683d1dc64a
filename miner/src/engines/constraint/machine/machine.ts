import { constraintLimits, type Grammar, SchemaError } from "@lode/protocol/json-schema";
import type { Frame, Scope } from "./frame.ts";
import { createFrames, type Frames } from "./frames.ts";
import { endFields, startFields, step } from "./step.ts";

/** Every reading of the answer so far. */
export interface State {
  readonly frames: readonly Frame[];
  readonly accepts: boolean;
  /** Equal for states that have the same mask. */
  readonly shape: string;
  /** States behind each byte, as far as they are known; null is a dead end. */
  next: (State | null | undefined)[] | undefined;
}

/** Reads JSON byte by byte: a machine with a stack, whose states are made when they are first met. */
export interface Machine {
  readonly start: State;
  /** The state behind a byte; null when the answer can no longer fit. Throws SchemaError when the work is too much. */
  next(state: State, byte: number): State | null;
  /** Begins to count the work anew, for the next mask. */
  beginMask(): void;
  /** Whether it remembers so much that it should begin anew from its present state. */
  readonly isFull: boolean;
  /** Forgets everything but this state, and returns what stands for it from now on. Shapes change their meaning. */
  forget(state: State): State;
}

export interface MachineOptions {
  /** The longest token's bytes. */
  readonly horizon: number;
  /** One space may come before the answer, as vocabularies of the SentencePiece kind put it there. */
  readonly leadingSpace: boolean;
}

export function createMachine(grammar: Grammar, { horizon, leadingSpace }: MachineOptions): Machine {
  let frames = createFrames(grammar, horizon);
  const states = new Map<string, State>();
  let tables = 0;
  let maskSteps = 0;
  let jobSteps = 0;

  const stateOf = (list: Frame[]): State => {
    if (list.length > constraintLimits.readings) {
      throw new SchemaError("schema-too-large", "", "an answer can be read in too many ways at once");
    }
    const sorted = list.sort((a, b) => a.id - b.id);
    const key = sorted.map(({ id }) => id).join();
    let state = states.get(key);
    if (state === undefined) {
      const accepts = sorted.some(({ kind }) => kind === "end");
      const shape = [...new Set(sorted.map((frame) => frame.shape))].sort((a, b) => a - b).join();
      state = { frames: sorted, accepts, shape, next: undefined };
      if (states.size < constraintLimits.states) states.set(key, state);
    }
    return state;
  };

  const compute = (state: State, byte: number): State | null => {
    maskSteps += 1;
    jobSteps += 1;
    if (maskSteps > constraintLimits.maskSteps || jobSteps > constraintLimits.jobSteps) {
      throw new SchemaError("schema-too-large", "", "following it costs too much");
    }
    const readings = new Set<Frame>();
    const scope = createScope(grammar, frames, readings);
    for (const frame of state.frames) step(scope, grammar, frame, byte);
    return readings.size === 0 ? null : stateOf([...readings]);
  };

  return {
    start: stateOf(startFrames(grammar, frames, leadingSpace)),
    next(state, byte) {
      const known = state.next?.[byte];
      if (known !== undefined) return known;
      const next = compute(state, byte);
      if (state.next === undefined && tables < constraintLimits.states) {
        tables += 1;
        state.next = new Array<State | null | undefined>(256).fill(undefined);
      }
      if (state.next !== undefined) state.next[byte] = next;
      return next;
    },
    beginMask() {
      maskSteps = 0;
    },
    get isFull() {
      return frames.size > constraintLimits.frames;
    },
    forget(state) {
      const anew = createFrames(grammar, horizon);
      const copy = (frame: Frame): Frame => anew.make(frame, frame.parent && copy(frame.parent));
      frames = anew;
      states.clear();
      tables = 0;
      return stateOf(state.frames.map(copy));
    },
  };
}

function startFrames(grammar: Grammar, frames: Frames, leadingSpace: boolean): Frame[] {
  const readings = new Set<Frame>();
  const end = frames.make(endFields, undefined);
  const scope = createScope(grammar, frames, readings);
  scope.enter(grammar.root, endFields, end);
  if (leadingSpace) scope.go({ ...endFields, kind: "space" }, end);
  return [...readings];
}

function createScope(grammar: Grammar, frames: Frames, readings: Set<Frame>): Scope {
  const scope: Scope = {
    go: (fields, parent) => readings.add(frames.make(fields, parent)),
    leave: (parent) => readings.add(parent),
    fits: (node, frame) => frame.depth + (grammar.minDepth[node] ?? Infinity) <= constraintLimits.depth,
    enter(index, then, parent) {
      const around = then.kind === "end" ? parent : frames.make(then, parent);
      for (const start of grammar.starts[index] ?? []) {
        const node = grammar.nodes[start];
        if (node !== undefined && scope.fits(start, around))
          readings.add(frames.make(startFields(node, start), around));
      }
    },
  };
  return scope;
}
