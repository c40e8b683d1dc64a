import type { LlamaEmbeddingContext, Token } from "node-llama-cpp";
import type { Embedding, EmbedRequest } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import { normalise } from "../../text/normalise.ts";
import { pinned } from "../pinned.ts";
import type { Backend } from "./backend.ts";
import type { Pace } from "./pace.ts";
import { isTokenOf } from "./prepare.ts";

export interface Embedder {
  embed(request: EmbedRequest): Promise<Embedding>;
}

/**
 * Vectors from a context of their own, made when the first is asked for: its memory is spent only where it is used. The
 * model's own pooling makes the vector; a model without one gives the state of the last token. One text is computed
 * at a time and in one batch, so that nothing beside it can change a bit.
 */
export function createEmbedder({ model, info }: Backend, vocabularySize: number, pace: Pace): Embedder {
  const contextSize = Math.min(info.contextTokens, pinned.embeddingTokens);
  let context: Promise<LlamaEmbeddingContext> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const open = async (): Promise<LlamaEmbeddingContext> => {
    try {
      return await model.createEmbeddingContext({
        contextSize,
        batchSize: contextSize,
        threads: pinned.threads,
        ignoreMemorySafetyChecks: true,
      });
    } catch (cause) {
      context = undefined;
      throw new EngineError("out-of-memory", "There is not enough memory for embeddings.", { cause });
    }
  };

  const compute = async (opened: LlamaEmbeddingContext, tokenIds: number[]): Promise<Embedding> => {
    const { vector } = await opened.getEmbeddingFor(tokenIds as Token[]);
    const normal = normalise(vector);
    if (normal === undefined) throw new EngineError("model-corrupt", "The model computes no vector.");
    return { tokenIds, vector: normal };
  };

  return {
    async embed({ text, maxInputTokens }) {
      if (text.length === 0) throw new EngineError("bad-request", "The text is empty.");
      const tokenIds = typeof text === "string" ? encode(model, text) : [...text];
      if (!tokenIds.every((id) => isTokenOf(vocabularySize, id))) {
        throw new EngineError("bad-request", "A token of the text is not in the model's vocabulary.");
      }
      const most = Math.min(maxInputTokens, contextSize - 1);
      if (!(tokenIds.length <= most)) {
        const sentence = `The text has ${tokenIds.length} tokens, but at most ${most} are taken.`;
        throw new EngineError("input-too-long", sentence);
      }
      const turn = last.then(async () => {
        // Making it takes seconds, which say nothing of what a token takes.
        const opened = await (context ??= open());
        return pace.during(tokenIds.length, compute(opened, tokenIds));
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/** Nothing in the text is taken for a control token; those around it are the vocabulary's own habit. */
function encode(model: Backend["model"], text: string): number[] {
  const { bos, eos, shouldPrependBosToken, shouldAppendEosToken } = model.tokens;
  const ids: number[] = model.tokenize(text, false);
  if (shouldPrependBosToken && bos !== null && ids[0] !== bos) ids.unshift(bos);
  if (shouldAppendEosToken && eos !== null && ids.at(-1) !== eos) ids.push(eos);
  return ids;
}
