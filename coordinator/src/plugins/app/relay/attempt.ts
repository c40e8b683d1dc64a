import type { SignedLeaf } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import type { HostedWork, Receipt } from "@lode/sdk/typed-data";
import type { ImageFrame, TokenFrame, VectorFrame } from "@lode/protocol";
import type { FailureCode } from "../../../domain/jobs/failure.ts";

/** How an attempt ended. */
export type AttemptEnd =
  | {
      readonly kind: "receipt";
      readonly receipt: Receipt;
      readonly batch: SignedLeaf;
      /** The polling miner that did the work, when its host signs. */
      readonly hosted?: HostedWork;
    }
  | { readonly kind: "failed"; readonly code: FailureCode }
  /** The client hung up before anything came, so that nothing is owed. */
  | { readonly kind: "abandoned" }
  /** Another miner of the same job had output first: nothing came from here, and nothing is owed. */
  | { readonly kind: "outrun" };

/** How long a miner may be silent, milliseconds. */
export interface Patience {
  /** Until its first token or vector: it may have to read a long prompt first. */
  readonly firstTokenMs: number;
  /** Between tokens, and until the receipt. */
  readonly stallMs: number;
}

/** One attempt while it runs, as the miner's link and the relay see it. */
export interface RunningAttempt {
  readonly digest: Hex;
  readonly ended: Promise<AttemptEnd>;
  /** Output tokens that reached the client. */
  readonly ids: readonly number[];
  /** What a receipt must commit to. */
  readonly delivered: { readonly count: number; readonly root: Hex };
  onFrame(frame: TokenFrame): void;
  onVector(frame: VectorFrame): void;
  onImage(frame: ImageFrame): void;
  /** From here on nothing counts as delivered; the receipt must say what did so far, and comes within `withinMs`. */
  freeze(withinMs: number): void;
  fail(code: FailureCode): void;
  end(end: AttemptEnd): void;
}
