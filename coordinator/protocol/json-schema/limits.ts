/** What a schema may cost. Schemas come from strangers: everything that one can make large or slow has its bound here. */
export const constraintLimits = {
  /** Objects and arrays inside each other, in a schema and in an answer. */
  depth: 32,
  /** Subschemas, references followed. */
  nodes: 2000,
  /** Properties of one object, options of one union. */
  properties: 128,
  options: 64,
  /** Values of one enum, and all their bytes. */
  enumValues: 1000,
  enumBytes: 65_536,
  /** Characters of one pattern and states that it becomes. */
  patternChars: 512,
  patternStates: 512,
  /** Largest minLength, maxLength, minItems and maxItems. */
  count: 1_000_000,
  /** Digits before the point, after it, and of an exponent: more than a number on a computer holds. */
  integerDigits: 15,
  fractionDigits: 15,
  exponentDigits: 2,
  /** Digits of a number that has bounds: together no more than float64 holds exactly. */
  boundedIntegerDigits: 9,
  boundedFractionDigits: 6,
  /** Spaces and line breaks in one place: a model must not write them for ever. */
  whitespace: 24,
  /** Ways to read the answer so far: more mean that a union's options cannot be told apart. */
  readings: 128,
  /** States kept in memory; beyond that they are computed again. */
  states: 8192,
  frames: 100_000,
  /** Masks kept in memory. */
  masks: 256,
  /** Transitions computed for one mask and for one job. */
  maskSteps: 100_000,
  jobSteps: 2_000_000,
} as const;
