import type { ModelPage, ModelView, OfferedModel, PlaceView } from "@lode/protocol";
import type { FastifyInstance } from "fastify";
import type { Offering } from "../../plugins/app/market/floor.ts";

/** The job that shown prices are for. */
const shownTokens = 1_000;

/** Every model with what it costs where, and every place with somebody in it. */
export function modelPage(app: FastifyInstance): ModelPage {
  const places = new Map<string, PlaceView & { readonly seen: Set<string> }>();
  const models = [...app.hub.models().values()].map((model) => viewOf(app, model, places));
  return {
    models,
    places: [...places.values()].map(({ seen, ...place }) => ({ ...place, miners: seen.size })),
  };
}

function viewOf(
  app: FastifyInstance,
  model: OfferedModel,
  places: Map<string, PlaceView & { readonly seen: Set<string> }>,
): ModelView {
  const regions = new Map<string, Offering[]>();
  for (const offering of app.floor.offers(model, Math.min(shownTokens, model.contextTokens))) {
    const { place, offer } = offering;
    regions.set(place.region, [...(regions.get(place.region) ?? []), offering]);
    const { id, region, latitude, longitude } = place;
    const known = places.get(id) ?? { place: id, region, latitude, longitude, miners: 0, seen: new Set<string>() };
    known.seen.add(offer.miner);
    places.set(id, known);
  }
  const { id, digest, contextTokens } = model;
  const { total, used, queued } = app.floor.slots(digest);
  return {
    id,
    digest,
    contextTokens,
    slots: { total, used, queued },
    regions: [...regions].map(([region, offerings]) => ({ region, miners: offerings.length, ...bestOf(offerings) })),
  };
}

/** The least that a region asks, input and output by themselves, and its quickest first token. */
function bestOf(offerings: readonly Offering[]) {
  const least = (pick: (price: Offering["price"]) => bigint): string =>
    offerings
      .map(({ price }) => pick(price))
      .reduce((low, wei) => (wei < low ? wei : low))
      .toString();
  const waits = offerings.map(({ offer }) => offer.firstTokenMs).filter((ms) => ms > 0);
  return {
    inputPriceWei: least(({ inputPriceWei }) => inputPriceWei),
    outputPriceWei: least(({ outputPriceWei }) => outputPriceWei),
    firstTokenMs: waits.length === 0 ? null : Math.min(...waits),
  };
}
