/**
 * What a chat template may take. Templates come with the model, and so from a stranger; real ones take some ten thousand steps
 * for a long conversation, and are some ten thousand characters long.
 */
export const templateLimits = {
  /** Characters of the template itself. */
  sourceLength: 256 * 1024,
  /** Evaluated expressions and statements, and what they move: the same for everybody, so that miners agree on a refusal. */
  steps: 1_000_000,
  /** Characters that a text may have at any time; a prompt arrives in a frame of 4 MiB. */
  textLength: 8 * 1024 * 1024,
  /** Numbers of a `range`. */
  rangeLength: 100_000,
  /** Characters of the template's own words about what it refuses. */
  reasonLength: 200,
  /** Starting a process and reading a template, on the slowest machine. */
  readMs: 10_000,
  /** Rendering one prompt; only what escapes the steps gets there. */
  renderMs: 10_000,
  /** The memory for JavaScript's values. */
  heapMb: 256,
} as const;

/** Steps of running a block once: a loop makes a scope and its own variables for every item. */
export const blockSteps = 8;
/** Characters of a text, and items of a list, that cost as much to make as a step. */
export const stepSizes = { text: 128, list: 16 } as const;
