import Type from "typebox";
import type { ApiError } from "../../errors.ts";

/** Anthropic's error shape, and what its clients make their exceptions of. */
export const AnthropicError = Type.Object(
  {
    type: Type.Literal("error"),
    error: Type.Object({ type: Type.String(), message: Type.String(), code: Type.String() }),
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
export function anthropicError({ status, message, code }: ApiError): {
  type: "error";
  error: { type: string; message: string; code: string };
} {
  const type = typeOfStatus[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
  return { type: "error", error: { type, message, code } };
}
