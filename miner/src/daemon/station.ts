import { policyOf, firstState, type Policy } from "./conditions/conditions.ts";

/** A card's state as heartbeats tell it. */
export interface GpuState {
  temperature_c: number;
  vram_used_mb: number;
  vram_total_mb: number;
  utilization_pct: number;
}

/** What all links of a miner share: its slots, and whether the machine may work at all. */
export class Station {
  readonly concurrency: number;
  /** Jobs that were taken over all links and have not ended. */
  running = 0;
  gpuState: GpuState | undefined;
  #policy: Policy = { ...policyOf(firstState), relinks: false };
  readonly #listeners = new Set<(policy: Policy) => void>();

  constructor(concurrency: number) {
    this.concurrency = concurrency;
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** Slots that the policy leaves. */
  get slots(): number {
    return Math.max(1, Math.ceil(this.concurrency * this.#policy.share));
  }

  /** Tells every link when something about it changed. A machine that slept is told even if nothing else did. */
  apply(policy: Policy): void {
    const before = this.#policy;
    this.#policy = policy;
    const isSame =
      before.takesWork === policy.takesWork &&
      before.share === policy.share &&
      before.endsRunning === policy.endsRunning &&
      before.status === policy.status;
    if (isSame && !policy.relinks) return;
    for (const listener of this.#listeners) listener(policy);
  }

  /** Tells every link that something which heartbeats tell is not as before, though the policy is. */
  announce(): void {
    for (const listener of this.#listeners) listener({ ...this.#policy, endsRunning: false, relinks: false });
  }

  /** Returns what ends the listening. */
  onChange(listener: (policy: Policy) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
