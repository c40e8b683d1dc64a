import type { Hex } from "@lode/sdk/hash";
import type { LatencyTier } from "../../../domain/pricing/tier.ts";

/** What a client asks of the market for a job, beside the job itself. */
export interface Wishes {
  /** A time to the first token that must be expected to be kept; without one nearness is weighed as for "standard" and bounds nothing. */
  readonly latency?: LatencyTier | undefined;
  readonly regions?: ReadonlySet<string> | undefined;
  readonly pool?: string | undefined;
  /** Hash of a quote that this client got. */
  readonly quote?: Hex | undefined;
  /** Most that a token read and a token made may cost, wei. */
  readonly maxInputPriceWei?: bigint | undefined;
  readonly maxOutputPriceWei?: bigint | undefined;
  /** Whether a cloud may do what no miner can. */
  readonly cloud?: boolean | undefined;
}

export const noWishes: Wishes = {};
