import { constraintLimits } from "../limits.ts";
import { parsePattern, PatternError, type Alternative, type Expression } from "./parse.ts";
import { intersect, overlaps, writable, type Ranges } from "./ranges.ts";

/** A pattern as a machine over code points, run by sets of states, which have numbers. -1 is the dead end. */
export interface Pattern {
  readonly start: number;
  next(set: number, codePoint: number): number;
  /** Whether any code point of the range leads on. */
  leadsOn(set: number, low: number, high: number): boolean;
  accepts(set: number): boolean;
}

interface Edge {
  readonly ranges: Ranges;
  readonly to: number;
}

/** States with edges that take a character and edges that take none. */
interface Automaton {
  readonly edges: Edge[][];
  readonly free: number[][];
}

/** Throws PatternError with the rest of a sentence. */
export function compilePattern(source: string): Pattern {
  if (source.length > constraintLimits.patternChars) {
    throw new PatternError(`its pattern is longer than ${constraintLimits.patternChars} characters`);
  }
  const automaton: Automaton = { edges: [], free: [] };
  const [start, end] = [addState(automaton), addState(automaton)];
  for (const alternative of parsePattern(source)) build(automaton, around(alternative), start, end);
  const alive = statesThatReach(automaton, end);
  if (!alive.has(start)) throw new PatternError("no text that can be written matches its pattern");
  return createRunner(automaton, alive, start, end);
}

const anything: Expression = { kind: "repeat", part: { kind: "set", ranges: writable }, min: 0, max: Infinity };

function around({ expression, fromStart, toEnd }: Alternative): Expression {
  const parts = [...(fromStart ? [] : [anything]), expression, ...(toEnd ? [] : [anything])];
  return { kind: "sequence", parts };
}

function addState({ edges, free }: Automaton): number {
  if (edges.length >= constraintLimits.patternStates) throw new PatternError("its pattern is too large");
  free.push([]);
  return edges.push([]) - 1;
}

function build(automaton: Automaton, expression: Expression, from: number, to: number): void {
  switch (expression.kind) {
    case "set": {
      const ranges = intersect(expression.ranges, writable);
      if (ranges.length > 0) automaton.edges[from]?.push({ ranges, to });
      return;
    }
    case "choice":
      for (const part of expression.parts) build(automaton, part, from, to);
      return;
    case "sequence": {
      let at = from;
      for (const part of expression.parts) {
        const next = addState(automaton);
        build(automaton, part, at, next);
        at = next;
      }
      automaton.free[at]?.push(to);
      return;
    }
    case "repeat":
      repeat(automaton, expression, from, to);
  }
}

function repeat(
  automaton: Automaton,
  expression: Extract<Expression, { kind: "repeat" }>,
  from: number,
  to: number,
): void {
  const { part, min, max } = expression;
  let at = from;
  const once = (): void => {
    const next = addState(automaton);
    build(automaton, part, at, next);
    at = next;
  };
  for (let count = 0; count < min; count += 1) once();
  if (max === Infinity) {
    // A state of its own, so that the loop cannot leak into what stands around it.
    const loop = addState(automaton);
    automaton.free[at]?.push(loop);
    build(automaton, part, loop, loop);
    at = loop;
  }
  for (let count = min; count < max && max !== Infinity; count += 1) {
    automaton.free[at]?.push(to);
    once();
  }
  automaton.free[at]?.push(to);
}

/** States from which the end can be reached: only these are worth being in. */
function statesThatReach({ edges, free }: Automaton, end: number): Set<number> {
  const back: number[][] = edges.map(() => []);
  edges.forEach((list, from) => list.forEach(({ to }) => back[to]?.push(from)));
  free.forEach((list, from) => list.forEach((to) => back[to]?.push(from)));
  const alive = new Set([end]);
  for (const state of alive) for (const before of back[state] ?? []) alive.add(before);
  return alive;
}

function createRunner({ edges, free }: Automaton, alive: Set<number>, start: number, end: number): Pattern {
  const sets: { edges: Edge[]; accepts: boolean }[] = [];
  const known = new Map<string, number>();

  const setOf = (states: Iterable<number>): number => {
    const closed = new Set<number>();
    for (const state of states) if (alive.has(state)) closed.add(state);
    for (const state of closed) for (const to of free[state] ?? []) if (alive.has(to)) closed.add(to);
    if (closed.size === 0) return -1;
    const members = [...closed].sort((a, b) => a - b);
    const key = members.join();
    let set = known.get(key);
    if (set === undefined) {
      const leaving = members.flatMap((state) => (edges[state] ?? []).filter(({ to }) => alive.has(to)));
      set = sets.push({ edges: leaving, accepts: closed.has(end) }) - 1;
      known.set(key, set);
    }
    return set;
  };

  return {
    start: setOf([start]),
    next(set, codePoint) {
      const leaving = sets[set]?.edges ?? [];
      return setOf(leaving.filter(({ ranges }) => overlaps(ranges, codePoint, codePoint)).map(({ to }) => to));
    },
    leadsOn: (set, low, high) => (sets[set]?.edges ?? []).some(({ ranges }) => overlaps(ranges, low, high)),
    accepts: (set) => sets[set]?.accepts ?? false,
  };
}
