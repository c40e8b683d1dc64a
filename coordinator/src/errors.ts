import { LodeError } from "@lode/sdk/errors";
import { ProofError } from "./plugins/app/hosting/errors.ts";

/** An error as it is told and kept. JSON values only. */
export interface ApiProblem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
}

export interface ApiErrorOptions {
  readonly type?: string;
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether sending the same request again can help. Unless given: never after a fault of the request, else unsaid. */
  readonly shouldRetry?: boolean;
  readonly cause?: unknown;
}

/** Statuses below 500 after which the public clients try again by themselves, and may. */
const mayPass = [408, 409, 429];

/** An answer to a client that is not a success, in OpenAI's error shape. */
export class ApiError extends LodeError {
  override readonly name = "ApiError";
  readonly status: number;
  readonly type: string;
  readonly param: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Fastify's own name for the status. */
  readonly statusCode: number;

  constructor(status: number, code: string, message: string, options: ApiErrorOptions = {}) {
    super(code, message, { cause: options.cause, retryable: status === 429 || status === 503 });
    this.status = status;
    this.statusCode = status;
    this.type = options.type ?? (status >= 500 ? "server_error" : "invalid_request_error");
    this.param = options.param;
    const shouldRetry = options.shouldRetry ?? (status < 500 && !mayPass.includes(status) ? false : undefined);
    this.headers = {
      ...options.headers,
      ...(shouldRetry !== undefined && { "x-should-retry": String(shouldRetry) }),
    };
  }

  static fromProblem({ status, code, message, type, param }: ApiProblem, options: ApiErrorOptions = {}): ApiError {
    return new ApiError(status, code, message, { type, ...(param !== null && { param }), ...options });
  }

  get problem(): ApiProblem {
    const { status, code, message, type, param = null } = this;
    return { status, code, message, type, param };
  }

  body(): { error: { message: string; type: string; param: string | null; code: string } } {
    return { error: { message: this.message, type: this.type, param: this.param ?? null, code: this.code } };
  }
}

const retrySoon = { "retry-after": "5" };

/** Any error as an answer. What is not ours to explain becomes a plain 500: inner messages stay inside. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ProofError) return fromProofError(error);
  if (error instanceof LodeError) {
    const known = fromLodeError(error);
    if (known !== undefined) return known;
  }
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (code === "FST_ERR_VALIDATION") return validationError(error as FastifyValidation);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return clientError(statusCode);
  return new ApiError(500, "internal_error", "Something went wrong on our side.", {
    cause: error,
  });
}

function fromLodeError(error: LodeError): ApiError | undefined {
  const { code, message } = error;
  const cause = { cause: error };
  switch (code) {
    case "insufficient_funds":
      return new ApiError(402, code, message, { type: "insufficient_quota", ...cause });
    case "spend_cap_exceeded":
    case "token_quota_exceeded": {
      const { retryAfterSecs } = error as LodeError & { retryAfterSecs?: number };
      const headers = retryAfterSecs === undefined ? {} : { "retry-after": `${retryAfterSecs}` };
      // The public clients would try three times at once; only a new period or a higher cap helps.
      return new ApiError(429, code, message, { type: "insufficient_quota", shouldRetry: false, headers, ...cause });
    }
    case "no_key":
      return new ApiError(404, code, message, { param: "prefix", ...cause });
    case "key_ended":
      return new ApiError(401, code, message, cause);
    case "other_key":
      return new ApiError(400, code, message, { param: "key", ...cause });
    case "key_rotated":
    case "too_many_keys":
      return new ApiError(409, code, message, { shouldRetry: false, ...cause });
    case "kept_answers_full":
      // Nothing that time alone mends soon: its holder can.
      return new ApiError(429, code, message, { type: "insufficient_quota", shouldRetry: false, ...cause });
    case "answers_full":
      return new ApiError(503, code, message, { headers: { "retry-after": "3600" }, shouldRetry: false, ...cause });
    case "voucher_due":
      return new ApiError(402, code, message, { type: "insufficient_quota", shouldRetry: false, ...cause });
    case "slabs_off":
    case "slab_no_channel":
      return new ApiError(404, code, message, cause);
    case "slab_out_of_range":
    case "slab_above_deposit":
    case "slab_bad_signature":
    case "voucher_wrong":
      return new ApiError(422, code, message, cause);
    case "slab_stale":
    case "slab_exiting":
    case "slab_crowded":
    case "slab_settled_elsewhere":
    case "voucher_stale":
    case "signer_unsettled":
      return new ApiError(409, code, message, { shouldRetry: false, ...cause });
    case "signer_unknown":
      return new ApiError(403, code, message, cause);
    case "no_miner":
    case "stopping":
    case "returning":
    case "chain_unreachable":
      return new ApiError(503, code, message, { headers: retrySoon, shouldRetry: true, ...cause });
    case "price_above_ceiling":
      return new ApiError(402, code, message, { param: "x-lode-max-output-price", shouldRetry: false, ...cause });
    case "quote_unusable":
    case "quote_exceeded":
      return new ApiError(409, code, message, { param: "x-lode-quote", shouldRetry: false, ...cause });
    case "context_length_exceeded":
      return new ApiError(400, code, message, { param: "messages", ...cause });
    case "request_too_large":
      return new ApiError(413, code, message, cause);
    case "unsupported_model":
      return new ApiError(400, code, message, { param: "model", ...cause });
    case "unsupported_tier":
      return new ApiError(400, code, message, { param: "tier", ...cause });
    case "unsupported_request":
      return new ApiError(400, code, message, cause);
    case "upstream_failed":
      return new ApiError(502, code, message, cause);
    default:
      return undefined;
  }
}

function fromProofError(error: ProofError): ApiError {
  const { problem, message } = error;
  const options = { cause: error, shouldRetry: false };
  switch (problem) {
    case "unknown_job":
      return new ApiError(404, problem, message, options);
    case "output_missing":
    case "output_mismatch":
      return new ApiError(422, problem, message, { ...options, param: "output" });
    case "not_yours":
    case "lease_lost":
    case "proof_conflict":
    case "receipt_refused":
      return new ApiError(409, problem, message, options);
  }
}

/** What the server found wrong before a route ran. Its own messages quote the request, so they are not passed on. */
function clientError(status: number): ApiError {
  switch (status) {
    case 413:
      return new ApiError(status, "request_too_large", "The body is too large.");
    case 415:
      return new ApiError(status, "unsupported_media_type", "Send the body as 'Content-Type: application/json'.");
    case 400:
      return new ApiError(status, "invalid_json", "The body is not valid JSON.");
    default:
      return new ApiError(status, "bad_request", "The request is not valid.");
  }
}

export interface FastifyValidation {
  readonly validation?: readonly {
    instancePath?: string;
    schemaPath?: string;
    message?: string;
    params?: { requiredProperties?: string[]; allowedValue?: unknown };
  }[];
  readonly validationContext?: string;
}

/** The deepest problem says most: the outer ones only say that no alternative fits. */
export function validationError({ validation = [], validationContext = "body" }: FastifyValidation): ApiError {
  const depth = ({ instancePath = "" }: { instancePath?: string }): number => instancePath.split("/").length;
  const [first] = [...validation].sort((a, b) => depth(b) - depth(a));
  const missing = first?.params?.requiredProperties?.[0];
  const path = namedPath(first?.instancePath ?? "", first?.schemaPath ?? "");
  if (missing !== undefined) path.push(missing);
  const param = path.reduce((text, part) => text + (/^\d+$/.test(part) ? `[${part}]` : `${text && "."}${part}`), "");
  const where = param === "" ? `The ${validationContext}` : `'${param.slice(0, 100)}'`;
  const wrong = first?.params?.allowedValue === undefined ? first?.message : allowed(validation, first.instancePath);
  const what = missing === undefined ? (wrong ?? "is not valid") : "is required";
  return new ApiError(400, "invalid_value", `${where} ${what}.`, param === "" ? {} : { param: param.slice(0, 100) });
}

/** Each alternative names its own constant: one alone would pass for the only one. */
function allowed(validation: NonNullable<FastifyValidation["validation"]>, path: string | undefined): string {
  const here = validation.filter(({ instancePath }) => instancePath === path);
  const values = here.flatMap(({ params }) => params?.allowedValue ?? []);
  const told = [...new Set(values.map((value) => JSON.stringify(value)))];
  return `must be ${told.length > 1 ? "one of " : ""}${told.join(", ")}`;
}

/** The part of a path that the schema names: what follows are names that the client chose, which nobody else should read. */
function namedPath(instancePath: string, schemaPath: string): string[] {
  const named = new Set(schemaPath.match(/(?<=\/properties\/)[^/]+/g));
  const parts = instancePath.split("/").filter((part) => part !== "");
  const end = parts.findIndex((part) => !named.has(part) && !/^\d+$/.test(part));
  return end === -1 ? parts : parts.slice(0, end);
}
