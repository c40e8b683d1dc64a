import * as jinja from "@huggingface/jinja";
import { blockSteps, stepSizes, templateLimits } from "./limits.ts";

/** A template that was read; only the library looks inside. */
export type Program = object;

interface Value {
  readonly value: unknown;
}

/** The library's types do not resolve from an ES module; these are the parts that are used. */
interface Library {
  tokenize(source: string, options: { lstrip_blocks: boolean; trim_blocks: boolean }): readonly object[];
  parse(tokens: readonly object[]): Program;
  Environment: new () => { set(name: string, value: unknown): void };
  Interpreter: new (environment: object) => {
    run(program: Program): Value;
    /** Evaluates one node of the program, and through it all nodes below. */
    evaluate(node: object | undefined, environment: object): Value;
    /** Runs the statements of a block; a loop does so for every item, even where there are none. */
    evaluateBlock(statements: readonly object[], environment: object): Value;
  };
}
const library = jinja as unknown as Library;

/** What a template is given: messages and tools as plain data, and its marks. Nothing in it is a function. */
export type TemplateValues = Readonly<Record<string, unknown>>;

/** The template takes more than it may. */
export class TemplateLimitError extends Error {
  override readonly name = "TemplateLimitError";
}

/** Some templates ask for today's date, but a prompt must be the same on every miner and every day. */
const fixedDate = "1 January 2026";

/** Reads a template as its authors' tool does. Throws TemplateLimitError, or whatever the reader throws at nonsense. */
export function readTemplate(source: string): Program {
  if (source.length > templateLimits.sourceLength) {
    throw new TemplateLimitError(`it is longer than ${templateLimits.sourceLength} characters`);
  }
  return library.parse(library.tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
}

/** Renders a prompt within the limits. Throws TemplateLimitError, or an error with the template's own words. */
export function renderTemplate(program: Program, values: TemplateValues): string {
  const environment = new library.Environment();
  for (const [name, value] of Object.entries({ ...globals, ...values })) environment.set(name, value);
  return String(new BoundedInterpreter(environment).run(program).value);
}

/** All that a template can reach beside its values and the language's own filters. */
const globals: TemplateValues = {
  ...{ true: true, false: false, none: null, True: true, False: false, None: null },
  raise_exception: (words: unknown): never => {
    throw new Error(typeof words === "string" ? words : "no reason given");
  },
  range: boundedRange,
  strftime_now: () => fixedDate,
};

function boundedRange(first: number, end?: number, step = 1): number[] {
  const [from, to] = end === undefined ? [0, first] : [first, end];
  if (![from, to, step].every(Number.isInteger) || step === 0) throw new Error("range() takes whole numbers");
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > templateLimits.rangeLength) {
    throw new TemplateLimitError(`it counts further than ${templateLimits.rangeLength}`);
  }
  return Array.from({ length }, (_, index) => from + index * step);
}

/** Counts what it does, by evaluated nodes and by the size of what they give, and stops at the limit. */
class BoundedInterpreter extends library.Interpreter {
  #left: number = templateLimits.steps;

  override evaluate(node: object | undefined, environment: object): Value {
    const result = super.evaluate(node, environment);
    this.#pay(1 + costOf(result.value));
    return result;
  }

  override evaluateBlock(statements: readonly object[], environment: object): Value {
    this.#pay(blockSteps);
    return super.evaluateBlock(statements, environment);
  }

  #pay(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new TemplateLimitError(`it takes more than ${templateLimits.steps} steps`);
  }
}

/** Steps that it takes to make a value, beside the one for the node. */
function costOf(value: unknown): number {
  if (typeof value === "string") {
    if (value.length <= templateLimits.textLength) return value.length / stepSizes.text;
    throw new TemplateLimitError(`it makes a text of more than ${templateLimits.textLength} characters`);
  }
  if (Array.isArray(value)) return value.length / stepSizes.list;
  return value instanceof Map ? value.size / stepSizes.list : 0;
}
