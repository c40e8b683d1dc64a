import { classes } from "../src/classifier/classes.ts";
import { frames, keywords } from "./keywords.ts";
import { Random } from "./random.ts";
import { after, before, fillers, templates } from "./templates.ts";

export interface Example {
  readonly text: string;
  /** Index into `classes`. */
  readonly label: number;
}

/**
 * Requests written from templates and keywords, as many of each class. `training` has only three of four templates and fillers; `test` has only the fourth
 * ones, which training never saw.
 */
export function examples(part: "training" | "test", ofEach: number, seed: number): Example[] {
  const random = new Random(seed);
  const made = classes.flatMap((name, label) =>
    Array.from({ length: ofEach }, (_, index) => {
      // Half of the training is templates, half keywords.
      const isLoose = part === "training" && index % 2 === 1;
      const text = isLoose ? frame(random, keywords[name]) : fill(random, partOf(templates[name], part), part);
      return { text: dress(random, text), label };
    }),
  );
  random.shuffle(made);
  return made;
}

function fill(random: Random, from: readonly string[], part: "training" | "test"): string {
  return random.pick(from).replace(/\{(\w+)\}/g, (_whole, slot: string) => {
    const list = fillers[slot];
    if (list === undefined) throw new RangeError(`no list fills {${slot}}`);
    return random.pick(partOf(list, part));
  });
}

function frame(random: Random, words: readonly string[]): string {
  return random.pick(frames).replaceAll("{}", () => random.pick(words));
}

/** With what people say around a request, and now and then a slip of the fingers. */
function dress(random: Random, text: string): string {
  const whole = `${random.pick(before)}${text}${random.pick(after)}`;
  return random.next() < 0.2 ? misspell(random, whole) : whole;
}

function partOf<T>(list: readonly T[], part: "training" | "test"): readonly T[] {
  return list.filter((_, index) => (index % 4 === 3) === (part === "test"));
}

/** Drops or doubles one character, as fingers do. */
function misspell(random: Random, text: string): string {
  const at = random.below(text.length);
  const kept = random.next() < 0.5 ? "" : text.slice(at, at + 1).repeat(2);
  return text.slice(0, at) + kept + text.slice(at + 1);
}
