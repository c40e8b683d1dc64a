import type { Hex } from "@lode/sdk/hash";
import type { OfferedModel } from "@lode/protocol";

/**
 * What each model id means now. Miners name their models freely, so that two may use one name for different weights:
 * the name belongs to the weights that most of them offer under it, then to those offered first. A newcomer cannot take
 * a name over. Options that only some of its miners offer the model can be asked for: matching finds those that do.
 *
 * @param offers models of each miner, longest connected first
 */
export function resolveModels(offers: Iterable<readonly OfferedModel[]>): Map<string, OfferedModel> {
  const byId = new Map<string, Map<Hex, Candidate>>();
  for (const models of offers) {
    const seen = new Set<string>();
    for (const model of models) {
      // Listing a model twice is no second vote.
      const vote = `${model.id} ${model.digest}`;
      if (seen.has(vote)) continue;
      seen.add(vote);
      const digests = byId.get(model.id) ?? new Map<Hex, Candidate>();
      byId.set(model.id, digests);
      const known = digests.get(model.digest);
      if (known === undefined) digests.set(model.digest, { model, miners: 1 });
      else {
        known.miners += 1;
        known.model = withOptions(known.model, model);
      }
    }
  }
  return new Map([...byId].map(([id, digests]) => [id, winner(digests.values())]));
}

interface Candidate {
  model: OfferedModel;
  miners: number;
}

/** A model with what another miner offers beside. */
function withOptions(model: OfferedModel, { logprobs = -1, vocabulary }: OfferedModel): OfferedModel {
  const hasMore = logprobs > (model.logprobs ?? -1);
  const takesTokens = model.vocabulary === undefined && vocabulary !== undefined;
  return hasMore || takesTokens
    ? { ...model, ...(hasMore && { logprobs }), ...(takesTokens && { vocabulary }) }
    : model;
}

function winner(candidates: Iterable<Candidate>): OfferedModel {
  const [best] = [...candidates].sort((a, b) => b.miners - a.miners);
  if (best === undefined) throw new Error("a model without an offer");
  return best.model;
}
