import type { Hex } from "../hash/index.ts";

/** A change of a staker on the chain, in block order. */
export type StakeEvent = { readonly staker: Hex; readonly atMs: number } & (
  | { readonly kind: "registered"; readonly role: number; readonly operator: Hex }
  | { readonly kind: "operator"; readonly operator: Hex }
  /** What is staked, thawing stake not counted, after a deposit, a thaw's start or a slash. */
  | { readonly kind: "staked"; readonly stakedWei: bigint }
);

interface Change<T> {
  readonly atMs: number;
  readonly value: T;
}

interface Staker {
  role: number;
  readonly operators: Change<Hex>[];
  readonly stakes: Change<bigint>[];
}

/** Who signed for whom, and with how much stake, at any time: rebuilt from events, without an archive node. */
export class StakeHistory {
  readonly #stakers = new Map<Hex, Staker>();

  constructor(events: Iterable<StakeEvent>) {
    for (const event of events) {
      let staker = this.#stakers.get(event.staker);
      if (staker === undefined) this.#stakers.set(event.staker, (staker = { role: 0, operators: [], stakes: [] }));
      if (event.kind === "staked") staker.stakes.push({ atMs: event.atMs, value: event.stakedWei });
      else staker.operators.push({ atMs: event.atMs, value: event.operator });
      if (event.kind === "registered") staker.role = event.role;
    }
  }

  /** Every operator of a staker in force at some moment of the span. */
  operators(staker: Hex, fromMs: number, toMs: number): Hex[] {
    return during(this.#stakers.get(staker)?.operators ?? [], fromMs, toMs);
  }

  /** Whether anybody with this role ever registered under the address. */
  hasRole(staker: Hex, role: number): boolean {
    return this.#stakers.get(staker)?.role === role;
  }

  /** The most that a staker of this role had staked at some moment of the span; nothing in another role. */
  mostStakedWei(staker: Hex, role: number, fromMs: number, toMs: number): bigint {
    const record = this.#stakers.get(staker);
    if (record?.role !== role) return 0n;
    return during(record.stakes, fromMs, toMs).reduce((most, wei) => (wei > most ? wei : most), 0n);
  }
}

/** Values in force at some moment of the span. */
function during<T>(changes: readonly Change<T>[], fromMs: number, toMs: number): T[] {
  const [only] = changes;
  if (changes.length === 1 && only !== undefined) return only.atMs <= toMs ? [only.value] : [];
  return changes
    .filter(({ atMs }, i) => atMs <= toMs && (changes[i + 1]?.atMs ?? Infinity) >= fromMs)
    .map(({ value }) => value);
}
