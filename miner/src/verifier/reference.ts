import { keccak, concat, hexToBytes, type Hex } from "@lode/sdk/hash";
import { tier, type Domain } from "@lode/sdk/typed-data";
import type { Disclosure } from "../disclosure/index.ts";
import type { Engine } from "../engines/index.ts";
import { verifyTranscript } from "../verify/index.ts";

/** What a verifier found about a receipt, and what it shows of its work: one value for each output position. */
export interface Judgement {
  readonly verdict: "right" | "wrong" | "undisclosed";
  readonly reason: string;
  readonly values: readonly Hex[];
}

/** Judges disclosed receipts with the model's reference engine. */
export interface Reference {
  /** Undefined: this verifier has no engine for the model, or none for so long a job, and no opinion. */
  judge(disclosure: Disclosure, signal: AbortSignal): Promise<Judgement | undefined>;
}

/** Values where nothing was computed: the same from everybody, and of no use in another case or for another verdict. */
export function emptyValues(what: string, receipt: Hex, outputTokens: number): Hex[] {
  const prefix = concat(new TextEncoder().encode(`Lode ${what}`), hexToBytes(receipt));
  return Array.from({ length: outputTokens }, (_, position) => keccak(concat(prefix, word(position))));
}

function word(position: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, position);
  return bytes;
}

/** What four of five jurors say when the accused shows nobody its transcript. */
export function undisclosed(receipt: Hex, outputTokens: number): Judgement {
  const reason = "the accused showed its transcript neither to this juror nor on the chain";
  return { verdict: "undisclosed", reason, values: emptyValues("undisclosed", receipt, outputTokens) };
}

/**
 * Tokens that a context must hold to judge a job, its end included. It follows from the job alone: two verifiers with shorter and
 * longer ones could disagree about where an answer ends.
 */
export function contextFor({ assignment, transcript }: Disclosure): number {
  const { inputIds, prefixIds, outputIds, contextTokens } = transcript;
  const before = inputIds.length + prefixIds.length;
  const agreed = Math.min(before + assignment.maxOutputTokens, contextTokens ?? Infinity);
  return Math.max(before + outputIds.length, agreed);
}

/**
 * Re-execution by an engine of the receipt's own class.
 * @param engineOf the engine of a model by its digest, of the named class where this machine can, with a context of so many tokens or
 * all that the model has; undefined when there is none
 */
export function engineReference(
  domain: Domain,
  engineOf: (modelDigest: Hex, engineClass: Hex, contextTokens: number) => Promise<Engine | undefined>,
  about: (disclosure: Disclosure) => Hex,
): Reference {
  return {
    async judge(disclosure, signal): Promise<Judgement | undefined> {
      const { assignment, receipt, transcript } = disclosure;
      const { promptSalt, prompt, ...rest } = transcript;
      const hash = about(disclosure);
      const unchecked = (reason: string): Judgement => ({
        verdict: "right",
        reason,
        values: emptyValues("unchecked", hash, receipt.outputTokens),
      });
      // Nobody promised more than hashes, so nothing can be held against anybody.
      if (assignment.tier !== tier.sampled) return unchecked("the client asked for hashes alone");
      if ("image" in prompt) return unchecked("a picture cannot be computed again");
      const engine = await engineOf(assignment.modelDigest, assignment.engineClass, contextFor(disclosure));
      if (engine === undefined) return undefined;
      const { verdict, reasons, evidence } = await verifyTranscript(
        { ...rest, assignment, receipt, prompt: { salt: promptSalt, value: prompt } },
        { domain, engine, signal },
      );
      const reason = reasons.map(({ message }) => message).join(" ");
      if (verdict === "undecided") return unchecked(reason);
      const computed = evidence.values.slice(0, receipt.outputTokens);
      // A receipt may count more tokens than it commits to, or be refused before anything is computed.
      const padding = emptyValues(verdict, hash, receipt.outputTokens).slice(computed.length);
      const values = [...computed, ...padding];
      return { verdict, reason: reason === "" ? `${evidence.tokens} tokens come out the same` : reason, values };
    },
  };
}
