import type { GenerateRequest, RecheckRequest } from "../../engine.ts";
import { grammarOf } from "../../constraint/index.ts";
import { EngineError } from "../../errors.ts";
import { createSampler } from "../../sampler/index.ts";
import type { Generator } from "./generate.ts";

/** The prompt's tokens, if the request can be served at all. Throws EngineError, or RangeError for the sampler's part. */
export async function preparePrompt(generator: Generator, request: GenerateRequest): Promise<number[]> {
  checkRequest(generator, request);
  const prompt = await generator.encodePrompt(request.prompt);
  // A template may leave nothing of what was said.
  if (prompt.length === 0) refuse("The prompt is empty.");
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

/** How many tokens a prompt has, whether or not the context holds as many. Throws EngineError. */
export async function countPrompt(generator: Generator, prompt: GenerateRequest["prompt"]): Promise<number> {
  checkPrompt(generator, prompt);
  return (await generator.encodePrompt(prompt)).length;
}

/** Requests come from other machines, and native code does not survive every number. */
function checkRequest(generator: Generator, request: GenerateRequest): void {
  createSampler(request.sampler, request.seed);
  // Compiled for its refusals, before the job waits for a slot.
  grammarOf(request);
  const { prefixTokens, stop, maxTokens } = request;
  checkPrompt(generator, request.prompt);
  const isToken = (id: number): boolean => isTokenOf(generator.vocabularySize, id);
  if (!prefixTokens.every(isToken)) refuse("A prefix token is not in the model's vocabulary.");
  const biased = request.sampler.logitBias ?? [];
  if (!biased.every(([id]) => isToken(id))) refuse("A biased token is not in the model's vocabulary.");
  if (!stop.every((text) => typeof text === "string" && text !== "")) refuse("A stop text must not be empty.");
  if (!Number.isInteger(maxTokens) || maxTokens < 1) refuse("maxTokens must be a whole number above 0.");
  if (request.maxCpuMs !== undefined && !(request.maxCpuMs > 0)) refuse("maxCpuMs must be above 0.");
}

function checkPrompt({ vocabularySize }: Generator, prompt: GenerateRequest["prompt"]): void {
  const isText = (value: unknown): boolean => typeof value === "string";
  if ("tokens" in prompt) {
    if (prompt.tokens.length === 0) refuse("The prompt is empty.");
    if (!prompt.tokens.every((id) => isTokenOf(vocabularySize, id))) {
      refuse("A token of the prompt is not in the model's vocabulary.");
    }
  } else if ("text" in prompt) {
    if (!isText(prompt.text) || prompt.text === "") refuse("The prompt is empty.");
  } else {
    if (prompt.messages.length === 0) refuse("The prompt has no messages.");
    if (!prompt.messages.every(({ role, content }) => isText(role) && isText(content))) {
      refuse("Every message needs a role and a text.");
    }
  }
}

/** A transcript is a stranger's word as much as a request. Throws EngineError, or RangeError for the sampler's part. */
export function checkRecheck({ vocabularySize, contextTokens }: Generator, request: RecheckRequest): void {
  const { prompt = { text: " " }, promptTokens, prefixTokens, tokens, sampler, seed, stop, top } = request;
  const { maxTokens, contextTokens: wasContext = contextTokens } = request;
  createSampler(sampler, seed);
  grammarOf({ sampler, prompt });
  if (promptTokens.length === 0) refuse("The prompt is empty.");
  const all = [...promptTokens, ...prefixTokens, ...tokens];
  if (!all.every((id) => isTokenOf(vocabularySize, id))) refuse("A token is not in the model's vocabulary.");
  if (!(sampler.logitBias ?? []).every(([id]) => isTokenOf(vocabularySize, id))) {
    refuse("A biased token is not in the model's vocabulary.");
  }
  if (all.length > contextTokens) {
    const sentence = `The job has ${all.length} tokens, but the context holds ${contextTokens}.`;
    throw new EngineError("input-too-long", sentence);
  }
  if (!stop.every((text) => typeof text === "string" && text !== "")) refuse("A stop text must not be empty.");
  if (!(Number.isInteger(top) && top >= 0 && top <= mostTop)) refuse(`top must be between 0 and ${mostTop}.`);
  if (!(Number.isInteger(maxTokens) && maxTokens >= 0)) refuse("maxTokens must be a whole number.");
  if (!(Number.isInteger(wasContext) && wasContext > 0)) refuse("contextTokens must be a whole number above 0.");
}

function refuse(sentence: string): never {
  throw new EngineError("bad-request", sentence);
}

/** More would fill the channel. */
const mostTop = 256;

export const isTokenOf = (size: number, id: number): boolean => Number.isInteger(id) && id >= 0 && id < size;
