import { circuitOf, circuits, type Circuit } from "../../zk-circuits/src/circuits.ts";

/** The circuits that a command's words name, or those that `otherwise` takes when they name none. */
export function chosenCircuits(words: readonly string[], otherwise: (circuit: Circuit) => boolean): Circuit[] {
  const names = words.filter((word) => !word.startsWith("--"));
  return names.length > 0 ? names.map(circuitOf) : [...circuits.values()].filter(otherwise);
}
