import type { Hex } from "@lode/sdk/hash";
import type { Recheck } from "../engines/index.ts";
import type { SequentialState } from "./sequential/test.ts";

/** `undecided`: nothing was shown, either way. */
export type VerdictName = "right" | "wrong" | "undecided";

/** How a job was checked: re-executed bit for bit in one of two ways, by a statistical test, or its hashes and counts alone. */
export type CheckClass = "A-prefill" | "A-decode" | "B" | "hash";

/** One thing that was found, in words. `fault`: the miner's, shown by what it signed. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly fault: boolean;
}

export interface Evidence {
  /** Output tokens that were computed again. */
  readonly tokens: number;
  /** Output positions at which another token comes out; a class of equal bits has none. */
  readonly mismatches: readonly number[];
  readonly end?: Recheck["end"] | undefined;
  /** What a juror commits to, one for each output position. Empty when nothing was computed. */
  readonly values: readonly Hex[];
  /** The engine that checked. */
  readonly engineId: string;
  /** Class B: where the test over the miner's jobs stands after this one. */
  readonly sequential?: SequentialState | undefined;
}

export interface VerdictReport {
  readonly verdict: VerdictName;
  readonly class: CheckClass;
  readonly reasons: readonly Reason[];
  readonly evidence: Evidence;
}

/** A fault decides; without one, anything that could not be checked leaves the job undecided. */
export function verdictOf(reasons: readonly Reason[]): VerdictName {
  if (reasons.some(({ fault }) => fault)) return "wrong";
  return reasons.length === 0 ? "right" : "undecided";
}

export const fault = (code: string, message: string): Reason => ({ code, message, fault: true });
export const doubt = (code: string, message: string): Reason => ({ code, message, fault: false });
