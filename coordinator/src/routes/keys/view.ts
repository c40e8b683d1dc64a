import type { FastifyInstance } from "fastify";
import type { KeyLimits, KeyRecord, Period } from "../../domain/settlement/index.ts";
import type { KeyView, MadeKey } from "./schemas.ts";

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

/** A key as its account sees it. */
export function viewOf(app: FastifyInstance, record: KeyRecord): KeyView {
  const { prefix, scope, account, label, revoked, createdAtMs, expiresAtMs, rotatedFrom, limits } = record;
  const usage = app.ledger.keys.usage(prefix);
  const spent = (period: Period): { spentWei: string; tokens: number } => {
    const { wei, tokens } = usage.spent(period, app.nowMs());
    return { spentWei: wei.toString(), tokens };
  };
  return {
    prefix,
    scope,
    account,
    label,
    state: revoked ? "revoked" : app.ledger.keys.isTaken(record) ? "active" : "expired",
    createdAt: iso(createdAtMs),
    expiresAt: iso(expiresAtMs),
    rotatedFrom: rotatedFrom ?? null,
    limits: wireOf(limits),
    usage: {
      day: spent("day"),
      month: spent("month"),
      total: spent("total"),
      heldWei: usage.held.wei.toString(),
      heldTokens: usage.held.tokens,
    },
  };
}

/** A key that was just made, with its secret. */
export function madeOf(app: FastifyInstance, { key, prefix }: { key: string; prefix: string }): MadeKey {
  const record = app.ledger.keys.record(prefix);
  if (record === undefined) throw new Error("a key that was just made is not there");
  const { scope, account, expiresAtMs } = record;
  return { key, prefix, scope, account, expiresAt: iso(expiresAtMs) };
}

function wireOf({ models, ...limits }: KeyLimits): KeyView["limits"] {
  return { ...limits, ...(models !== undefined && { models: [...models] }) };
}
