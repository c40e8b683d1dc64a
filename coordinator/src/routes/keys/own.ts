import type { FastifyInstance } from "fastify";
import type { KeyLimits, KeyRecord } from "../../domain/settlement/index.ts";
import { ApiError } from "../../errors.ts";

/** A key that another may look at: of its own account, or any for the operator's. Throws 404. */
export function ownKey(app: FastifyInstance, by: KeyRecord, prefix: string): KeyRecord {
  const record = app.ledger.keys.record(prefix);
  const isOperator = by.account === app.ledger.coordinator && by.scope === "admin";
  if (record !== undefined && (record.account === by.account || isOperator)) return record;
  throw new ApiError(404, "no_key", `There is no key ${prefix} in this account.`, { param: "prefix" });
}

/** The operator's rate bounds everybody else's keys. Throws 400. */
export function refuseBeyondDefault(
  app: FastifyInstance,
  account: KeyRecord["account"],
  limits: KeyLimits | undefined,
): void {
  const most = app.config.requestsPerMinute;
  if (account === app.ledger.coordinator || (limits?.requestsPerMinute ?? 0) <= most) return;
  const message = `'limits.requestsPerMinute' is at most ${most} here; only the operator can give more.`;
  throw new ApiError(400, "invalid_value", message, { param: "limits.requestsPerMinute" });
}
