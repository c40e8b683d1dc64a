import type { Hex } from "@lode/sdk/hash";
import type { OfferedModel } from "@lode/protocol";
import { resolveModels } from "../../../domain/matching/models.ts";
import type { MinerSession } from "./session.ts";

/** Model names that are remembered. */
const maximumKnown = 10_000;

/** The models that miners offer: what each name means now, and what it meant last. */
export class Offered {
  /** Ids that were offered here at some time: nobody serving one now is a pause, not an unknown name. */
  readonly known = new Set<string>();
  /** What was offered last under an id. */
  readonly #digests = new Map<string, Hex>();
  readonly #sessions: () => readonly MinerSession[];
  #models: Map<string, OfferedModel> | undefined;

  /** @param sessions those that can be given work, longest connected first */
  constructor(sessions: () => readonly MinerSession[]) {
    this.#sessions = sessions;
  }

  /** Models that somebody serves now, by id. */
  models(): ReadonlyMap<string, OfferedModel> {
    this.#models ??= resolveModels(this.#sessions().map(({ capabilities }) => capabilities.models));
    return this.#models;
  }

  /** Who can be given work, or what somebody offers, is not as before. */
  changed(): void {
    this.#models = undefined;
  }

  /** Model ids for which somebody may come later. */
  know(ids: Iterable<string>): void {
    for (const id of ids) if (this.known.size < maximumKnown) this.known.add(id);
  }

  /** The weights that were offered last under an id; undefined when they are not remembered. */
  lastDigest(id: string): Hex | undefined {
    return this.#digests.get(id);
  }

  /** Keeps which names a miner offers, and the weights behind them; what a host offers stands for none. */
  remember({ capabilities: { models }, isHost }: MinerSession): void {
    this.know(models.map(({ id }) => id));
    for (const { id, digest } of isHost ? [] : models) if (this.known.has(id)) this.#digests.set(id, digest);
  }
}
