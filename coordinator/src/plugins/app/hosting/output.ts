import { createHash } from "node:crypto";
import { hostedTokenBytes, hostedTokens } from "@lode/protocol";
import type { Hex } from "@lode/sdk/hash";
import { finishReason } from "@lode/sdk/typed-data";
import { ProofError } from "./errors.ts";
import type { Workload } from "./models.ts";

/** What a polling miner hands in for a job. */
export interface Proof {
  /** sha256 of the output. */
  readonly outputSha: Hex;
  readonly output?: string | undefined;
  /** Its own figures about the work, for the client. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** An output as it is delivered and paid: whole tokens, cut where the job's bounds say. */
export interface HostedOutput {
  readonly text: string;
  readonly ids: readonly number[];
  readonly finishReason: number;
}

/**
 * What a proof delivers. A benchmark delivers the hash itself, by which its miner is bound to its result; a text delivers
 * itself and must have the hash that was named. Throws ProofError.
 */
export function outputOf(
  workload: Workload,
  { outputSha, output }: Proof,
  bounds: { readonly maxTokens: number; readonly stop: readonly string[] },
): HostedOutput {
  if (workload === "benchmark") return bounded(outputSha.slice(2), bounds.maxTokens, []);
  if (output === undefined || output === "") {
    throw new ProofError("output_missing", "A text job's proof needs its text as 'output'.");
  }
  const text = output.toWellFormed();
  const sha = createHash("sha256").update(text).digest("hex");
  if (text !== output || `0x${sha}` !== outputSha) {
    throw new ProofError("output_mismatch", "'output_sha' is not the sha256 of 'output' in UTF-8.");
  }
  return bounded(text, bounds.maxTokens, bounds.stop);
}

function bounded(text: string, maxTokens: number, stop: readonly string[]): HostedOutput {
  const stops = stop.map((word) => text.indexOf(word)).filter((at) => at >= 0);
  const said = stops.length === 0 ? text : text.slice(0, Math.min(...stops));
  const bytes = Buffer.from(said, "utf8");
  const room = maxTokens * hostedTokenBytes;
  let end = Math.min(bytes.length, room);
  // Not in the middle of a character.
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  const cut = bytes.subarray(0, end);
  return {
    text: cut.toString("utf8"),
    ids: hostedTokens(cut),
    finishReason: end < bytes.length ? finishReason.length : finishReason.stop,
  };
}
