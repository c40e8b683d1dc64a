import { LodeError } from "@lode/sdk/errors";

/** No more is kept for clients: of one API key, or of all of them. */
export class StoreFullError extends LodeError {
  override readonly name = "StoreFullError";

  constructor(whose: "key" | "all", bytes: number) {
    const room = `${Math.round(bytes / 2 ** 20)} MiB`;
    if (whose === "key") {
      const message = `What is kept for this API key takes ${room}, its limit: delete stored answers, or ask without 'store' and Idempotency-Key.`;
      super("kept_answers_full", message);
    } else {
      const message = `This coordinator keeps answers of ${room} together, its limit: ask without 'store' and Idempotency-Key.`;
      super("answers_full", message, { retryable: true });
    }
  }
}
