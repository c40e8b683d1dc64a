import type { Assess } from "./assess.ts";

/** The tokens that may come next. */
export interface TokenMask {
  has(id: number): boolean;
  /** How many ids of the vocabulary may and may not come. */
  readonly allowed: number;
  readonly refused: number;
  /** All that may come, by rising id; asked for only where they are few. */
  ids(): readonly number[];
}

/** What a draw depends on besides logits and position. It follows from the tokens before, so that it can be replayed. */
export interface DrawContext {
  /** How often the answer holds each token, the part that another engine delivered included. */
  readonly counts: ReadonlyMap<number, number>;
  /** Absent: every token may come. */
  readonly mask?: TokenMask | undefined;
}

/** Which logits must be known for an exact draw: those of `ids` and the `top` highest, or all of them. */
export type LogitsWanted = { readonly ids: readonly number[]; readonly top: number } | "all";

/** Chooses output tokens from logits. Pure: the same logits, position and context give the same token, on any machine. */
export interface Sampler {
  /** The logits that `pick` needs to see in this context; more do no harm, fewer only where the vocabulary is smaller. */
  wanted(context: DrawContext): LogitsWanted;
  /** The token at an output position from logits that name each id once, or undefined when no allowed token's logit is a finite number. */
  pick(
    logits: Iterable<readonly [id: number, logit: number]>,
    position: number,
    context?: DrawContext,
  ): number | undefined;
  /** How far a claimed token is from what would be picked; see `assess.ts`. */
  assess: Assess;
}

/** The context of a first token without constraints. */
export const noContext: DrawContext = { counts: new Map() };
