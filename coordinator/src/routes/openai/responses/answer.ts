import type { ApiError } from "../../../errors.ts";
import type { Outcome } from "../../inference/choices.ts";
import type { Face } from "../../inference/face.ts";
import type { Delta } from "../../inference/reader.ts";
import { lodeOf } from "../chat-answer.ts";
import type { ResponsesRequest } from "./request.ts";
import { alwaysTheSame, type CallItem, type MessageItem, type OutputItem, type ResponseBody } from "./schemas.ts";

type Part = MessageItem["content"][number];

/** The one message of a response, and its text. */
interface Said {
  readonly item: MessageItem;
  readonly part: Part;
  readonly at: { readonly item_id: string; readonly output_index: number; readonly content_index: 0 };
}

/** A call of a response. */
interface Called {
  readonly item: CallItem;
  readonly at: { readonly item_id: string; readonly output_index: number };
}

/** The shapes of OpenAI's responses. One instance dresses one answer, because a stream's events and items are numbered. */
export class ResponseAnswer implements Face {
  readonly #id: string;
  readonly #created: number;
  readonly #body: ResponsesRequest;
  /** By their `output_index`. */
  readonly #items: (Said | Called)[] = [];
  #said: Said | undefined;
  readonly #calls: Called[] = [];
  #sequence = 0;

  /** @param created unix seconds */
  constructor(id: string, created: number, body: ResponsesRequest) {
    this.#id = id;
    this.#created = created;
    this.#body = body;
  }

  begin(): string {
    const response = this.#response("in_progress");
    return this.#event("response.created", { response }) + this.#event("response.in_progress", { response });
  }

  delta(_choice: number, { content = "", call }: Delta): string {
    if (call !== undefined) return this.#onCall(call);
    return content === "" ? "" : this.#onText(content);
  }

  end(outcome: Outcome): string {
    const status = statusOf(outcome);
    const empty = this.#items.length === 0 ? this.#begunMessage().events : "";
    const done = this.#items.map((growing) => this.#done(growing, status)).join("");
    return empty + done + this.#event(`response.${status}`, { response: this.#final(outcome) });
  }

  broken({ problem }: ApiError): string {
    const { code, message, param, type } = problem;
    const said = this.#event("error", { code, message, param, error: { type, code, message, param } });
    for (const { item } of this.#items) item.status = "incomplete";
    const response = { ...this.#response("failed"), error: { code, message } };
    return said + this.#event("response.failed", { response });
  }

  /** For an instance that has dressed nothing yet. */
  whole(outcome: Outcome): ResponseBody {
    for (const { content, calls } of outcome.choices) {
      this.delta(0, { content });
      calls.forEach((call, index) => this.delta(0, { call: { index, ...call } }));
    }
    if (this.#items.length === 0) this.#begunMessage();
    for (const { item } of this.#items) item.status = statusOf(outcome);
    return this.#final(outcome);
  }

  #onText(text: string): string {
    const begun = this.#said === undefined ? this.#begunMessage() : { said: this.#said, events: "" };
    const { part, at } = begun.said;
    part.text += text;
    return begun.events + this.#event("response.output_text.delta", { ...at, delta: text, logprobs: [] });
  }

  #onCall({ index, id = "", name = "", arguments: more = "" }: NonNullable<Delta["call"]>): string {
    const known = this.#calls[index];
    const begun = known === undefined ? this.#begunCall(index, id, name) : { called: known, events: "" };
    if (more === "") return begun.events;
    const { item, at } = begun.called;
    item.arguments += more;
    return begun.events + this.#event("response.function_call_arguments.delta", { ...at, delta: more });
  }

  #begunMessage(): { said: Said; events: string } {
    const id = `msg_${this.#unique}`;
    const item: MessageItem = { id, type: "message", status: "in_progress", role: "assistant", content: [] };
    const part: Part = { type: "output_text", text: "", annotations: [], logprobs: [] };
    const said: Said = { item, part, at: { item_id: id, output_index: this.#items.length, content_index: 0 } };
    const added = this.#event("response.output_item.added", { output_index: said.at.output_index, item });
    const events = added + this.#event("response.content_part.added", { ...said.at, part });
    item.content.push(part);
    this.#items.push(said);
    this.#said = said;
    return { said, events };
  }

  #begunCall(index: number, callId: string, name: string): { called: Called; events: string } {
    const id = `fc_${this.#unique}${index}`;
    const status = "in_progress";
    const item: CallItem = { id, type: "function_call", status, call_id: callId, name, arguments: "" };
    const called: Called = { item, at: { item_id: id, output_index: this.#items.length } };
    const events = this.#event("response.output_item.added", { output_index: called.at.output_index, item });
    this.#items.push(called);
    this.#calls[index] = called;
    return { called, events };
  }

  #done(growing: Said | Called, status: "completed" | "incomplete"): string {
    const { item, at } = growing;
    item.status = status;
    const whole =
      "part" in growing
        ? this.#event("response.output_text.done", { ...at, text: growing.part.text, logprobs: [] }) +
          this.#event("response.content_part.done", { ...at, part: growing.part })
        : this.#event("response.function_call_arguments.done", {
            ...at,
            name: growing.item.name,
            arguments: growing.item.arguments,
          });
    return whole + this.#event("response.output_item.done", { output_index: at.output_index, item });
  }

  #event(type: string, fields: object): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#sequence++, ...fields })}\n\n`;
  }

  /** The part of the response's id that its items share. */
  get #unique(): string {
    return this.#id.slice(this.#id.indexOf("_") + 1);
  }

  #final(outcome: Outcome): ResponseBody {
    const status = statusOf(outcome);
    const { inputTokens, outputTokens } = outcome;
    return {
      ...this.#response(status),
      incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
      usage: {
        input_tokens: inputTokens,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: outputTokens,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: inputTokens + outputTokens,
      },
      lode: lodeOf(outcome),
    };
  }

  #response(status: ResponseBody["status"]): ResponseBody {
    const body = this.#body;
    return {
      id: this.#id,
      object: "response",
      created_at: this.#created,
      status,
      ...alwaysTheSame,
      error: null,
      incomplete_details: null,
      instructions: body.instructions ?? null,
      max_output_tokens: body.max_output_tokens ?? null,
      model: body.model,
      output: this.#items.map(({ item }): OutputItem => item),
      parallel_tool_calls: body.parallel_tool_calls ?? true,
      previous_response_id: body.previous_response_id ?? null,
      store: body.store ?? false,
      temperature: body.temperature ?? 1,
      text: { format: body.text?.format ?? { type: "text" } },
      tool_choice: body.tool_choice ?? "auto",
      tools: body.tools ?? [],
      top_p: body.top_p ?? 1,
      truncation: "disabled",
      usage: null,
      user: body.user ?? null,
      metadata: body.metadata ?? {},
    };
  }
}

function statusOf({ choices: [choice] }: Outcome): "completed" | "incomplete" {
  return choice?.finish === "length" ? "incomplete" : "completed";
}
