import { figures } from "../figures.ts";

/** What a miner reports of its energy. */
export interface Energy {
  readonly watts?: number | undefined;
  readonly tokensPerSecond?: number | undefined;
  /** Tokens for a thousand joules, where its sensors tell: of all its jobs together, so that it says more than what it draws now. */
  readonly tokensPerKj?: number | undefined;
  /** Price of a kilowatt-hour relative to the usual one; 1 where it is not known. */
  readonly relativePrice?: number | undefined;
}

/** Energy of a token, joules; undefined where it cannot be told. */
export function joulesPerToken({ watts, tokensPerSecond, tokensPerKj }: Energy): number | undefined {
  if (tokensPerKj !== undefined && tokensPerKj > 0) return finite(1000 / tokensPerKj);
  if (watts === undefined || tokensPerSecond === undefined || tokensPerSecond <= 0 || watts < 0) return undefined;
  return finite(watts / tokensPerSecond);
}

/** A quotient of two numbers that a miner chose may overflow, and nothing times infinity is no number. */
const finite = (value: number): number => Math.min(value, Number.MAX_VALUE);

/**
 * What a token's energy costs relative to the reference card's, 0 where unknown: silence is not punished. Bounded, because it is the
 * miner's own word: it may choose among equals, never outweigh what is measured.
 */
export function energyTerm(energy: Energy): number {
  const joules = joulesPerToken(energy);
  if (joules === undefined) return 0;
  return Math.min(2, (joules / figures.qos.joulesPerToken.value) * Math.max(0, energy.relativePrice ?? 1));
}
