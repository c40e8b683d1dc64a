import type { OfferedModel } from "@lode/protocol";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../../errors.ts";

/**
 * The model that an id means now. Throws 404 for one that never was, 503 for one whose miners are away.
 * @param mayBeCloud whether a cloud's model may stand in where no miner's is there
 */
export function modelOf(app: FastifyInstance, id: string, mayBeCloud = false): OfferedModel {
  const model = app.hub.models().get(id) ?? (mayBeCloud ? app.cloud?.model(id) : undefined);
  if (model !== undefined) return model;
  if (app.hub.knownModels.has(id)) {
    const digest = app.hub.lastDigest(id);
    if (digest !== undefined) app.floor.shortage.refuse(id, digest, app.nowMs());
    const options = { headers: { "retry-after": "5" }, shouldRetry: true };
    throw new ApiError(503, "no_miner", `No miner serves ${id} right now; try again in a moment.`, options);
  }
  const message = `The model '${id}' does not exist; see GET /v1/models.`;
  throw new ApiError(404, "model_not_found", message, { param: "model" });
}

const tiers: Readonly<Record<string, number>> = { hash: 0, sampled: 1 };

/** The verification tier asked for, if one is; one that does not exist yet is refused, never mapped to another. */
export function tierOf(tier: string | undefined): number | undefined {
  if (tier === undefined) return undefined;
  const known = Object.hasOwn(tiers, tier) ? tiers[tier] : undefined;
  if (known !== undefined) return known;
  throw new ApiError(400, "unsupported_tier", "There is no such tier here; use hash or sampled.", { param: "tier" });
}
