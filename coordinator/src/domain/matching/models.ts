import type { Hex } from "@lode/sdk/hash";
import type { OfferedModel } from "@lode/protocol";

/**
 * What each model id means now. Miners name their models freely, so that two may use one name for different weights:
 * the name belongs to the weights that most of them offer under it, then to those offered first. A newcomer cannot take
 * a name over.
 *
 * @param offers models of each miner, longest connected first
 */
export function resolveModels(offers: Iterable<readonly OfferedModel[]>): Map<string, OfferedModel> {
  const byId = new Map<string, Map<Hex, { model: OfferedModel; miners: number }>>();
  for (const models of offers) {
    const seen = new Set<string>();
    for (const model of models) {
      // Listing a model twice is no second vote.
      const vote = `${model.id} ${model.digest}`;
      if (seen.has(vote)) continue;
      seen.add(vote);
      const digests = byId.get(model.id) ?? new Map<Hex, { model: OfferedModel; miners: number }>();
      byId.set(model.id, digests);
      const known = digests.get(model.digest);
      if (known === undefined) digests.set(model.digest, { model, miners: 1 });
      else known.miners += 1;
    }
  }
  return new Map([...byId].map(([id, digests]) => [id, winner(digests.values())]));
}

function winner(candidates: Iterable<{ model: OfferedModel; miners: number }>): OfferedModel {
  const [best] = [...candidates].sort((a, b) => b.miners - a.miners);
  if (best === undefined) throw new Error("a model without an offer");
  return best.model;
}
