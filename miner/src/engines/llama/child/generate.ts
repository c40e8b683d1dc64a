import { EngineError } from "../../errors.ts";
import type { GenerateRequest } from "../../engine.ts";
import { createSampler } from "../../sampler/index.ts";
import { createOutput, type OutputToken } from "../../text/output.ts";
import type { TextStream } from "../../text/text-stream.ts";
import type { Allowance } from "./allowance.ts";
import type { Sequence } from "./backend.ts";
import { evaluate } from "./logits.ts";

/** What generation needs to know about the loaded model. */
export interface Generator {
  contextTokens: number;
  encodePrompt(messages: GenerateRequest["prompt"]["messages"]): number[];
  createText(): TextStream;
  isEnd(id: number): boolean;
}

/** Where a job's results go. */
export interface Sink {
  tokens(tokens: readonly OutputToken[]): void;
}

/** The prompt's tokens, if the request can be served at all. Throws EngineError. */
export function preparePrompt(generator: Generator, request: GenerateRequest): number[] {
  const prompt = generator.encodePrompt(request.prompt.messages);
  if (prompt.length > request.maxInputTokens) {
    throw new EngineError("input-too-long", `The prompt has ${prompt.length} tokens; ${request.maxInputTokens} were agreed.`);
  }
  const used = prompt.length + request.prefixTokens.length;
  // The last position of a context stays free: the binding begins to drop old tokens when it is taken.
  if (used >= generator.contextTokens) {
    throw new EngineError("input-too-long", `The prompt has ${used} tokens; the context holds ${generator.contextTokens}.`);
  }
  return prompt;
}

/**
 * Generates one answer into the sink and returns why it ended. Token `n` of the answer is drawn at position `n`, prefix
 * included, so that an answer taken over from another engine goes on exactly as it would have there.
 */
export async function generate(
  generator: Generator,
  request: GenerateRequest,
  prompt: readonly number[],
  sequence: Sequence,
  allowance: Allowance,
  sink: Sink,
  signal: AbortSignal,
): Promise<"stop" | "length"> {
  const { prefixTokens, maxTokens } = request;
  const sampler = createSampler(request.sampler, request.seed);
  const output = createOutput(generator.createText(), request.stop, prefixTokens);
  const room = generator.contextTokens - prompt.length;
  const end = Math.min(prefixTokens.length + maxTokens, room);
  let pending: readonly number[] = [...prompt, ...prefixTokens];
  for (let position = prefixTokens.length; position < end; position += 1) {
    await allowance.spend();
    const logits = await evaluate(sequence, pending, sampler.candidatesWanted, signal);
    const id = sampler.pick(logits, position);
    if (id === undefined) throw new EngineError("model-corrupt", "The model computes no finite numbers.");
    if (generator.isEnd(id)) {
      sink.tokens(output.flush());
      return "stop";
    }
    const { ready, stopped } = output.push(id);
    sink.tokens(ready);
    if (stopped) return "stop";
    pending = [id];
  }
  sink.tokens(output.flush());
  return "length";
}
