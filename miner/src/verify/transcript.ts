import type { Hex } from "@lode/sdk/hash";
import { fromWire, toWire, type Assignment, type Receipt, type WireStruct } from "@lode/sdk/typed-data";
import type { AnyPrompt, SamplerParams } from "@lode/protocol";
import { MinerError, exitCode } from "../errors.ts";
import type { Fingerprint } from "@lode/protocol";

/**
 * One job as it is disclosed to whoever checks it: what was signed, and what the signed commitments stand for.
 * Whoever discloses it may have changed anything in it; `checkCommitments` says what the signatures vouch for.
 */
export interface Transcript {
  readonly assignment: Assignment;
  readonly receipt: Receipt;
  /** Salts the leaves of both token trees. */
  readonly jobSalt: Hex;
  readonly inputIds: readonly number[];
  /** Output that other attempts had delivered. */
  readonly prefixIds: readonly number[];
  readonly outputIds: readonly number[];
  readonly sampler: SamplerParams;
  readonly stop: readonly string[];
  /** What the miner's context held; absent where the assignment says nothing of it. */
  readonly contextTokens?: number | undefined;
  /** The client's messages, where they are disclosed: then the prompt's tokens are computed from them too. */
  readonly prompt?: { readonly salt: Hex; readonly value: AnyPrompt } | undefined;
  /** One for each output token, where the receipt commits to them. */
  readonly fingerprints?: readonly Fingerprint[] | undefined;
}

/** A transcript's JSON form: structs on the wire, everything else as it is. */
export type WireTranscript = Omit<Transcript, "assignment" | "receipt"> & {
  readonly assignment: WireStruct<"Assignment">;
  readonly receipt: WireStruct<"Receipt">;
};

/** The JSON form of a transcript, as `readTranscript` reads it. */
export function writeTranscript(transcript: Transcript): WireTranscript {
  const { assignment, receipt } = transcript;
  return { ...transcript, assignment: toWire("Assignment", assignment), receipt: toWire("Receipt", receipt) };
}

const bytes32 = /^0x[0-9a-fA-F]{64}$/;

/** Reads a transcript from parsed JSON. Throws MinerError with the first field that is missing or odd. */
export function readTranscript(value: unknown): Transcript {
  const it = record(value, "the transcript");
  const stop = it["stop"] ?? [];
  if (!Array.isArray(stop) || !stop.every((text) => typeof text === "string")) throw odd("stop");
  const contextTokens = it["contextTokens"];
  if (contextTokens !== undefined && !isId(contextTokens)) throw odd("contextTokens");
  const prompt = it["prompt"] === undefined ? undefined : record(it["prompt"], "prompt");
  return {
    assignment: struct("Assignment", it["assignment"]),
    receipt: struct("Receipt", it["receipt"]),
    jobSalt: hash(it["jobSalt"], "jobSalt"),
    inputIds: ids(it["inputIds"], "inputIds"),
    prefixIds: ids(it["prefixIds"] ?? [], "prefixIds"),
    outputIds: ids(it["outputIds"], "outputIds"),
    sampler: record(it["sampler"], "sampler") as unknown as SamplerParams,
    stop,
    ...(contextTokens !== undefined && { contextTokens }),
    ...(prompt !== undefined && {
      prompt: { salt: hash(prompt["salt"], "prompt.salt"), value: record(prompt["value"], "prompt.value") as never },
    }),
    ...(it["fingerprints"] !== undefined && {
      fingerprints: list(it["fingerprints"], "fingerprints").map(fingerprint),
    }),
  };
}

function odd(field: string): MinerError {
  return new MinerError("transcript-invalid", `${field} of the transcript is missing or odd.`, {
    exitCode: exitCode.usage,
  });
}

function struct<N extends "Assignment" | "Receipt">(name: N, value: unknown): ReturnType<typeof fromWire<N>> {
  try {
    return fromWire(name, value);
  } catch (cause) {
    throw new MinerError("transcript-invalid", `In the transcript, ${(cause as Error).message}.`, {
      cause,
      exitCode: exitCode.usage,
    });
  }
}

function record(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw odd(field);
}

function list(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  throw odd(field);
}

function hash(value: unknown, field: string): Hex {
  if (typeof value === "string" && bytes32.test(value)) return value.toLowerCase() as Hex;
  throw odd(field);
}

const isId = (id: unknown): id is number =>
  typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= 0xffffffff;

function ids(value: unknown, field: string): readonly number[] {
  const all = list(value, field);
  if (all.every(isId)) return all;
  throw odd(field);
}

function fingerprint(value: unknown): Fingerprint {
  return list(value, "fingerprints").map((pair) => {
    const [id, logprob] = list(pair, "fingerprints");
    if (!isId(id) || typeof logprob !== "number" || !Number.isFinite(logprob)) throw odd("fingerprints");
    return [id, logprob] as const;
  });
}
