import { LodeError } from "@lode/sdk/errors";

/** A frame or message that breaks the protocol. */
export class ProtocolError extends LodeError {
  override readonly name = "ProtocolError";
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { cause });
  }
}
