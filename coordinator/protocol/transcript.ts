import type { Hex } from "@lode/sdk/hash";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import type { Assignment, Receipt } from "@lode/sdk/typed-data";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { ProtocolError } from "./errors.ts";
import { commitFingerprints, fingerprintSize, noFingerprints } from "./fingerprints.ts";
import { ImagePrompt } from "./images.ts";
import { limits } from "./limits.ts";
import { AnyPrompt, promptCommitment, TokenId } from "./prompt.ts";
import { samplerHash, SamplerParams } from "./sampler.ts";
import { Bytes32 } from "./structs.ts";

/** All that a receipt's commitments stand for: what anybody needs to do its work again. */
export const Transcript = Type.Object(
  {
    jobSalt: Bytes32,
    promptSalt: Bytes32,
    prompt: Type.Union([...AnyPrompt.anyOf, ImagePrompt]),
    sampler: SamplerParams,
    /** What the miner's context held; absent where the assignment says nothing of it. */
    contextTokens: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
    stop: Type.Array(Type.String({ minLength: 1, maxLength: limits.stopChars }), { maxItems: limits.stops }),
    /** Output of earlier attempts, which this one went on behind. */
    prefixIds: Type.Array(TokenId, { maxItems: limits.outputTokens }),
    inputIds: Type.Array(TokenId, { maxItems: 10_000_000 }),
    outputIds: Type.Array(TokenId, { maxItems: limits.outputTokens }),
    /** One for each output token, where the receipt commits to them. */
    fingerprints: Type.Optional(
      Type.Array(Type.Array(Type.Tuple([TokenId, Type.Number()]), { maxItems: fingerprintSize }), {
        maxItems: limits.outputTokens,
      }),
    ),
  },
  { additionalProperties: false, title: "Transcript" },
);
export type Transcript = Static<typeof Transcript>;

const checker = Compile(Transcript);

/** Reads a transcript's JSON. Throws ProtocolError. */
export function parseTranscript(text: string): Transcript {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError("bad_transcript", "the transcript is not JSON", cause);
  }
  if (!checker.Check(value)) throw new ProtocolError("bad_transcript", "the transcript does not fit its schema");
  return value;
}

/**
 * The first commitment that a transcript does not open; undefined when it is the one that was signed. A transcript that was
 * changed after the receipt fails here, so it is no transcript at all. Whether the receipt counts and bills it right is another question.
 */
export function transcriptProblem(
  transcript: Transcript,
  assignment: Assignment,
  receipt: Receipt,
): string | undefined {
  const { jobSalt, promptSalt, prompt, sampler, prefixIds, inputIds, outputIds, fingerprints } = transcript;
  const input = (ids: readonly number[]): Hex => commitTokens(jobSalt, tokenSide.input, ids);
  const output = (ids: readonly number[], from: number): Hex => commitTokens(jobSalt, tokenSide.output, ids, from);
  if (promptCommitment(promptSalt, prompt) !== assignment.promptCommitment) return "the prompt";
  if (samplerHash(sampler, transcript) !== assignment.samplerHash) return "the sampler, the stop texts or the context";
  if (prefixIds.length !== assignment.outputOffset) return "the prefix' length";
  if (output(prefixIds, 0) !== assignment.prefixCommitment) return "the prefix";
  if (input(inputIds) !== receipt.inputCommitment) return "the prompt's tokens";
  if (output(outputIds, assignment.outputOffset) !== receipt.outputCommitment) return "the output's tokens";
  // A hosted receipt names the polling miner there.
  const committed = receipt.hosted ? noFingerprints : receipt.fingerprintCommitment;
  const shown =
    fingerprints === undefined ? noFingerprints : commitFingerprints(jobSalt, fingerprints, assignment.outputOffset);
  if (shown !== committed) return "the fingerprints";
  return undefined;
}
