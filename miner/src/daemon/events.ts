import type { Hex } from "@lode/sdk/hash";

/** What a running miner tells whoever watches it. */
export type MinerEvent =
  | { readonly event: "connected"; readonly coordinator: Hex; readonly url: string }
  | { readonly event: "disconnected"; readonly url: string; readonly reason: string; readonly retryInSecs: number }
  | {
      readonly event: "job";
      readonly assignment: Hex;
      readonly offset: number;
      /** Jobs of its model that its coordinator said come together, itself included. */
      readonly batch?: number;
    }
  | { readonly event: "refused"; readonly assignment: string; readonly code: string; readonly message: string }
  | {
      readonly event: "receipt";
      readonly assignment: Hex;
      readonly inputTokens: number;
      readonly outputTokens: number;
      readonly durationMs: number;
      /** Energy that the job used, where sensors tell. */
      readonly joules?: number;
      readonly amountWei: string;
      readonly finishReason: number;
    }
  | { readonly event: "accepted"; readonly assignment: Hex; readonly logIndex: number }
  | { readonly event: "rejected"; readonly assignment: string; readonly code: string; readonly message: string }
  | { readonly event: "voucher"; readonly coordinator: Hex; readonly cumulativeWei: string; readonly count: string }
  /** What keeps this machine from working, or that nothing does any more. */
  | { readonly event: "conditions"; readonly reason?: string }
  /** A model was loaded, or left to make room for another. */
  | { readonly event: "model"; readonly model: string; readonly isLoaded: boolean }
  /** A classification was proved, and the contract paid it. */
  | { readonly event: "classification"; readonly job: string; readonly transaction: Hex }
  /** Where figures are served. */
  | { readonly event: "metrics"; readonly url: string }
  | { readonly event: "distrust"; readonly problem: string }
  | { readonly event: "warning"; readonly message: string };
