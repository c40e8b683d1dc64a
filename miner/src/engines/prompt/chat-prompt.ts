import type { Conversation } from "../engine.ts";
import { tokenTypes, type GgufVocabulary } from "../gguf/vocabulary.ts";
import { createFence, type Fence } from "./fence.ts";
import type { RenderTemplate } from "./template/renderer.ts";
import { templateInput } from "./tools.ts";

/** Tokenizes text, with or without taking the texts of control tokens for the tokens. */
export type Tokenize = (text: string, parseControls: boolean) => number[];

/** Turns messages and tools into prompt tokens by the model's own chat template. */
export type ChatPrompt = (prompt: Conversation) => Promise<number[]>;

/** A model's chat template. */
export interface ChatTemplate {
  source: string;
  /** Renders it; see `template/renderer.ts`. */
  render: RenderTemplate;
}

/**
 * Prepares a model's chat template. `bos` is the token to put first where the template does not write it itself. The
 * prompt function throws EngineError `bad-request` when the template refuses the messages.
 */
export function createChatPrompt(
  { source, render }: ChatTemplate,
  vocabulary: GgufVocabulary,
  tokenize: Tokenize,
  bos: number | undefined,
): ChatPrompt {
  const controls = controlTexts(vocabulary, source);
  const marks = { add_generation_prompt: true, bos_token: vocabulary.bos, eos_token: vocabulary.eos };
  return async (prompt) => {
    const input = templateInput(prompt, source);
    const fence = createFence(controls, [source, ...textsOf(input)]);
    const { messages, tools } = guardAll(fence, input) as typeof input;
    // A template asks whether there are tools, and undefined would be a name that is there.
    const rendered = await render({ messages, ...(tools !== undefined && { tools }), ...marks });
    // Without a fence the whole text goes to the tokenizer at once, which is how the model's authors tokenize it.
    const ids = fence.used
      ? fence.split(rendered).flatMap(({ text, control }) => tokenize(text, control))
      : tokenize(rendered, true);
    return bos === undefined || ids[0] === bos ? ids : [bos, ...ids];
  };
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

/** Texts that steer the model: control tokens, and tokens of the user-defined type that its template writes. */
function controlTexts({ tokens, types }: GgufVocabulary, template: string): string[] {
  return tokens.filter((token, id) => {
    const type = types[id];
    if (type === tokenTypes.control || type === tokenTypes.unknown) return true;
    return type === tokenTypes.userDefined && /\S\S\S/u.test(token) && template.includes(token);
  });
}
