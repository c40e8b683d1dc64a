import type { MinerCard } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import type { FastifyInstance } from "fastify";
import { qosScore, qosTier } from "../../domain/qos/score.ts";
import { uptime } from "../../domain/reliability/history.ts";

const rounded = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value * 10) / 10;

/** Everything that is known of a miner, in one card. */
export function cardOf(app: FastifyInstance, miner: Hex): MinerCard {
  const nowMs = app.nowMs();
  const { registry, reviews, books } = app.ledger;
  const history = registry.of(miner, nowMs);
  const { trust, isTrusted, completed, failed } = registry.standing(miner, nowMs);
  const session = app.hub.session(miner);
  const review = reviews.of(miner);
  const online = uptime(history, nowMs);
  const score = qosScore({
    ...(session && app.floor.qualityOf(session)),
    accuracy: review === undefined ? undefined : (review.stars - 1) / 4,
    uptime: online,
  });
  const place = session && app.floor.placeOf(session);
  const { receipts, creditedWei } = books.creditOf(miner);
  return {
    miner,
    online: session !== undefined,
    status: session?.status ?? null,
    trust,
    trusted: isTrusted,
    completed,
    failed,
    uptime: online,
    sessions: history.sessions,
    firstSeenAt: new Date(history.firstSeenMs).toISOString(),
    place: place?.id ?? null,
    region: place?.region ?? null,
    models: session?.capabilities.models.map(({ id }) => id) ?? [],
    running: session?.streams.size ?? 0,
    concurrency: session?.capabilities.concurrency ?? 0,
    roundTripMs: session?.isMeasured === true ? rounded(session.roundTripMs) : null,
    firstTokenMs: rounded(session?.firstTokenMs),
    tokensPerSecond: rounded(session?.tokensPerSecond),
    qos: { score, tier: qosTier(score) },
    stars: review?.stars ?? null,
    reviews: review?.count ?? 0,
    hardware: { ...session?.capabilities.hardware },
    receipts,
    creditedWei: creditedWei.toString(),
  };
}

/** The name that weights have now; null when nobody offers them. */
export function modelName(app: FastifyInstance, digest: Hex): string | null {
  for (const model of app.hub.models().values()) if (model.digest === digest) return model.id;
  return null;
}
