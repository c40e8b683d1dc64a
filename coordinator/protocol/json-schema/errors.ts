import { LodeError } from "@lode/sdk/errors";

/** Why a schema is refused: not JSON Schema, beyond the supported part, beyond a limit, or without any answer. */
export type SchemaErrorCode = "schema-invalid" | "schema-unsupported" | "schema-too-large" | "schema-unsatisfiable";

/** A refused schema. `path` is a JSON pointer to the offending part; the message quotes nothing but that. */
export class SchemaError extends LodeError {
  override readonly name: string = "SchemaError";
  declare readonly code: SchemaErrorCode;
  readonly path: string;

  constructor(code: SchemaErrorCode, path: string, problem: string) {
    super(code, `The schema is refused at ${shorten(path === "" ? "its root" : path)}: ${problem}.`);
    this.path = path;
  }
}

const shorten = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}...` : text);
