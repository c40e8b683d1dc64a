import { LodeError } from "@lode/sdk/errors";

/** The facts cannot be read or written. */
export class StoreError extends LodeError {
  override readonly name = "StoreError";
  constructor(code: string, message: string, cause?: unknown) {
    super(`store_${code}`, message, { cause });
  }
}
