import type { SamplerParams } from "./params.ts";
import type { DrawContext } from "./sampler.ts";

/** A token's logit as the draw sees it. */
export type Adjust = (id: number, logit: number) => number;

export interface Moved {
  readonly raised: readonly number[];
  readonly lowered: number;
}

/** How the parameters change logits, in float64 and in this order: bias, repetition, frequency and presence. */
export interface Adjustment {
  /** Undefined when nothing changes. */
  adjust(context: DrawContext): Adjust | undefined;
  /** Ids whose logits may rise, and how many may fall: mixed penalties can do either to one token. */
  moved(context: DrawContext): Moved;
}

/**
 * Penalties count the answer's own tokens, as OpenAI's do, never the prompt's: a replay needs no prompt for them.
 * A repetition penalty divides a positive logit and multiplies a negative one; a frequency penalty is taken off once
 * for each occurrence, a presence penalty once.
 */
export function createAdjustment(params: SamplerParams): Adjustment {
  const { repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0, logitBias = [] } = params;
  const biases = new Map(logitBias);
  const penalises = repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0;
  const penaltiesCanRaise = repetitionPenalty < 1 || frequencyPenalty < 0 || presencePenalty < 0;

  return {
    adjust({ counts }) {
      if (biases.size === 0 && !(penalises && counts.size > 0)) return undefined;
      return (id, logit) => {
        let value = logit + (biases.get(id) ?? 0);
        const count = penalises ? (counts.get(id) ?? 0) : 0;
        if (count === 0) return value;
        value = value > 0 ? value / repetitionPenalty : value * repetitionPenalty;
        return value - count * frequencyPenalty - presencePenalty;
      };
    },
    moved({ counts }) {
      const touched = new Set([...biases.keys(), ...(penalises ? counts.keys() : [])]);
      const raised = [...touched].filter(
        (id) => (biases.get(id) ?? 0) > 0 || (penalises && penaltiesCanRaise && counts.has(id)),
      );
      return { raised, lowered: touched.size };
    },
  };
}
