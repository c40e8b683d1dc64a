/** Chooses output tokens from logits. Pure: the same logits and position give the same token, on any machine. */
export interface Sampler {
  /** How many of the highest logits `pick` needs to see; fewer only where the vocabulary is smaller. */
  readonly candidatesWanted: number;
  /** The token at an output position, or undefined when no logit is a finite number. */
  pick(logits: Iterable<readonly [id: number, logit: number]>, position: number): number | undefined;
}
