import type { Assessment } from "./assess.ts";
import type { DrawContext, LogitsWanted, Sampler, TokenMask } from "./sampler.ts";

/** What may come next, token by token. */
export interface Constraint {
  /** The mask after the tokens that were taken. */
  mask(): TokenMask;
  take(id: number): void;
}

/** The draws of one answer: holds what they depend on and moves on with every token. */
export interface Chooser {
  /** The logits that the next `pick` needs to see. */
  wanted(): LogitsWanted;
  /** The token at the current position; undefined when there is none to choose. Changes nothing. */
  pick(logits: Iterable<readonly [id: number, logit: number]>): number | undefined;
  /** How far a token that is claimed for the current position is from what `pick` gives. Changes nothing. */
  assess(logits: Iterable<readonly [id: number, logit: number]>, claimed: number): Assessment;
  /** Puts a token behind the answer: the picked one, one of the prefix, or one that a receipt claims. */
  take(id: number): void;
}

/** A miner takes what it picked, a verifier what the receipt claims: both see the same state before every draw. */
export function createChooser(sampler: Sampler, constraint?: Constraint): Chooser {
  const counts = new Map<number, number>();
  let position = 0;
  /** A mask costs most of a draw: `wanted` and `pick` share it, and tokens of a prefix need none. */
  let known: TokenMask | undefined;
  const context = (): DrawContext => ({ counts, mask: (known ??= constraint?.mask()) });
  return {
    wanted: () => sampler.wanted(context()),
    pick: (logits) => sampler.pick(logits, position, context()),
    assess: (logits, claimed) => sampler.assess(logits, position, claimed, context()),
    take(id) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      position += 1;
      constraint?.take(id);
      known = undefined;
    },
  };
}

/**
 * Draws every token of an answer again. `logitsAt` gives the logits before an output position; returns the positions at
 * which another token comes out, which is none for an honest answer of the same engine class.
 */
export function replay(
  chooser: Chooser,
  tokens: readonly number[],
  logitsAt: (position: number, wanted: LogitsWanted) => Iterable<readonly [id: number, logit: number]>,
): number[] {
  const mismatches: number[] = [];
  tokens.forEach((id, position) => {
    if (chooser.pick(logitsAt(position, chooser.wanted())) !== id) mismatches.push(position);
    chooser.take(id);
  });
  return mismatches;
}
