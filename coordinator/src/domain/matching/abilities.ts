import type { OfferedModel } from "@lode/protocol";

/**
 * What a miner can do with a model beside reading text, one bit each: who offers the same weights need not offer the same of them. The
 * bits from `logprobs` on stand for 0, 1, 2 and so on alternatives whose probabilities it tells.
 */
const bits = { text: 1, images: 2, tokenIds: 4, logprobs: 8 } as const;

/** What a job needs of a miner's model. */
export interface Needed {
  /** It asks for a picture. */
  readonly isPicture?: boolean;
  /** Its prompt names tokens. */
  readonly hasTokenIds?: boolean;
  /** Alternatives whose probabilities it asks for; undefined for none at all. */
  readonly logprobs?: number | undefined;
}

/** What a model is offered with. A model makes pictures or reads texts, never both. */
export function abilitiesOf({
  images,
  vocabulary,
  logprobs,
}: Pick<OfferedModel, "images" | "vocabulary" | "logprobs">): number {
  const kind = images === true ? bits.images : bits.text;
  const told = logprobs === undefined ? 0 : bits.logprobs * (2 ** (logprobs + 1) - 1);
  return kind | (vocabulary === undefined ? 0 : bits.tokenIds) | told;
}

/** What a job needs, in the same bits. */
export function abilitiesFor({ isPicture = false, hasTokenIds = false, logprobs }: Needed): number {
  const told = logprobs === undefined ? 0 : bits.logprobs * 2 ** logprobs;
  return (isPicture ? bits.images : bits.text) | (hasTokenIds ? bits.tokenIds : 0) | told;
}

/** Whether everything that is needed is there. */
export const hasAbilities = (abilities: number, needed: number): boolean => (abilities & needed) === needed;
