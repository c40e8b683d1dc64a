import { LodeError } from "@lode/sdk/errors";

/** The client's account does not cover what a request could cost. */
export class InsufficientFundsError extends LodeError {
  override readonly name = "InsufficientFundsError";
  readonly neededWei: bigint;
  readonly availableWei: bigint;
  constructor(neededWei: bigint, availableWei: bigint) {
    super(
      "insufficient_funds",
      `This request can cost up to ${neededWei} wei and ${availableWei} wei are free; deposit more with \`lode client deposit\`.`,
    );
    this.neededWei = neededWei;
    this.availableWei = availableWei;
  }
}

/** A receipt that does not settle its attempt. */
export class ReceiptRejectedError extends LodeError {
  override readonly name = "ReceiptRejectedError";
  constructor(code: string, message: string, cause?: unknown) {
    super(`receipt_${code}`, message, { cause });
  }
}
