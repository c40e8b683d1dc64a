import type { Static } from "typebox";
import type { ApiError } from "../../errors.ts";
import type { Outcome } from "../inference/choices.ts";
import type { Face } from "../inference/face.ts";
import type { Delta } from "../inference/reader.ts";
import { brokenStream, lodeOf, usageOf, type AnswerOptions } from "./chat-answer.ts";
import { completionLogprobs } from "./logprobs.ts";
import type { Completion } from "./schemas.ts";

/** The shapes of OpenAI's text completions: a stream's pieces look like whole answers. */
export class CompletionAnswer implements Face {
  readonly #options: AnswerOptions;
  /** Characters of each choice's tokens so far. */
  readonly #offsets: number[] = [];

  constructor(options: AnswerOptions) {
    this.#options = options;
  }

  /** A comment: the headers go out, and there is nothing to say yet. */
  begin(): string {
    return ": started\n\n";
  }

  delta(choice: number, { content = "", logprobs = [] }: Delta): string {
    if (content === "" && logprobs.length === 0) return "";
    if (logprobs.length === 0) return this.#event([choiceOf(choice, content, null)]);
    const offset = this.#offsets[choice] ?? 0;
    const told = completionLogprobs(logprobs, offset);
    this.#offsets[choice] = told.tokens.reduce((sum, { length }) => sum + length, offset);
    return this.#event([choiceOf(choice, content, null, told)]);
  }

  end(outcome: Outcome): string {
    const last = outcome.choices.length - 1;
    const finishes = outcome.choices.map(({ finish }, index) =>
      this.#event([choiceOf(index, "", finish)], index === last ? { lode: lodeOf(outcome) } : {}),
    );
    const usage = this.#options.includeUsage ? this.#event([], { usage: usageOf(outcome) }) : "";
    return `${finishes.join("")}${usage}data: [DONE]\n\n`;
  }

  broken(problem: ApiError): string {
    return brokenStream(problem);
  }

  whole(outcome: Outcome): Static<typeof Completion> {
    return {
      ...this.#head,
      choices: outcome.choices.map(({ content, finish, logprobs }, index) =>
        choiceOf(index, content, finish, logprobs === undefined ? null : completionLogprobs(logprobs, 0)),
      ),
      usage: usageOf(outcome),
      lode: lodeOf(outcome),
    };
  }

  get #head(): { id: string; object: "text_completion"; created: number; model: string; system_fingerprint: null } {
    const { id, created, model } = this.#options;
    return { id, object: "text_completion", created, model, system_fingerprint: null };
  }

  #event(choices: readonly object[], more: object = {}): string {
    const usage = this.#options.includeUsage ? { usage: null } : {};
    return `data: ${JSON.stringify({ ...this.#head, choices, ...usage, ...more })}\n\n`;
  }
}

function choiceOf(
  index: number,
  text: string,
  finish: "stop" | "length" | null,
  logprobs: Static<typeof Completion>["choices"][number]["logprobs"] = null,
): Static<typeof Completion>["choices"][number] {
  return { index, text, logprobs, finish_reason: finish };
}
