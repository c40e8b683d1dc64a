import { Template } from "@huggingface/jinja";
import type { GenerateRequest } from "../engine.ts";
import { EngineError } from "../errors.ts";
import { tokenTypes, type GgufVocabulary } from "../gguf/vocabulary.ts";
import { createFence, type Fence } from "./fence.ts";
import { templateInput, type TemplateInput } from "./tools.ts";

/** Tokenizes text, with or without taking the texts of control tokens for the tokens. */
export type Tokenize = (text: string, parseControls: boolean) => number[];

/** Turns messages and tools into prompt tokens by the model's own chat template. */
export type ChatPrompt = (prompt: GenerateRequest["prompt"]) => number[];

/** Some templates ask for today's date, but a prompt must be the same on every miner and every day. */
const fixedDate = "{% macro strftime_now(format) %}1 January 2026{% endmacro %}";

/**
 * Prepares a model's chat template. `bos` is the token to put first where the template does not write it itself.
 * Throws EngineError `model-unsupported` when there is no template or it does not parse; the prompt function throws
 * `bad-request` when the template refuses the messages.
 */
export function createChatPrompt(
  source: string | undefined,
  vocabulary: GgufVocabulary,
  tokenize: Tokenize,
  bos: number | undefined,
): ChatPrompt {
  if (source === undefined) throw new EngineError("model-unsupported", "The model has no chat template.");
  const template = compile(source);
  const controls = controlTexts(vocabulary, source);
  return (prompt) => {
    const input = templateInput(prompt, source);
    const fence = createFence(controls, [source, ...textsOf(input)]);
    const rendered = render(template, guardAll(fence, input) as TemplateInput, vocabulary);
    // Without a fence the whole text goes to the tokenizer at once, which is how the model's authors tokenize it.
    const ids = fence.used
      ? fence.split(rendered).flatMap(({ text, control }) => tokenize(text, control))
      : tokenize(rendered, true);
    return bos === undefined || ids[0] === bos ? ids : [bos, ...ids];
  };
}

function compile(source: string): Template {
  try {
    return new Template(fixedDate + source);
  } catch (cause) {
    throw new EngineError("model-unsupported", "The model's chat template cannot be read.", { cause });
  }
}

/** Guards every text within a value, names of fields included: they come from the same stranger. */
function guardAll(fence: Fence, value: unknown): unknown {
  if (typeof value === "string") return fence.guard(value);
  if (Array.isArray(value)) return value.map((item) => guardAll(fence, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [fence.guard(name), guardAll(fence, field)]));
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [name, ...textsOf(field)]);
}

function render(template: Template, { messages, tools }: TemplateInput, { bos, eos }: GgufVocabulary): string {
  const given = tools === undefined ? { messages } : { messages, tools };
  try {
    return template.render({ ...given, add_generation_prompt: true, bos_token: bos, eos_token: eos });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError("bad-request", `The model's chat template refuses these messages: ${reason}`, { cause });
  }
}

/** Texts that steer the model: control tokens, and tokens of the user-defined type that its template writes. */
function controlTexts({ tokens, types }: GgufVocabulary, template: string): string[] {
  return tokens.filter((token, id) => {
    const type = types[id];
    if (type === tokenTypes.control || type === tokenTypes.unknown) return true;
    return type === tokenTypes.userDefined && /\S\S\S/u.test(token) && template.includes(token);
  });
}
