import { LodeError } from "@lode/sdk/errors";

/** An answer to a client that is not a success, in OpenAI's error shape. */
export class ApiError extends LodeError {
  override readonly name = "ApiError";
  readonly status: number;
  readonly type: string;
  readonly param: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { type?: string; param?: string; headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(code, message, { cause: options.cause, retryable: status === 429 || status === 503 });
    this.status = status;
    this.type = options.type ?? (status >= 500 ? "server_error" : "invalid_request_error");
    this.param = options.param;
    this.headers = options.headers ?? {};
  }

  body(): { error: { message: string; type: string; param: string | null; code: string } } {
    return { error: { message: this.message, type: this.type, param: this.param ?? null, code: this.code } };
  }
}

/** Any error as an answer. What is not ours to explain becomes a plain 500: inner messages stay inside. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof LodeError) {
    const cause = { cause: error };
    switch (error.code) {
      case "insufficient_funds":
        return new ApiError(402, error.code, error.message, { type: "insufficient_quota", ...cause });
      case "no_miner":
        return new ApiError(503, error.code, error.message, { headers: { "retry-after": "5" }, ...cause });
      case "context_length_exceeded":
        return new ApiError(400, error.code, error.message, { param: "messages", ...cause });
      case "upstream_failed":
        return new ApiError(502, error.code, error.message, cause);
      case "chain_unreachable":
        return new ApiError(503, error.code, error.message, { headers: { "retry-after": "5" }, ...cause });
    }
  }
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (code === "FST_ERR_VALIDATION") return validationError(error as FastifyValidation);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiError(statusCode, code?.toLowerCase() ?? "bad_request", message ?? "The request is not valid.");
  }
  return new ApiError(500, "internal_error", "Something went wrong on our side; the request was not charged.", {
    cause: error,
  });
}

interface FastifyValidation {
  readonly validation?: { instancePath?: string; message?: string; params?: { requiredProperties?: string[] } }[];
  readonly validationContext?: string;
}

function validationError({ validation, validationContext = "body" }: FastifyValidation): ApiError {
  const [first] = validation ?? [];
  const missing = first?.params?.requiredProperties?.[0];
  const path = (first?.instancePath ?? "").split("/").filter((part) => part !== "");
  if (missing !== undefined) path.push(missing);
  const param = path.join(".").slice(0, 100);
  const where = param === "" ? `The ${validationContext}` : `'${param}'`;
  const what = missing === undefined ? (first?.message ?? "is not valid") : "is required";
  return new ApiError(400, "invalid_value", `${where} ${what}.`, param === "" ? {} : { param });
}
