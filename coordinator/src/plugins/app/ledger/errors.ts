import { LodeError } from "@lode/sdk/errors";
import type { CapProblem } from "../../../domain/settlement/index.ts";

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

/** A client that signs for itself has not signed for what it was delivered. */
export class VoucherDueError extends LodeError {
  override readonly name = "VoucherDueError";
  constructor(unsignedWei: bigint, creditWei: bigint) {
    super(
      "voucher_due",
      `${unsignedWei} wei of delivered work are not signed for, and with what runs that would pass the ${creditWei} wei of credit; sign first.`,
    );
  }
}

/** The coordinator was away for long, and anchors what it had begun before it begins anything new. */
export class ReturningError extends LodeError {
  override readonly name = "ReturningError";
  constructor() {
    const message = "This coordinator was away and settles what it had begun; try again in two minutes.";
    super("returning", message, { retryable: true });
  }
}

/** A client's voucher or signer that is not taken. */
export class VoucherError extends LodeError {
  override readonly name = "VoucherError";
}

/** A receipt that does not settle its attempt. */
export class ReceiptRejectedError extends LodeError {
  override readonly name = "ReceiptRejectedError";
  constructor(code: string, message: string, cause?: unknown) {
    super(`receipt_${code}`, message, { cause });
  }
}

/** The chain holds what this key anchored and this home's log does not have: the process must not sign another word. */
export class ForeignAnchorError extends LodeError {
  override readonly name = "ForeignAnchorError";
}

/** A key that cannot be used or changed as asked: no_key, key_ended, key_rotated, other_key or too_many_keys. */
export class KeyError extends LodeError {
  override readonly name = "KeyError";
}

/** A key's own cap, below what its account holds, does not cover what a request could cost. */
export class CapReachedError extends LodeError {
  override readonly name = "CapReachedError";
  /** Seconds until its period ends; undefined when it never does. */
  readonly retryAfterSecs: number | undefined;
  constructor({ kind, period, needed, left, endsMs }: CapProblem, nowMs: number) {
    const unit = kind === "spend" ? "wei" : "tokens";
    const cap = `${period === "total" ? "" : `${period === "day" ? "daily" : "monthly"} `}${kind === "spend" ? "spend cap" : "token quota"}`;
    super(
      kind === "spend" ? "spend_cap_exceeded" : "token_quota_exceeded",
      `This request can take up to ${needed} ${unit} and this API key's ${cap} leaves ${left}; an admin key can raise it.`,
    );
    this.retryAfterSecs = endsMs === undefined ? undefined : Math.max(1, Math.ceil((endsMs - nowMs) / 1000));
  }
}
