import type { FastifyInstance } from "fastify";
import { ApiError } from "../../../errors.ts";
import { askedOf } from "../../external/asked.ts";
import { WindowCounter } from "../../external/window-counter.ts";
import type { Classifier } from "./classifier.ts";

/** How long a classifier may think. */
const patienceMs = 5_000;
/** Fields of a request that are names and not content. */
const names = new Set([
  "model",
  "user",
  "tier",
  "metadata",
  "service_tier",
  "safety_identifier",
  "prompt_cache_key",
  "size",
]);
/** The protocol's own words, by the field that they stand in: anything else there is a text like every other. */
const words: Readonly<Record<string, ReadonlySet<string>>> = {
  role: new Set(["system", "developer", "user", "assistant", "tool"]),
  type: new Set([
    ...["text", "input_text", "output_text", "message", "function", "function_call", "function_call_output"],
    ...["tool", "tool_use", "tool_result", "json_object", "json_schema", "auto", "any", "none"],
    ...["object", "array", "string", "integer", "number", "boolean", "null"],
  ]),
};
/** Fields that hold JSON of the client's own: a prompt shows its keys too. */
const ownJson = new Set(["parameters", "schema", "input_schema", "input"]);
/** Keys in there that a schema's language gives. */
const keywords = new Set([
  ...["type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "oneOf", "allOf"],
  ...[
    "description",
    "title",
    "default",
    "examples",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
  ],
  ...["exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "uniqueItems", "$ref", "$defs", "definitions"],
]);

/**
 * Has every request for a model judged before a miner is asked. What is refused is told with the classifier's categories;
 * a classifier that cannot say lets nothing through. Neither the texts nor its words about them are kept.
 */
export function useContentFilter(app: FastifyInstance, classifier: Classifier): void {
  const told = new WindowCounter(60_000);
  app.addHook("preHandler", async (request) => {
    if (request.routeOptions.config.scopes?.includes("client") !== true) return;
    const body = askedOf(request);
    if (body === undefined) return;
    refuseTokenIds(body);
    const texts = [...textsOf(Object.entries(body).flatMap(([name, value]) => (names.has(name) ? [] : [value])))];
    if (texts.length === 0) return;
    const signal = AbortSignal.timeout(patienceMs);
    const verdict = await classifier.classify(texts, { model: body.model, signal }).catch((cause: unknown) => {
      request.log.warn({ err: cause }, "the content filter does not answer");
      const message = "The content filter does not answer; try again in a moment.";
      throw new ApiError(503, "content_filter_unavailable", message, { headers: { "retry-after": "5" }, cause });
    });
    if (!verdict.isRefused) return;
    const categories = verdict.categories.filter((name) => /^[A-Za-z0-9/_-]{1,64}$/.test(name)).slice(0, 16);
    const { account, prefix: key } = request.key();
    // Once a minute for each key: who tries for long must not fill the disk.
    if (told.add(key, app.nowMs()).count === 1) {
      app.audit.note({ action: "content.refused", account, key, detail: { categories } });
    }
    const why = categories.length === 0 ? "" : ` (${categories.join(", ")})`;
    throw new ApiError(400, "content_policy_violation", `The content filter refuses this request${why}.`);
  });
}

/** Token ids are a text that no classifier can read. */
function refuseTokenIds(body: Readonly<Record<string, unknown>>): void {
  for (const param of ["prompt", "input"]) {
    const value = body[param];
    const isTokens = Array.isArray(value) && value.flat().some((item) => typeof item === "number");
    if (!isTokens) continue;
    const message = `Texts are judged here before a miner reads them: send '${param}' as text, not as token ids.`;
    throw new ApiError(400, "unsupported_parameter", message, { param });
  }
}

/** Every text within a value that the client chose, keys of its own included. */
function* textsOf(value: unknown, name = "", isOwn = false): Generator<string> {
  if (typeof value === "string") {
    if (value !== "" && words[name]?.has(value) !== true) yield value;
  } else if (Array.isArray(value)) {
    for (const item of value) yield* textsOf(item, typeof item === "string" ? name : "", isOwn);
  } else if (typeof value === "object" && value !== null) {
    const isWithin = isOwn || ownJson.has(name);
    for (const [inner, item] of Object.entries(value)) {
      if (isWithin && (name === "properties" || !keywords.has(inner))) yield inner;
      yield* textsOf(item, inner, isWithin);
    }
  }
}
