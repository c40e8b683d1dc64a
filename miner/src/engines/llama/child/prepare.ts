import type { GenerateRequest } from "../../engine.ts";
import { grammarOf } from "../../constraint/index.ts";
import { EngineError } from "../../errors.ts";
import { createSampler } from "../../sampler/index.ts";
import type { Generator } from "./generate.ts";

/** The prompt's tokens, if the request can be served at all. Throws EngineError, or RangeError for the sampler's part. */
export async function preparePrompt(generator: Generator, request: GenerateRequest): Promise<number[]> {
  checkRequest(generator, request);
  const prompt = await generator.encodePrompt(request.prompt);
  if (prompt.length > request.maxInputTokens) {
    const sentence = `The prompt has ${prompt.length} tokens, but at most ${request.maxInputTokens} were agreed.`;
    throw new EngineError("input-too-long", sentence);
  }
  const used = prompt.length + request.prefixTokens.length;
  // The context's last position stays free: the binding begins to drop the oldest tokens when it is taken.
  if (used >= generator.contextTokens) {
    const sentence = `The prompt has ${used} tokens, but the context holds ${generator.contextTokens}.`;
    throw new EngineError("input-too-long", sentence);
  }
  return prompt;
}

/** Requests come from other machines, and native code does not survive every number. */
function checkRequest({ vocabularySize }: Generator, request: GenerateRequest): void {
  createSampler(request.sampler, request.seed);
  // Compiled for its refusals, before the job waits for a slot.
  grammarOf(request);
  const { prompt, prefixTokens, stop, maxTokens } = request;
  const isText = (value: unknown): boolean => typeof value === "string";
  const refuse = (sentence: string): never => {
    throw new EngineError("bad-request", sentence);
  };
  if ("text" in prompt) {
    if (!isText(prompt.text) || prompt.text === "") refuse("The prompt is empty.");
  } else {
    if (prompt.messages.length === 0) refuse("The prompt has no messages.");
    if (!prompt.messages.every(({ role, content }) => isText(role) && isText(content))) {
      refuse("Every message needs a role and a text.");
    }
  }
  const isToken = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < vocabularySize;
  if (!prefixTokens.every(isToken)) refuse("A prefix token is not in the model's vocabulary.");
  const biased = request.sampler.logitBias ?? [];
  if (!biased.every(([id]) => isToken(id))) refuse("A biased token is not in the model's vocabulary.");
  if (!stop.every((text) => isText(text) && text !== "")) refuse("A stop text must not be empty.");
  if (!Number.isInteger(maxTokens) || maxTokens < 1) refuse("maxTokens must be a whole number above 0.");
  if (request.maxCpuMs !== undefined && !(request.maxCpuMs > 0)) refuse("maxCpuMs must be above 0.");
}
