import type { Naming } from "@lode/sdk/draws";
import type { Hex } from "@lode/sdk/hash";

/** What a running verifier tells whoever watches it. Amounts are wei in decimals. */
export type VerifierEvent =
  | { readonly event: "joined"; readonly juror: Hex; readonly weight: number }
  | { readonly event: "scheduled"; readonly coordinator: Hex; readonly epoch: string }
  | { readonly event: "looked"; readonly coordinator: Hex; readonly epoch: string; readonly receipts: number }
  | {
      readonly event: "drawn";
      readonly receipt: Hex;
      readonly miner: Hex;
      readonly epoch: string;
      readonly naming: Naming;
    }
  | { readonly event: "named"; readonly receipt: Hex; readonly epoch: string }
  | { readonly event: "disclosed"; readonly receipt: Hex; readonly way: string }
  | { readonly event: "handed-on"; readonly receipt: Hex; readonly to: Hex }
  | { readonly event: "checked"; readonly receipt: Hex; readonly verdict: string; readonly reason: string }
  | { readonly event: "filed"; readonly receipt: Hex; readonly bondWei: string }
  | { readonly event: "jury-drawn"; readonly caseId: string }
  | { readonly event: "committed"; readonly caseId: string; readonly verdict: string; readonly reason: string }
  | { readonly event: "commits-closed"; readonly caseId: string }
  | { readonly event: "revealed"; readonly caseId: string }
  | { readonly event: "settled"; readonly caseId: string }
  | { readonly event: "decided"; readonly caseId: string; readonly verdict: string; readonly fee: boolean }
  | { readonly event: "warning"; readonly message: string };
