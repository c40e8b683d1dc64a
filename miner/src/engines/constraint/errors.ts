import { EngineError, type EngineErrorCode } from "../errors.ts";

/** Why a schema is refused, by code: not JSON Schema, beyond the supported part, beyond a limit, or without any answer. */
export type SchemaErrorCode = Extract<EngineErrorCode, `schema-${string}`>;

/** A refused schema. `path` is a JSON pointer to the offending part. */
export class SchemaError extends EngineError {
  declare readonly code: SchemaErrorCode;
  readonly path: string;

  constructor(code: SchemaErrorCode, path: string, problem: string) {
    super(code, `The schema is refused at ${shorten(path === "" ? "its root" : path)}: ${problem}.`);
    this.path = path;
  }
}

const shorten = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}...` : text);
