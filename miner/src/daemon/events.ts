import type { Hex } from "@lode/sdk/hash";

/** What a running miner tells whoever watches it. */
export type MinerEvent =
  | { readonly event: "connected"; readonly coordinator: Hex; readonly url: string }
  | { readonly event: "disconnected"; readonly reason: string; readonly retryInSecs: number }
  | { readonly event: "job"; readonly assignment: Hex; readonly offset: number }
  | { readonly event: "refused"; readonly assignment: string; readonly code: string; readonly message: string }
  | {
      readonly event: "receipt";
      readonly assignment: Hex;
      readonly outputTokens: number;
      readonly amountWei: string;
      readonly finishReason: number;
    }
  | { readonly event: "accepted"; readonly assignment: Hex; readonly logIndex: number }
  | { readonly event: "rejected"; readonly assignment: string; readonly code: string; readonly message: string }
  | { readonly event: "voucher"; readonly cumulativeWei: string; readonly count: string }
  | { readonly event: "distrust"; readonly problem: string }
  | { readonly event: "warning"; readonly message: string };
