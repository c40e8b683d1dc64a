import { TokenId, type OfferedModel } from "@lode/protocol";
import Type, { type TString } from "typebox";
import { ApiError } from "../../errors.ts";

type Item = string | number | readonly number[];

/**
 * Texts or token ids, one or several, as OpenAI's schemas have them. One list for all kinds: a union of lists could not say which
 * item of which alternative is wrong.
 */
export function textsOrTokens<T extends TString>(text: T, mostTokens: number) {
  const tokens = Type.Array(TokenId, { minItems: 1, maxItems: mostTokens });
  return Type.Union([text, Type.Array(Type.Union([text, TokenId, tokens]), { minItems: 1, maxItems: mostTokens })]);
}

/** What a request names, as a list: a list of token ids is one text. Throws a 400 that names the item of `param`. */
export function listOf(value: string | readonly Item[], param: string): (string | readonly number[])[] {
  if (typeof value === "string") return [value];
  const kind = typeof value[0];
  const odd = value.findIndex((item) => typeof item !== kind);
  if (odd !== -1) {
    const at = `${param}[${odd}]`;
    const message = `'${at}' is of another kind than those before it: texts, token ids, or lists of token ids.`;
    throw new ApiError(400, "invalid_value", message, { param: at });
  }
  return kind === "number" ? [value as readonly number[]] : ([...value] as (string | readonly number[])[]);
}

/** Whether a model's miners read the tokens that a request names itself. Throws a 400 that names `param`. */
export function checkTokenIds(
  texts: readonly (string | readonly number[])[],
  { id, vocabulary }: OfferedModel,
  param: string,
): void {
  for (const text of texts) {
    if (typeof text === "string") continue;
    if (vocabulary === undefined) {
      const message = `The miners of '${id}' read texts, not token ids: send '${param}' as text.`;
      throw new ApiError(400, "unsupported_parameter", message, { param });
    }
    if (text.every((token) => token < vocabulary)) continue;
    // Not which one: a prompt is nobody else's business.
    const message = `'${param}' names a token that '${id}' does not have: its last one is ${vocabulary - 1}.`;
    throw new ApiError(400, "invalid_value", message, { param });
  }
}
