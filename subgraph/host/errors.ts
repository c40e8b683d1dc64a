import { LodeError } from "@lode/sdk/errors";

/** A mapping that cannot be loaded, or that failed on an event. It fails the same way every time. */
export class MappingError extends LodeError {
  override readonly name = "MappingError";
}

/** Something a handler asked for that is not in memory; it is run again when it is. */
export type Wanted =
  | { readonly what: "entity"; readonly entity: string; readonly id: string }
  | { readonly what: "call"; readonly to: `0x${string}`; readonly data: `0x${string}` };

/** Ends a handler that asks for something that only the database or the chain can answer: an import cannot wait. */
export class MissingError extends Error {
  override readonly name = "MissingError";
  readonly wanted: Wanted;
  constructor(wanted: Wanted) {
    super(`a handler needs ${wanted.what === "entity" ? `${wanted.entity} ${wanted.id}` : `a call of ${wanted.to}`}`);
    this.wanted = wanted;
  }
}
