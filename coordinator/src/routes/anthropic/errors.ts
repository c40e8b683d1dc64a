import Type, { type Static } from "typebox";
import type { ApiError } from "../../errors.ts";

/** Anthropic's error shape, and what its clients make their exceptions of. */
export const AnthropicError = Type.Object(
  {
    type: Type.Literal("error"),
    error: Type.Object({ type: Type.String(), message: Type.String(), code: Type.String() }),
    request_id: Type.Optional(Type.String()),
  },
  { title: "AnthropicError" },
);

const typeOfStatus: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
};

/** An error as Anthropic's clients read it; `code` is ours and finer than their types. */
export function anthropicError({ status, message, code }: ApiError, requestId?: string): Static<typeof AnthropicError> {
  const type = typeOfStatus[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
  const error = { type, message, code };
  return { type: "error", error, ...(requestId !== undefined && { request_id: requestId }) };
}
