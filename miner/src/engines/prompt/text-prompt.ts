import type { Tokenize } from "./chat-prompt.ts";

/**
 * Prompt tokens of a text that is the whole prompt. Whoever writes it may write a template's control tokens: there is
 * nobody else in it whom they could deceive. `bos` is the token to put first where the text does not begin with it.
 */
export function encodeText(text: string, tokenize: Tokenize, bos: number | undefined): number[] {
  const ids = tokenize(text, true);
  return bos === undefined || ids[0] === bos ? ids : [bos, ...ids];
}
