import { fingerprintSize, limits, type Fingerprint, type TokenChance, type TokenLogprob } from "@lode/protocol";
import type { GenerateRequest, Recheck, RecheckedToken } from "../engine.ts";
import { engineErrorCodes, type EngineErrorCode } from "../errors.ts";
import type { FromChild, JobEvent, OpenedInfo, WireError } from "./messages.ts";

/** What the engine's process says is a stranger's word once a model file has got hold of it. */
export class NonsenseError extends Error {
  override readonly name = "NonsenseError";
}

/** Checks the shape of a message. Throws NonsenseError. */
export function readAnswer(value: unknown): FromChild {
  const message = record(value);
  switch (message["type"]) {
    case "opened":
      return { type: "opened", info: info(message["info"]) };
    case "refused":
      return { type: "refused", error: wireError(message["error"]) };
    case "alive":
      return { type: "alive", done: number(message["done"]), ...mayTake(message["mayTakeMs"]) };
    case "events":
      return { type: "events", events: list(message["events"], event), drawn: number(message["drawn"]) };
    case "embedding": {
      const { tokenIds, vector } = message;
      return { type: "embedding", job: id(message["job"]), tokenIds: list(tokenIds, id), vector: list(vector, number) };
    }
    case "rechecked":
      return { type: "rechecked", job: id(message["job"]), recheck: recheck(message["recheck"]) };
    case "counted":
      return { type: "counted", job: id(message["job"]), tokens: id(message["tokens"]) };
    case "count-failed":
      return { type: "count-failed", job: id(message["job"]), error: wireError(message["error"]) };
    case "recheck-failed":
      return { type: "recheck-failed", job: id(message["job"]), error: wireError(message["error"]) };
    case "embedding-failed":
      return { type: "embedding-failed", job: id(message["job"]), error: wireError(message["error"]) };
    default:
      throw new NonsenseError("a message of no known type");
  }
}

const mayTake = (value: unknown): { mayTakeMs?: number } => (value === undefined ? {} : { mayTakeMs: number(value) });

function event(value: unknown): JobEvent {
  const it = record(value);
  const job = id(it["job"]);
  switch (it["type"]) {
    case "prompt":
      return { job, type: "prompt", tokenIds: list(it["tokenIds"], id) };
    case "tokens": {
      const [ids, texts] = [list(it["ids"], id), list(it["texts"], text)];
      if (ids.length !== texts.length) throw new NonsenseError("tokens without texts");
      const logprobs = it["logprobs"] === undefined ? undefined : list(it["logprobs"], logprob);
      const fingerprints = it["fingerprints"] === undefined ? undefined : list(it["fingerprints"], fingerprint);
      if ([logprobs, fingerprints].some((told) => told !== undefined && told.length !== ids.length)) {
        throw new NonsenseError("tokens without probabilities");
      }
      return {
        ...{ job, type: "tokens", ids, texts },
        ...(logprobs !== undefined && { logprobs }),
        ...(fingerprints !== undefined && { fingerprints }),
      };
    }
    case "end":
      if (it["reason"] !== "stop" && it["reason"] !== "length") throw new NonsenseError("an end without a reason");
      return { job, type: "end", reason: it["reason"], ...(it["stop"] !== undefined && { stop: id(it["stop"]) }) };
    case "error":
      return { job, type: "error", error: wireError(it["error"]) };
    default:
      throw new NonsenseError("an event of no known type");
  }
}

function recheck(value: unknown): Recheck {
  const it = record(value);
  const end = record(it["end"]);
  const { kind } = end;
  const ends = ["here", "later", "full", "earlier", "held"] as const;
  const isEnd = (value: unknown): value is (typeof ends)[number] => ends.some((known) => known === value);
  if (!isEnd(kind)) throw new NonsenseError("no end");
  return {
    rendered: it["rendered"] === undefined ? undefined : list(it["rendered"], id),
    tokens: list(it["tokens"], recheckedToken),
    end: kind === "earlier" || kind === "held" ? { kind, delivered: id(end["delivered"]) } : { kind },
  };
}

function recheckedToken(value: unknown): RecheckedToken {
  const it = record(value);
  return {
    drawn: it["drawn"] === undefined ? undefined : id(it["drawn"]),
    margin: number(it["margin"]),
    sensitivity: number(it["sensitivity"]),
    top: list(it["top"], pairOf),
    logSum: number(it["logSum"]),
  };
}

function logprob(value: unknown): TokenLogprob {
  const top = list(record(value)["top"], chance);
  if (top.length > limits.topLogprobs) throw new NonsenseError("more alternatives than anybody asks for");
  return { ...chance(value), top };
}

function fingerprint(value: unknown): Fingerprint {
  const pairs = list(value, pairOf);
  if (pairs.length > fingerprintSize) throw new NonsenseError("a fingerprint of too many tokens");
  return pairs;
}

function pairOf(value: unknown): readonly [number, number] {
  const [token, told] = list(value, number);
  return [id(token), number(told)];
}

function chance(value: unknown): TokenChance {
  const it = record(value);
  const bytes = text(it["bytes"]);
  if (bytes.length > tokenChars) throw new NonsenseError("a token that is too long");
  return { bytes, logprob: number(it["logprob"]) };
}

function info(value: unknown): OpenedInfo {
  const it = record(value);
  const { verification } = it;
  if (verification !== "A-prefill" && verification !== "A-decode" && verification !== "none") {
    throw new NonsenseError("no known way to check results");
  }
  return {
    modelDigest: bytes32(it["modelDigest"]),
    engineId: text(it["engineId"]),
    engineClass: bytes32(it["engineClass"]),
    verification,
    contextTokens: id(it["contextTokens"]),
    modelName: shown(it["modelName"], 200),
    sequences: id(it["sequences"]),
    sizeBytes: number(it["sizeBytes"]),
    vocabulary: id(it["vocabulary"]),
  };
}

function wireError(value: unknown): WireError {
  const { code, message } = record(value);
  if (!engineErrorCodes.includes(code as EngineErrorCode)) throw new NonsenseError("an error of no known kind");
  return { code: code as EngineErrorCode, message: shown(message, 2000) };
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new NonsenseError("no object where one belongs");
}

function list<T>(value: unknown, item: (value: unknown) => T): T[] {
  if (Array.isArray(value)) return value.map(item);
  throw new NonsenseError("no list where one belongs");
}

function id(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value;
  throw new NonsenseError("no whole number where one belongs");
}

function number(value: unknown): number {
  if (typeof value === "number") return value;
  throw new NonsenseError("no number where one belongs");
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new NonsenseError("no text where one belongs");
}

/** A text that ends in a terminal or a log. */
const shown = (value: unknown, chars: number): string =>
  text(value)
    .slice(0, chars)
    .replace(/\p{Cc}/gu, " ");

function bytes32(value: unknown): `0x${string}` {
  if (/^0x[0-9a-f]{64}$/.test(text(value))) return value as `0x${string}`;
  throw new NonsenseError("no digest where one belongs");
}

/** Text that one token can add: the longest in any vocabulary has a few hundred characters, and some are held back at first. */
const tokenChars = 4096;

/** What a job may still deliver; a process out of control could fill the daemon's memory. Throws NonsenseError. */
export function createMeasure(
  request: Pick<GenerateRequest, "maxTokens" | "maxInputTokens">,
): (event: JobEvent) => void {
  let promptTokens = request.maxInputTokens;
  let tokens = request.maxTokens;
  let chars = tokenChars * request.maxTokens;
  return (it) => {
    if (it.type === "prompt") {
      promptTokens -= it.tokenIds.length;
      if (promptTokens < 0) throw new NonsenseError("a longer prompt than was agreed");
      promptTokens = 0;
    } else if (it.type === "tokens") {
      tokens -= it.ids.length;
      chars -= it.texts.reduce((sum, { length }) => sum + length, 0);
      if (tokens < 0 || chars < 0) throw new NonsenseError("more output than was asked for");
    }
  };
}
